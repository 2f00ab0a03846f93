"""The job that trains a cohort: repeated without need it trains nothing, and two of them do not work at the same."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from regularization.columns import COHORT_FILES
from regularization.study import integrity, plan
from regularization.system import locking
from studies import ROOT, entry, study


@pytest.fixture
def job(tmp_path):
    """A small study's configuration file, its one cohort, and the command that trains it."""
    config = study(
        entry("linear_regression", methods=["ridge"], lam=[1, 3], seeds=3), results=str(tmp_path / "results")
    )
    [cohort] = plan.cohorts(config)
    (tmp_path / "config.json").write_text(config.as_json(), encoding="utf-8")
    folder = tmp_path / "results" / "cohorts" / cohort.experiment / cohort.name
    return config, cohort, folder, command(tmp_path / "config.json", cohort, folder)


def command(config: Path, cohort: plan.Cohort, folder: Path) -> list[str]:
    where = ["--config", str(config), "--output", str(folder)]
    which = ["--experiment", cohort.experiment, "--cohort", cohort.name]
    return [sys.executable, str(ROOT / "scripts" / "train_cohort.py"), *which, *where]


def run(words: list[str]) -> str:
    """Run a job to its end; what it said on the standard error."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.parquet")}


def test_a_repeated_job_takes_what_was_finished_and_trains_only_what_is_damaged_or_outdated(job, tmp_path):
    config, cohort, folder, words = job
    assert "6 runs, 0 diverged" in run(words)
    first = contents(folder)
    assert set(first) == {f"{name}.parquet" for name in COHORT_FILES}
    assert integrity.fault(config, cohort, folder) is None
    for name in first:  # as Snakemake does before it runs a job once more
        (folder / name).unlink()
    (folder / ".runs.parquet.1.part").touch()  # and as a killed job may leave the folder
    assert "finished before, and intact" in run(words)
    assert contents(folder) == first

    kept = folder / integrity.FINISHED / "runs.parquet"
    kept.write_bytes(kept.read_bytes()[:-1])
    assert "6 runs, 0 diverged" in run(words)
    again = contents(folder)
    assert not list(folder.rglob("*.part"))
    differing = {name for name in first if first[name] != again[name]}
    assert differing == {"provenance.parquet"}, "trained again, to the same numbers"
    row = pd.read_parquet(folder / "provenance.parquet").iloc[0]
    assert row["device_name"] != ""
    assert row["configuration"] == config.digest

    changed = study(
        entry("linear_regression", methods=["ridge"], lam=[1, 5], seeds=3), results=str(tmp_path / "results")
    )
    (tmp_path / "config.json").write_text(changed.as_json(), encoding="utf-8")
    assert "6 runs, 0 diverged" in run(words)
    assert set(pd.read_parquet(folder / "runs.parquet")["lam"]) == {1, 5}


def test_a_job_waits_for_another_one_that_trains_the_same_cohort(job):
    config, cohort, folder, words = job
    with locking.exclusive(folder / ".lock"):
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        assert "another process trains this cohort" in process.stderr.readline()
        assert process.poll() is None
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert integrity.fault(config, cohort, folder) is None
