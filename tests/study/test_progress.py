"""The line that a finished cohort prints: what is done of this study, and how long the rest will take."""

import pandas as pd

from regularization.study import plan, progress
from regularization.study.fingerprint import training_code
from studies import entry, study


def test_done_cohorts_are_those_of_this_configuration_and_this_code(tmp_path):
    config = study(
        entry("linear_regression", methods=["none", "l2_penalty"], lam=[1, 2, 3], seeds=10), results=str(tmp_path)
    )
    cohorts = {cohort.method: cohort for cohort in plan.cohorts(config)}

    def finish(cohort, *, wall_seconds, **changes):
        folder = tmp_path / "cohorts" / cohort.experiment / cohort.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "runs.parquet").touch()
        provenance = {"digest": cohort.digest(config), "code": training_code(cohort.experiment, cohort.method)}
        pd.DataFrame([{**provenance, "wall_seconds": wall_seconds, **changes}]).to_parquet(
            folder / "provenance.parquet"
        )

    def line():
        return progress.line(config, list(cohorts.values()), cohorts["none"], cores=2)

    assert "0 of 40 runs  ·  0 of 2 cohorts  ·  about" in line()
    finish(cohorts["none"], wall_seconds=60)
    # Three times the runs at six seconds a run, on two cores.
    assert "10 of 40 runs  ·  1 of 2 cohorts  ·  about 2 min left" in line()
    finish(cohorts["l2_penalty"], wall_seconds=60, code="older code")
    assert "1 of 2 cohorts" in line()
    finish(cohorts["l2_penalty"], wall_seconds=60, digest="another λ")
    assert "1 of 2 cohorts" in line()
    finish(cohorts["l2_penalty"], wall_seconds=60)
    damaged = tmp_path / "cohorts" / "linear_regression" / cohorts["l2_penalty"].name / "provenance.parquet"
    intact = damaged.read_bytes()
    damaged.write_bytes(intact[:100])
    assert "1 of 2 cohorts" in line()
    damaged.write_bytes(intact)
    assert "40 of 40 runs  ·  2 of 2 cohorts  ·  about 0 s left" in line()


def test_of_many_cohorts_a_few_are_looked_into(tmp_path, monkeypatch):
    config = study(
        entry(
            "fashion_mnist", settings=["samples_500"], methods=["dropout"], p=[i / 100 for i in range(1, 41)], seeds=12
        ),
        results=str(tmp_path),
    )
    cohorts = plan.cohorts(config)
    for cohort in cohorts[:30]:
        folder = tmp_path / "cohorts" / cohort.experiment / cohort.name
        folder.mkdir(parents=True)
        (folder / "runs.parquet").touch()
        provenance = {"digest": cohort.digest(config), "code": training_code(cohort.experiment, cohort.method)}
        pd.DataFrame([{**provenance, "wall_seconds": 60.0}]).to_parquet(folder / "provenance.parquet")
    whole = progress.line(config, cohorts, cohorts[0], cores=1)
    assert "360 of 480 runs  ·  30 of 40 cohorts  ·  about 10 min left" in whole
    read = []
    monkeypatch.setattr(
        progress.pd,
        "read_parquet",
        lambda path: (
            read.append(path)
            or pd.DataFrame([{**provenance, "wall_seconds": 60.0, "digest": by_folder[path.parent.name]}])
        ),
    )
    by_folder = {cohort.name: cohort.digest(config) for cohort in cohorts}
    monkeypatch.setattr(progress, "CHECKED", 10)
    assert progress.line(config, cohorts, cohorts[0], cores=1) == whole
    assert len(read) == 8


def test_durations_are_said_in_the_unit_a_person_would_use():
    assert [progress.duration(seconds) for seconds in (0.4, 45, 600, 9000)] == ["0 s", "45 s", "10 min", "2 h 30 min"]
