"""What `make` does after its set-up: it runs the workflow and says what came of it, with and without the data."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from conftest import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # nobody listens there


def test_a_complete_study_says_that_there_is_nothing_to_do_and_where_the_report_is(finished: Project) -> None:
    done = finished.run_study()
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-3:]
    assert last[0].startswith("Nothing to do: the study is complete")
    assert [line.strip() for line in last[1:]] == ["results/report.html", "results/report.pdf"]


def test_a_wrong_configuration_does_not_pass_for_missing_data(project: Project) -> None:
    shutil.rmtree(project.folder / "results" / "data")
    project.configure({"device": "tpu"})
    done = project.run_study()
    assert done.returncode != 0
    assert "device: " in done.stdout + done.stderr
    assert "linear experiment alone" not in done.stdout


def test_without_the_data_the_linear_experiment_is_reported_and_the_rest_follows_later(project: Project) -> None:
    for folder in ("data", "cohorts/fashion_mnist", "aggregated", "tables", "figures"):
        shutil.rmtree(project.folder / "results" / folder)
    for name in ("report.html", "report.pdf", "gates.passed"):
        (project.folder / "results" / name).unlink()
    installed = 'PACKAGE_FOLDER = Path("/usr/share/datasets/fashion-mnist")'
    project.edit("scripts/regularization/system/fetching.py", installed, 'PACKAGE_FOLDER = Path("/nowhere")')

    done = project.run_study(**NO_NETWORK)

    assert done.returncode != 0
    assert "completing the linear experiment alone" in done.stdout
    assert "results/report.html" in done.stdout
    assert "The Fashion-MNIST experiment was NOT run" in done.stderr
    ways = ("no folder is named there", "not installed", "torchvision", "apt-get")
    for way in (*ways, "sudo apt install dataset-fashion-mnist"):
        assert way in done.stderr
    assert "was not run" in (project.folder / "results" / "report.html").read_text(encoding="utf-8")
    assert (project.folder / "results" / "report.pdf").exists()
    assert experiments(project) == {"linear_regression"}
    assert not list((project.folder / "results").glob("data/*"))
    linear = modification_times(project.folder / "results" / "cohorts" / "linear_regression")

    project.edit("scripts/regularization/system/fetching.py", 'PACKAGE_FOLDER = Path("/nowhere")', installed)
    later = project.run_study()

    assert later.returncode == 0, later.stdout + later.stderr
    assert experiments(project) == {"linear_regression", "fashion_mnist"}
    assert modification_times(project.folder / "results" / "cohorts" / "linear_regression") == linear


def experiments(project: Project) -> set[str]:
    return set(pd.read_parquet(project.folder / "results" / "tables" / "runs.parquet")["experiment"])


def modification_times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
