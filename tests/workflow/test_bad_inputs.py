"""A few wrong inputs of each kind (all: bad_inputs) as a user meets them, through make, run_study.py and snakemake."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml

import shared
from conftest import MINI, Project, copy_of_the_project
from damages import cut_to, needs_the_package, own_copy, published_files
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def text_of(given: str | dict) -> str:
    """A configuration: as it is given, or the small study with some keys, or some of its first entry, changed."""
    if isinstance(given, str):
        return given
    first = {**MINI["study"][0], **given.pop("first_entry", {})}
    return yaml.safe_dump({**MINI, "study": [first, MINI["study"][1]], **given})


WRONG = {kind: (text_of(given), says) for kind, (given, says) in shared.cases(__file__).items()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with its Makefile and a complete environment; cases change nothing but its mini.yaml."""
    made = copy_of_the_project(tmp_path_factory.mktemp("wrong") / "project")
    for name in ("Makefile", "requirements.txt", "requirements.lock"):
        shutil.copy(ROOT / name, made.folder)
    (made.folder / ".venv").symlink_to(sys.prefix)
    (made.folder / "results").mkdir()
    (made.folder / "results" / "report.html").write_text("the last report")
    return made


def untouched(project: Project) -> bool:
    """Whether nothing was trained, written or executed."""
    there = [path.name for path in (project.folder / "results").rglob("*")]
    jobs = list(project.folder.glob(".snakemake/metadata/*"))
    return there == ["report.html"] and not jobs and not (project.folder / "executed").exists()


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_run_study_says_what_is_wrong_in_two_lines_and_starts_nothing(project: Project, text: str, says: str) -> None:
    (project.folder / "mini.yaml").write_text(text)
    done = project.run_study()
    assert done.returncode not in (0, -9)
    assert says in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert "Traceback" not in done.stdout + done.stderr
    assert untouched(project)


@pytest.mark.parametrize("kind", ["a key given twice", "a negative λ"])
def test_snakemake_says_it_too_and_starts_nothing(project: Project, kind: str) -> None:
    text, says = WRONG[kind]
    (project.folder / "mini.yaml").write_text(text)
    done = project.snakemake(check=False)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    # YAML that cannot be read is refused by Snakemake itself.
    assert says in said or "Config file is not valid JSON or YAML" in said
    assert "Traceback" not in said
    assert untouched(project)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--preset", "no.yaml"], "argument --preset: there is no file 'no.yaml'"),
        (["--preset", "results"], "there is no file 'results', it is a folder"),
        (["--cores", "none"], "'none' is not a number of cores. Allowed: a whole number ≥ 1, or all"),
        (["--core", "2"], "unrecognized arguments: --core"),
        ([], "SOURCE_DATE_EPOCH: 1700000000000 is no date of the report. Allowed: whole seconds since 1970"),
        (["--profile", "slrum"], '--profile: "slrum" is not a profile; did you mean "slurm"? Allowed: default, slurm'),
    ],
)
def test_options_that_are_wrong_start_nothing(project: Project, arguments: list[str], says: str) -> None:
    done = project.run(sys.executable, "scripts/run_study.py", *arguments, SOURCE_DATE_EPOCH="1700000000000")
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    assert says in line
    assert untouched(project)


@needs_the_package
def test_a_damaged_file_of_the_named_folder_stops_the_study_before_it_starts(project: Project, tmp_path: Path) -> None:
    images = own_copy(published_files(tmp_path) / "train-images-idx3-ubyte.gz")
    cut_to(images, 0.5)
    project.configure({**MINI, "fashion_mnist": {"folder": str(tmp_path)}})
    done = project.run_study()
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    assert f"fashion_mnist.folder: {images} is truncated" in line
    assert untouched(project)


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("arguments", "says"), [(["CORES=many"], "'many' is not a number"), ([], '"gpus"')])
def test_make_ends_with_the_same_lines_and_its_own(project: Project, arguments: list[str], says: str) -> None:
    config = project.folder / "config.yaml"
    whole = config.read_text()
    config.write_text(whole.replace("device: auto", "device: gpus"))
    done = project.run("make", *arguments)
    config.write_text(whole)
    assert done.returncode != 0
    lines = done.stderr.splitlines()
    assert lines[-1].startswith("make: *** ")
    assert len(lines) <= 3
    assert says in "".join(lines)
    assert "Traceback" not in done.stdout + done.stderr
    assert untouched(project)
