"""The line that a finished cohort prints: what is done of this study, and how long the rest will take."""

from unittest.mock import Mock

import pandas as pd

from regularization.study import plan, progress
from regularization.study.fingerprint import training_code
from studies import entry, study


def finished(config, cohort, **changes):
    """Write of a cohort what the progress is read from: trained in a minute, `changes` of its provenance aside."""
    folder = config.results / "cohorts" / cohort.experiment / cohort.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runs.parquet").touch()
    provenance = {"digest": cohort.digest(config), "code": training_code(cohort.experiment, cohort.method)}
    provenance |= {"wall_seconds": 60.0, **changes}
    pd.DataFrame([provenance]).to_parquet(folder / "provenance.parquet")


def test_done_cohorts_are_those_of_this_configuration_and_code_and_durations_in_a_persons_unit(tmp_path):
    config = study(
        entry("linear_regression", methods=["none", "l2_penalty"], lam=[1, 2, 3], seeds=10), results=str(tmp_path)
    )
    cohorts = {cohort.method: cohort for cohort in plan.cohorts(config)}

    def finish(cohort, **changes):
        finished(config, cohort, **changes)

    def line():
        return progress.line(config, list(cohorts.values()), cohorts["none"], cores=2)

    assert "0 of 40 runs  ·  0 of 2 cohorts  ·  about" in line()
    finish(cohorts["none"])
    # Three times the runs at six seconds a run, on two cores.
    assert "10 of 40 runs  ·  1 of 2 cohorts  ·  about 2 min left" in line()
    finish(cohorts["l2_penalty"], code="older code")
    assert "1 of 2 cohorts" in line()
    finish(cohorts["l2_penalty"], digest="another λ")
    assert "1 of 2 cohorts" in line()
    finish(cohorts["l2_penalty"])
    damaged = tmp_path / "cohorts" / "linear_regression" / cohorts["l2_penalty"].name / "provenance.parquet"
    intact = damaged.read_bytes()
    damaged.write_bytes(intact[:100])
    assert "1 of 2 cohorts" in line()
    damaged.write_bytes(intact)
    assert "40 of 40 runs  ·  2 of 2 cohorts  ·  about 0 s left" in line()
    assert [progress.duration(seconds) for seconds in (0.4, 45, 600, 9000)] == ["0 s", "45 s", "10 min", "2 h 30 min"]


def test_of_many_cohorts_a_few_are_looked_into(tmp_path, monkeypatch):
    strengths = [i / 100 for i in range(1, 41)]
    forty = entry("fashion_mnist", settings=["samples_500"], methods=["dropout"], p=strengths, seeds=12)
    config = study(forty, results=str(tmp_path))
    cohorts = plan.cohorts(config)
    for cohort in cohorts[:30]:
        finished(config, cohort)
    whole = progress.line(config, cohorts, cohorts[0], cores=1)
    assert "360 of 480 runs  ·  30 of 40 cohorts  ·  about 10 min left" in whole
    reads = Mock(wraps=pd.read_parquet)
    monkeypatch.setattr(progress.pd, "read_parquet", reads)
    monkeypatch.setattr(progress, "CHECKED", 10)
    assert progress.line(config, cohorts, cohorts[0], cores=1) == whole
    assert reads.call_count == 8
