"""What `make` does after its set-up: it runs the workflow and says what came of it, with and without the data."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

import shared
from conftest import FOLDER, Project, copy_of_the_project
from damages import needs_the_package
from regularization.system.fetching import PACKAGE_FOLDER

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

TINY = shared.cases(__file__)
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # nobody listens there


def test_a_complete_study_says_that_there_is_nothing_to_do_and_where_the_report_is(
    finished: Project, tmp_path: Path
) -> None:
    (tmp_path / "empty.yaml").write_text("# device: cuda\n")
    done = finished.run_study(str(tmp_path / "empty.yaml"))  # one more preset
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


@needs_the_package
def test_in_folders_of_any_name_what_needs_no_data_is_reported_and_the_rest_follows_later(tmp_path: Path) -> None:
    """Of the project, the results, the data and a setting: nothing of their names runs in a shell."""
    project = copy_of_the_project(tmp_path / FOLDER)
    project.configure(TINY)
    project.edit("scripts/regularization/system/fetching.py", f'Path("{PACKAGE_FOLDER}")', 'Path("/nowhere")')
    results = project.folder / TINY["results"]

    done = project.run_study(**NO_NETWORK)

    assert done.returncode != 0
    assert "completing the linear experiment alone" in done.stdout
    assert f"{TINY['results']}/report.html" in done.stdout
    assert "The Fashion-MNIST experiment was NOT run" in done.stderr
    ways = ("no folder is named there", "not installed", "torchvision", "apt-get")
    for way in (*ways, "sudo apt install dataset-fashion-mnist"):
        assert way in done.stderr
    assert "was not run" in (results / "report.html").read_text(encoding="utf-8")
    for name in ("report.html", "report.pdf"):
        assert (results / name).stat().st_size > 10_000
    assert experiments(results) == {"linear_regression"}
    assert not list(results.glob("data/*"))
    linear = modification_times(results / "cohorts" / "linear_regression")

    data = tmp_path / "my 'data'; $(touch executed)"
    data.symlink_to(PACKAGE_FOLDER)
    project.configure({**TINY, "fashion_mnist": {"folder": str(data)}})
    targets = [f"{TINY['results']}/{name}" for name in ("tables/runs.parquet", "gates.passed")]
    later = project.run_study("--make", *targets)

    assert later.returncode == 0, later.stdout + later.stderr
    assert experiments(results) == {"linear_regression", "fashion_mnist"}
    assert modification_times(results / "cohorts" / "linear_regression") == linear
    runs = pd.read_parquet(results / "tables" / "runs.parquet")
    assert set(runs["setting"]) == {"Odd-name.1_b"}
    assert len(runs) == 2 * 2 + 2
    assert {"Draw the figures of dropout", "Render the report"} <= project.jobs(), "which has the networks in it then"
    assert not list(tmp_path.rglob("executed"))
    assert not os.path.lexists(project.folder / "results")


def experiments(results: Path) -> set[str]:
    return set(pd.read_parquet(results / "tables" / "runs.parquet")["experiment"])


def modification_times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
