"""The configuration: what is valid is understood, what is wrong is said so that it can be repaired."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from snakemake.utils import update_config

import shared
from regularization.methods import method_class, method_names
from regularization.settings import SETTING_OF, FashionMLPSetting, LinearRegressionSetting
from regularization.study import plan, reference
from regularization.study.checking import limits
from regularization.study.checking.problems import schema
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.study.reading import load, validated
from studies import ROOT

CASES = shared.cases(__file__)

STANDARD = ROOT / "config.yaml"
SHIPPED = [[STANDARD], *([STANDARD, preset] for preset in sorted(ROOT.glob("workflow/presets/*.yaml")))]

SMALL = load([ROOT / "tests" / "bad_inputs" / "base.yaml"])


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """SMALL with one value replaced (or added)."""
    config = copy.deepcopy(SMALL)
    below = config
    for part in path[:-1]:
        below = below[part]
    below[path[-1]] = to
    return config


def complaints(config: Any) -> list[str]:
    """The lines of the error message, without its heading."""
    with pytest.raises(ConfigurationError) as error:
        validated(config)
    return [line.strip() for line in str(error.value).splitlines()[1:]]


@pytest.mark.parametrize("files", SHIPPED, ids=lambda files: files[-1].stem)
def test_the_shipped_configurations_are_valid_to_the_schema_too_and_survive_json(files: list[Path]) -> None:
    assert refused(load(files)) == set()
    configuration = validated(load(files), check_machine=False)
    assert Configuration.from_json(configuration.as_json()) == configuration
    assert validated(json.loads(configuration.as_json()), check_machine=False) == configuration


def test_defaults_are_filled_in_numbers_have_their_types_and_only_the_chosen_experiments_are_studied() -> None:
    configuration = validated(SMALL)
    assert configuration.settings["linear_regression"]["textbook"] == LinearRegressionSetting()
    assert configuration.settings["fashion_mnist"]["samples_500"] == FashionMLPSetting(
        n_train=500, images="blocks", batch_size=64
    )
    init_std = configuration.settings["linear_regression"]["zero_init"].init_std
    assert (init_std, type(init_std)) == (0.0, float)
    assert configuration.study[0].lam == (0.0, 3.0)
    assert configuration.study[1].p == ((0.5,), (0.2, 0.5))
    assert [entry.predictions for entry in configuration.study] == [True, False]
    entry = schema()["$defs"]["Entry"]["properties"]
    defaults = {key: part["default"] for key, part in entry.items() if "default" in part and part["default"] != []}
    assert set(defaults) == {"optimal_lam", "data_seeds", "predictions", "account", "probes"}
    assert validated(changed("study", 1, to={**defaults, **SMALL["study"][1]})) == validated(SMALL)
    configuration = validated(changed("experiments", to=["linear_regression"]))
    assert [entry.experiment for entry in configuration.study] == ["linear_regression"]
    assert configuration.gates == ()
    assert set(configuration.settings) == {"linear_regression", "fashion_mnist"}


@pytest.mark.parametrize("experiment", SETTING_OF)
def test_the_chapters_values_are_valid_when_spelled_out(experiment: str) -> None:
    spelled_out = json.loads(validated(SMALL).as_json())["settings"][experiment]["textbook"]
    assert validated(changed("settings", experiment, "textbook", to=spelled_out)) == validated(SMALL)


whole = st.integers(min_value=0, max_value=5)


@given(lam=st.lists(whole, min_size=1, max_size=4, unique=True), noise_std=whole, p=st.integers(0, 1))
@settings(deadline=None)
def test_what_identifies_a_cohort_does_not_depend_on_how_numbers_are_written(lam, noise_std, p):
    """1 and 1.0, and a configuration and its JSON, are the same study: nothing is trained anew."""

    def identities(configuration: Configuration) -> list[tuple[str, str]]:
        return [(cohort.name, cohort.digest(configuration)) for cohort in plan.cohorts(configuration)]

    def study(kind: type) -> Configuration:
        config = changed("study", 0, "lam", to=[kind(value) for value in lam])
        config["settings"]["linear_regression"]["textbook"] = {"noise_std": kind(noise_std)}
        config["study"][1]["p"] = [kind(p)]
        return validated(config)

    assert study(int).as_json() == study(float).as_json()
    assert identities(study(int)) == identities(study(float))
    assert identities(Configuration.from_json(study(int).as_json())) == identities(study(int))


def test_schema_and_reference_are_written_from_the_records_and_every_key_is_explained() -> None:
    for path, text in reference.files().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, "python -m regularization.study.reference writes it"

    def unexplained(part: Any, where: str) -> list[str]:
        if not isinstance(part, dict):
            return []
        here = [
            f"{where}.{key}"
            for key, below in part.get("properties", {}).items()
            if key not in SETTING_OF and "description" not in below and "$ref" not in below
        ]
        return here + [name for key, below in part.items() for name in unexplained(below, f"{where}.{key}")]

    assert unexplained(SCHEMA.schema, "") == []


SCHEMA = jsonschema.Draft202012Validator(yaml.safe_load(reference.files()[Path("workflow/schemas/config.schema.yaml")]))


def refused(config: Any) -> set[str]:
    """The keys that the JSON schema refuses, a missing or unknown one as the object that lacks or has it."""
    return {error.json_path for error in SCHEMA.iter_errors(config)}


@pytest.mark.parametrize(
    ("path", "to"), CASES["an_editor_that_knows_the_schema_refuses_what_the_study_refuses"], ids=str
)
def test_an_editor_that_knows_the_schema_refuses_what_the_study_refuses(path: tuple[str | int, ...], to: Any) -> None:
    config = changed(*path, to=to)
    [place] = refused(config)
    assert len(complaints(config)) == 1
    assert place in "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


@pytest.mark.parametrize("column", schema()["$defs"]["Execution"]["properties"]["cohort_by"]["items"]["enum"])
def test_every_cohort_column_tells_cohorts_apart(column: str) -> None:
    """The plan knows each column that may be given: no cohort mixes runs that differ in a column of its key."""
    config = changed(
        "execution", "linear_regression", "cohort_by", to=list(dict.fromkeys(["method", "seed_block", column]))
    )
    config["settings"]["linear_regression"]["more_samples"] = {"n_train": 40}
    config["study"][0] |= {"settings": ["textbook", "more_samples"], "methods": ["l2_penalty", "dropout"]}
    config["study"][0] |= {"p": [0.2, 0.5], "seeds": 300}
    configuration = validated(config)
    cohorts = [cohort for cohort in plan.cohorts(configuration) if cohort.experiment == "linear_regression"]
    for cohort in cohorts:
        runs = plan.runs([cohort])
        runs["n_train"] = [configuration.settings["linear_regression"][name].n_train for name in runs["setting"]]
        runs["seed_block"] = runs["seed"] // 200
        assert runs[column].nunique() == 1
    assert len(cohorts) > 1


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file_and_hide_no_other() -> None:
    config = changed("study", 0, "lam", 1, to=-1)
    config["device"] = "tpu"
    config["study"][1]["methods"][1] = "drop_out"
    config["study"][0]["seeds"] = 0
    config["extra"] = 1
    where = [complaint.split(":")[0] for complaint in complaints(config)]
    assert where == ["device", "study[0].lam[1]", "study[0].seeds", "study[1].methods[1]", "extra"]
    # What is of the wrong type is reported once; the rules between keys go on with the rest.
    config = changed("study", 0, to={**SMALL["study"][0], "lam": [0, "1e-3", 0, -1], "methods": [True, "l2", "ridge"]})
    config["study"][1] |= {"settings": ["textbook", "textbok"], "p": [[0.5, "x"], [0.5, 0.5], 0.5], "optimal_lam": True}
    config["settings"]["linear_regression"]["zero_init"] |= {"init_std": -1, "batch_size": 50}
    assert [complaint.split(": ")[0] for complaint in complaints(config)] == [
        "settings.linear_regression.zero_init.init_std",
        "settings.linear_regression.zero_init.batch_size",
        *("study[0].methods[0]", "study[0].methods[1]"),
        *("study[0].lam[1]", "study[0].lam[2]", "study[0].lam[3]"),
        *("study[1].settings[1]", "study[1].p[0][1]", "study[1].p[2]", "study[1].optimal_lam"),
    ]


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("study", 0, "lam"), [0, 1, True]),  # true is not 1
        (("study", 0, "lam"), [0, 10**400]),
        (("study", 0, "seeds"), 10**400),
        (("study", 0, "lam"), {0, 1}),
        (("study", 0, "settings"), {"textbook", "zero_init"}),
        (("results",), b"results"),
        (("results",), "\ud800"),
        (("settings", "fashion_mnist", "\ud800"), {}),
        (("settings", "fashion_mnist", "textbook", "\ud800"), 1),
        (("settings", "fashion_mnist", None), {}),
        (("study", 1, "predictions"), 0),
    ],
    ids=lambda value: "a set" if isinstance(value, set) else str(value),
)
def test_what_yaml_can_write_and_no_key_takes_is_refused_once(path: tuple[Any, ...], to: Any) -> None:
    [complaint] = complaints(changed(*path, to=to))
    assert complaint.isprintable()


@pytest.mark.parametrize("method", method_names())
def test_dropping_a_letter_of_a_method_suggests_the_method(method: str) -> None:
    """Or another that is as near: l_penalty is one letter short of two."""

    def shorter(name: str) -> set[str]:
        return {name[:i] + name[i + 1 :] for i in range(len(name))}

    entry = 0 if "linear_regression" in method_class(method).experiments else 1
    for misspelt in shorter(method) - set(method_names()):
        said = complaints(changed("study", entry, "methods", 1, to=misspelt))
        near = [name for name in method_names() if misspelt in shorter(name)]
        assert any(f'did you mean "{name}"?' in complaint for name in near for complaint in said), misspelt


def test_cuda_must_be_there_only_where_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    config = changed("device", to="cuda")
    monkeypatch.setattr(limits, "n_cuda_devices", lambda: 0)
    assert complaints(config) == [
        'device: "cuda" is not there: PyTorch sees no CUDA device on this machine. Allowed here: auto, cpu.'
    ]
    assert validated(config, check_machine=False).device == "cuda"
    monkeypatch.setattr(limits, "n_cuda_devices", lambda: 1)
    assert validated(config).device == "cuda"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_results_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    [complaint] = complaints(changed("results", to=str(tmp_path / "a" / "b")))
    assert complaint.startswith("results: ")
    assert str(tmp_path) in complaint


nested: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.integers() | st.lists(st.integers(), max_size=2),
        lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    ),
    max_size=3,
)


@given(base=nested, over=nested, last=nested)
@settings(deadline=None)
def test_files_are_merged_as_snakemake_merges_them(tmp_path_factory, base, over, last):
    folder = tmp_path_factory.mktemp("merge")
    (folder / "base.yaml").write_text(yaml.safe_dump(base))
    (folder / "over.yaml").write_text(yaml.safe_dump(over))
    expected = copy.deepcopy(base)
    update_config(expected, copy.deepcopy(over))
    update_config(expected, copy.deepcopy(last))
    assert load([folder / "base.yaml", folder / "over.yaml"], last) == expected


def test_reading_the_configuration_needs_neither_torch_nor_pandas() -> None:
    program = (
        "import sys; from regularization.study.reading import load, validated; validated(load(['config.yaml']));"
        "print([name for name in ('torch', 'pandas', 'scipy') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
