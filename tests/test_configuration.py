"""The configuration: what is valid is understood, what is wrong is said so that it can be repaired."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from snakemake.utils import update_config

from regularization import configuration_checks, plan
from regularization.configuration import Configuration, ConfigurationError, load, validated
from regularization.configuration_schema import schema
from regularization.methods import method_class, method_names
from regularization.settings import SETTING_OF, FashionMLPSetting, LinearRegressionSetting

ROOT = Path(__file__).parents[1]
PRESETS = sorted((ROOT / "workflow" / "presets").glob("*.yaml"))

SMALL = yaml.safe_load("""
results: results
device: auto
experiments: [weight_decay, dropout]
fashion_mnist: {folder: null}
execution:
  weight_decay: {dtype: float64, seed_block: 200, cohort_by: [method, n_train, seed_block]}
  dropout: {dtype: float32, seed_block: 4, cohort_by: [setting, method, lam, p, seed_block]}
settings:
  weight_decay: {textbook: {}, zero_init: {init_std: 0}}
  dropout: {textbook: {}, samples_500: {n_train: 500, images: blocks, batch_size: 64}, one_layer: {hidden: [256]}}
study:
  - experiment: weight_decay
    settings: [textbook, zero_init]
    methods: [none, l2_penalty]
    lam: [0, 3]
    seeds: 200
    predictions: true
  - {experiment: dropout, settings: [textbook], methods: [none, dropout], p: [0.5, [0.2, 0.5]], seeds: 5}
gates:
  - {experiment: dropout, settings: [samples_500], method: none, metric: train_accuracy, at_least: 0.99}
""")


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """SMALL with one value replaced (or added)."""
    config = copy.deepcopy(SMALL)
    below = config
    for part in path[:-1]:
        below = below[part]
    below[path[-1]] = to
    return config


def without(*path: str | int) -> dict[str, Any]:
    """SMALL with one key taken out."""
    config = copy.deepcopy(SMALL)
    below = config
    for part in path[:-1]:
        below = below[part]
    del below[path[-1]]
    return config


def complaints(config: Any) -> list[str]:
    """The lines of the error message, without its heading."""
    with pytest.raises(ConfigurationError) as error:
        validated(config)
    return [line.strip() for line in str(error.value).splitlines()[1:]]


# --- what is valid ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", [None, *PRESETS], ids=lambda preset: preset.stem if preset else "standard")
def test_the_shipped_configurations_are_valid_and_survive_json(preset: Path | None) -> None:
    configuration = validated(load([ROOT / "config.yaml", *([preset] if preset else [])]), check_machine=False)
    assert Configuration.from_json(configuration.as_json()) == configuration
    assert validated(json.loads(configuration.as_json()), check_machine=False) == configuration


def test_defaults_are_filled_in_and_numbers_have_their_fields_types() -> None:
    configuration = validated(SMALL)
    assert configuration.settings["weight_decay"]["textbook"] == LinearRegressionSetting()
    assert configuration.settings["dropout"]["samples_500"] == FashionMLPSetting(
        n_train=500, images="blocks", batch_size=64
    )
    init_std = configuration.settings["weight_decay"]["zero_init"].init_std
    assert (init_std, type(init_std)) == (0.0, float)
    assert configuration.study[0].lam == (0.0, 3.0)
    assert configuration.study[1].p == ((0.5,), (0.2, 0.5))
    assert [entry.predictions for entry in configuration.study] == [True, False]


def test_only_what_belongs_to_the_chosen_experiments_is_studied() -> None:
    configuration = validated(changed("experiments", to=["weight_decay"]))
    assert [entry.experiment for entry in configuration.study] == ["weight_decay"]
    assert configuration.gates == ()
    assert set(configuration.settings) == {"weight_decay", "dropout"}


@pytest.mark.parametrize("experiment", SETTING_OF)
def test_schema_and_dataclasses_agree(experiment: str) -> None:
    """Same names; text fields list the same values; null exactly where None is a value; whole numbers where int."""
    properties = schema()["$defs"][configuration_checks.DEFINITION[experiment]]["properties"]
    hints = get_type_hints(SETTING_OF[experiment])
    assert set(properties) == {field.name for field in fields(SETTING_OF[experiment])}
    for name, part in properties.items():
        hint, kinds = hints[name], part.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if get_origin(hint) is Literal:
            assert tuple(part["enum"]) == get_args(hint), name
        elif get_origin(hint) is tuple:
            assert (kinds, part["items"]["type"]) == (["array"], "integer"), name
        else:
            members = get_args(hint) or (hint,)
            assert {int: "integer", float: "number", type(None): "null"}.keys() >= set(members), name
            assert {{int: "integer", float: "number", type(None): "null"}[member] for member in members} == set(
                kinds
            ), name


@pytest.mark.parametrize("experiment", SETTING_OF)
def test_the_chapters_values_are_valid_when_spelled_out(experiment: str) -> None:
    spelled_out = json.loads(validated(SMALL).as_json())["settings"][experiment]["textbook"]
    assert validated(changed("settings", experiment, "textbook", to=spelled_out)) == validated(SMALL)


def test_every_object_of_the_schema_refuses_unknown_keys() -> None:
    def objects(part: Any, where: str) -> list[str]:
        if isinstance(part, list):
            return [name for i, item in enumerate(part) for name in objects(item, f"{where}/{i}")]
        if not isinstance(part, dict):
            return []
        here = [where] if part.get("type") == "object" and "additionalProperties" not in part else []
        return here + [name for key, below in part.items() for name in objects(below, f"{where}/{key}")]

    assert objects(schema(), "") == []


@pytest.mark.parametrize("column", ["setting", "method", "n_train", "lam", "p", "seed_block"])
def test_every_cohort_column_tells_cohorts_apart(column: str) -> None:
    """The plan knows each column that the schema allows: no cohort mixes runs that differ in a column of its key."""
    assert column in schema()["$defs"]["execution"]["properties"]["cohort_by"]["items"]["enum"]
    config = changed("execution", "weight_decay", "cohort_by", to=list(dict.fromkeys(["method", "seed_block", column])))
    config["settings"]["weight_decay"]["more_samples"] = {"n_train": 40}
    config["study"][0] |= {"settings": ["textbook", "more_samples"], "methods": ["l2_penalty", "dropout"]}
    config["study"][0] |= {"p": [0.2, 0.5], "seeds": 300}
    configuration = validated(config)
    cohorts = [cohort for cohort in plan.cohorts(configuration) if cohort.experiment == "weight_decay"]
    for cohort in cohorts:
        runs = plan.runs([cohort])
        runs["n_train"] = [configuration.settings["weight_decay"][name].n_train for name in runs["setting"]]
        runs["seed_block"] = runs["seed"] // 200
        assert runs[column].nunique() == 1
    assert len(cohorts) > 1


# --- what is wrong ---------------------------------------------------------------------------------------------

WRONG: list[tuple[str, dict[str, Any], str, list[str]]] = [
    # what it is, the configuration, where the message points, what it says
    ("unknown key", changed("resluts", to="x"), "resluts", ['did you mean "results"?']),
    (
        "unknown parameter",
        changed("settings", "dropout", "textbook", to={"lr": 0.1}),
        "settings.dropout.textbook.lr",
        ['"lr" is not a key here', 'did you mean "learning_rate"?'],
    ),
    (
        "a network's parameter in a linear setting",
        changed("settings", "weight_decay", "textbook", to={"hidden": [256]}),
        "settings.weight_decay.textbook.hidden",
        ["n_features"],
    ),
    (
        "key that is a number",
        changed("settings", "dropout", 500, to={}),
        "settings.dropout.500",
        ["is not text to YAML"],
    ),
    ("setting with a space", changed("settings", "dropout", "a b", to={}), "settings.dropout.a b", ["letters, digits"]),
    (
        "setting left empty",
        changed("settings", "dropout", "x", to=None),
        "settings.dropout.x",
        ["nothing was given", "{}"],
    ),
    ("missing key", without("study", 0, "seeds"), "study[0].seeds", ["is missing", "a whole number ≥ 1"]),
    (
        "misspelt experiment",
        changed("study", 1, "experiment", to="droput"),
        "study[1].experiment",
        ['"dropout"?', "weight_decay"],
    ),
    (
        "misspelt method",
        changed("study", 0, "methods", 1, to="l2_penality"),
        "study[0].methods[1]",
        ['"l2_penality" is not a method', 'did you mean "l2_penalty"?', "norm_constraint"],
    ),
    (
        "misspelt setting",
        changed("study", 0, "settings", 0, to="textbok"),
        "study[0].settings[0]",
        ['did you mean "textbook"?'],
    ),
    ("capital letters", changed("study", 0, "methods", 0, to="None"), "study[0].methods[0]", ['did you mean "none"?']),
    (
        "method of the other experiment",
        changed("study", 1, "methods", 0, to="ridge"),
        "study[1].methods[0]",
        ["does not exist in the experiment dropout"],
    ),
    ("negative λ", changed("study", 0, "lam", 1, to=-0.1), "study[0].lam[1]", ["-0.1", "a number ≥ 0"]),
    (
        "1e-3",
        changed("study", 0, "lam", 1, to="1e-3"),
        "study[0].lam[1]",
        ['"1e-3" is text to YAML', "0.001 or 1.0e-3"],
    ),
    ("2.5E5", changed("study", 0, "lam", 1, to="2.5E5"), "study[0].lam[1]", ["250000 or 2.5e+5"]),
    ("quoted number", changed("study", 0, "lam", 1, to="3"), "study[0].lam[1]", ["3 without quotes"]),
    ("true as a number", changed("study", 0, "lam", 1, to=True), "study[0].lam[1]", ["true is a yes/no value"]),
    ("NaN", changed("study", 0, "lam", 1, to=float("nan")), "study[0].lam[1]", [".nan is not a finite number"]),
    ("infinity", changed("study", 0, "lam", 1, to=float("inf")), "study[0].lam[1]", [".inf is not a finite number"]),
    ("λ without brackets", changed("study", 0, "lam", to=3), "study[0].lam", ["3 is not a list: write [3]"]),
    ("empty grid", changed("study", 0, "lam", to=[]), "study[0].lam", ["is empty", "at least one"]),
    ("λ twice", changed("study", 0, "lam", to=[0, 3, 3.0]), "study[0].lam[2]", ["3.0 was given before, as item [1]"]),
    (
        "setting twice",
        changed("study", 0, "settings", to=["textbook", "textbook"]),
        "study[0].settings[1]",
        ["give each value once"],
    ),
    ("λ missing", without("study", 0, "lam"), "study[0].lam", ["is missing", "l2_penalty needs a list of λ"]),
    ("λ for nobody", changed("study", 0, "methods", to=["none"]), "study[0].lam", ["no method of this entry has a λ"]),
    ("p missing", without("study", 1, "p"), "study[1].p", ["dropout needs a list of p"]),
    ("p for nobody", changed("study", 0, "p", to=[0.5]), "study[0].p", ["no method of this entry has a p"]),
    ("p above 1", changed("study", 1, "p", 0, to=1.5), "study[1].p[0]", ["1.5", "from 0 to 1"]),
    (
        "p of one layer below 0",
        changed("study", 1, "p", 1, to=[-0.2, 0.5]),
        "study[1].p[1][0]",
        ["-0.2", "from 0 to 1"],
    ),
    (
        "one p too many",
        changed("study", 1, "p", 1, to=[0.2, 0.5, 0.5]),
        "study[1].p[1]",
        ["holds 3", '"textbook" has 2 hidden layers', "a list of 2"],
    ),
    ("one p too few", changed("study", 1, "p", 1, to=[0.2]), "study[1].p[1]", ["holds 1", "2 hidden layers"]),
    (
        "p twice, written differently",
        changed("study", 1, "p", 1, to=[0.5, 0.5]),
        "study[1].p[1]",
        ["the same as item [0]"],
    ),
    ("zero seeds", changed("study", 0, "seeds", to=0), "study[0].seeds", ["a whole number ≥ 1"]),
    ("half a seed", changed("study", 0, "seeds", to=2.5), "study[0].seeds", ["2.5 is not a whole number"]),
    ("seeds with a point", changed("study", 0, "seeds", to=200.0), "study[0].seeds", ["write 200"]),
    ("predictions in words", changed("study", 1, "predictions", to="oui"), "study[1].predictions", ["true or false"]),
    (
        "nothing λ could do",
        changed(
            "study",
            0,
            to={
                "experiment": "weight_decay",
                "settings": ["textbook"],
                "methods": ["early_stopping"],
                "lam": [0, 0.001],
                "seeds": 1,
            },
        ),
        "study[0].lam",
        ["leaves early_stopping nothing to do"],
    ),
    (
        "experiment without entries",
        changed("study", to=SMALL["study"][:1]),
        "experiments[1]",
        ['"dropout" has no entry in study'],
    ),
    (
        "batch beyond n_train",
        changed("settings", "weight_decay", "textbook", to={"batch_size": 21}),
        "settings.weight_decay.textbook.batch_size",
        ["21 is larger than n_train = 20 (the default)", "from 1 to 20"],
    ),
    (
        "default batch beyond n_train",
        changed("settings", "dropout", "textbook", to={"n_train": 100}),
        "settings.dropout.textbook.batch_size",
        ["256 (the default) is larger than n_train = 100"],
    ),
    (
        "more images than there are",
        changed("settings", "dropout", "textbook", to={"n_train": 60_001}),
        "settings.dropout.textbook.n_train",
        ["60001 is more than Fashion-MNIST has", "60000"],
    ),
    (
        "more images than blocks have",
        changed("settings", "dropout", "textbook", to={"n_train": 50_001, "images": "blocks"}),
        "settings.dropout.textbook.n_train",
        ["50001", "50000 with images: blocks"],
    ),
    (
        "blocks of the default size",
        changed("settings", "dropout", "textbook", to={"images": "blocks"}),
        "settings.dropout.textbook.n_train",
        ["60000 (the default)"],
    ),
    (
        "negative noise",
        changed("settings", "weight_decay", "textbook", to={"noise_std": -0.1}),
        "settings.weight_decay.textbook.noise_std",
        ["-0.1", "a number ≥ 0"],
    ),
    (
        "learning rate 0",
        changed("settings", "dropout", "textbook", to={"learning_rate": 0}),
        "settings.dropout.textbook.learning_rate",
        ["a number > 0"],
    ),
    (
        "unknown loss",
        changed("settings", "weight_decay", "textbook", to={"loss": "squared_eror"}),
        "settings.weight_decay.textbook.loss",
        ['did you mean "squared_error"?'],
    ),
    ("unknown device", changed("device", to="gpu"), "device", ['did you mean "cuda"?']),
    (
        "unknown cohort column",
        changed("execution", "dropout", "cohort_by", 2, to="lambda"),
        "execution.dropout.cohort_by[2]",
        ['did you mean "lam"?'],
    ),
    (
        "cohorts of several methods",
        changed("execution", "weight_decay", "cohort_by", to=["n_train", "seed_block"]),
        "execution.weight_decay.cohort_by",
        ["lacks method: a job trains one method"],
    ),
    ("results inside a file", changed("results", to=f"{__file__}/results"), "results", ["is a file"]),
    ("results over the project", changed("results", to="."), "results", ["a folder of their own"]),
    (
        "data folder that is not there",
        changed("fashion_mnist", "folder", to="/no/such/folder"),
        "fashion_mnist.folder",
        ["not a folder on this machine"],
    ),
    (
        "gate on an unknown setting",
        changed("gates", 0, "settings", 0, to="samples_50"),
        "gates[0].settings[0]",
        ['"samples_500"?'],
    ),
    ("gate on a metric without values", changed("gates", 0, "metric", to="risk"), "gates[0].metric", ["not measured"]),
    ("gate in per cent", changed("gates", 0, "at_least", to=99), "gates[0].at_least", ["0.99 means 99 %"]),
]


@pytest.mark.parametrize(("config", "where", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_mistake_is_named_once_with_what_is_allowed(config: dict[str, Any], where: str, says: list[str]) -> None:
    [complaint] = complaints(config)
    assert complaint.startswith(f"{where}: ")
    for text in says:
        assert text in complaint


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    config = changed("study", 0, "lam", 1, to=-1)
    config["device"] = "tpu"
    config["study"][1]["methods"][1] = "drop_out"
    config["study"][0]["seeds"] = 0
    config["extra"] = 1
    where = [complaint.split(":")[0] for complaint in complaints(config)]
    assert where == ["device", "study[0].lam[1]", "study[0].seeds", "study[1].methods[1]", "extra"]


@pytest.mark.parametrize("method", method_names())
def test_dropping_a_letter_of_a_method_suggests_the_method(method: str) -> None:
    entry = 0 if "weight_decay" in method_class(method).experiments else 1
    for i in range(len(method)):
        misspelt = method[:i] + method[i + 1 :]
        if misspelt not in method_names():
            config = changed("study", entry, "methods", 1, to=misspelt)
            assert any(f'did you mean "{method}"?' in complaint for complaint in complaints(config)), misspelt


def test_cuda_must_be_there_only_where_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    config = changed("device", to="cuda")
    monkeypatch.setattr(configuration_checks, "_cuda_is_there", lambda: False)
    assert complaints(config) == [
        'device: "cuda" is not there: PyTorch sees no CUDA device on this machine. Allowed here: auto, cpu.'
    ]
    assert validated(config, check_machine=False).device == "cuda"
    monkeypatch.setattr(configuration_checks, "_cuda_is_there", lambda: True)
    assert validated(config).device == "cuda"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_results_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    [complaint] = complaints(changed("results", to=str(tmp_path / "a" / "b")))
    assert complaint.startswith("results: ")
    assert str(tmp_path) in complaint


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of every value in SMALL."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if path else []) + [found for key, item in below for found in paths(item, (*path, key))]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1e-3", "none", "p"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), below, max_size=3),
    max_leaves=6,
)


@given(path=st.sampled_from(paths(SMALL)), value=anything)
@settings(deadline=None, max_examples=200)
def test_whatever_is_written_is_accepted_or_explained(path: tuple[str | int, ...], value: Any) -> None:
    """No value anywhere makes the checks themselves fail, and what is accepted can be stored and read again."""
    try:
        configuration = validated(changed(*path, to=value))
    except ConfigurationError:
        return
    assert Configuration.from_json(configuration.as_json()) == configuration


# --- files -----------------------------------------------------------------------------------------------------

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
def test_files_are_merged_as_snakemake_merges_them(
    tmp_path_factory: pytest.TempPathFactory, base: dict[str, Any], over: dict[str, Any], last: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    (folder / "base.yaml").write_text(yaml.safe_dump(base))
    (folder / "over.yaml").write_text(yaml.safe_dump(over))
    expected = copy.deepcopy(base)
    update_config(expected, copy.deepcopy(over))
    update_config(expected, copy.deepcopy(last))
    assert load([folder / "base.yaml", folder / "over.yaml"], last) == expected


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 4: not valid YAML: the key 'c' is given twice"),
        ("a: 1\n\tb: 2\n", "line 2: not valid YAML"),
        ("- a\n", "must hold keys and values"),
        (None, "there is no configuration file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None, says: str) -> None:
    file = tmp_path / "study.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"study\.yaml") as error:
        load([file])
    assert says in str(error.value)


def test_reading_the_configuration_needs_neither_torch_nor_pandas() -> None:
    program = (
        "import sys; from regularization.configuration import load, validated; validated(load(['config.yaml']));"
        "print([name for name in ('torch', 'pandas', 'scipy') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
