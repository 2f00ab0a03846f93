"""How far a run is: what is done of its jobs, and how long the rest will take."""

from unittest.mock import Mock

import pandas as pd
import pytest

from regularization.settings import setting_class
from regularization.study import costs, plan, progress
from regularization.study.progress import Job, Progress
from studies import entry, study


@pytest.fixture
def config(tmp_path):
    return study(
        entry("linear_regression", methods=["none", "l2_penalty"], lam=[1, 2, 3], seeds=10), results=str(tmp_path)
    )


@pytest.fixture
def cohorts(config):
    """The cohort without a penalty, and the one with three strengths, of three times its runs."""
    by_method = {cohort.method: cohort for cohort in plan.cohorts(config)}
    return by_method["none"], by_method["l2_penalty"]


def trained(config, cohort, seconds, **changes):
    """Write of a cohort what the progress is read from; `changes` are of its provenance."""
    folder = config.results / "cohorts" / cohort.experiment / cohort.name
    folder.mkdir(parents=True, exist_ok=True)
    provenance = {"digest": cohort.digest(config), "wall_seconds": seconds + 5, "start_up_seconds": 5.0, **changes}
    pd.DataFrame([provenance]).to_parquet(folder / "provenance.parquet")
    return folder / "provenance.parquet"


def test_runs_and_jobs_are_counted_with_what_was_trained_before(config, cohorts):
    none, l2_penalty = cohorts
    run = Progress(config, {7: Job("train_cohort", l2_penalty), 8: Job("report")}, [none])
    assert progress.line(run).startswith("10 of 40 runs · 0 of 2 jobs · about ")
    for number in (7, 8, 9):  # the last is the target, which does nothing
        run.started(number)
        run.finished(number)
    assert progress.line(run) == "40 of 40 runs · 2 of 2 jobs · about 0 s left"
    assert run.share == 1
    analysis = Progress(config, {8: Job("report")}, cohorts)
    assert progress.line(analysis).startswith("0 of 1 jobs · about ")


def test_the_time_left_is_the_work_at_the_measured_speed(config, cohorts):
    none, l2_penalty = cohorts
    jobs = {1: Job("train_cohort", none), 2: Job("train_cohort", l2_penalty)}
    declared = setting_class("linear_regression").speed
    work = sum(cohort.work(config) for cohort in cohorts)
    at_first = Progress(config, jobs)
    assert at_first.seconds_left == pytest.approx(2 * costs.START_UP + work / declared)
    assert Progress(config, jobs, cores=2).seconds_left == pytest.approx(at_first.seconds_left / 2)
    assert Progress(config, jobs, cores=9).seconds_left == pytest.approx(at_first.seconds_left / 2)

    provenance = trained(config, none, seconds=600)
    measured = (progress.GUESSED * declared + none.work(config)) / (progress.GUESSED + 600)
    assert Progress(config, jobs).seconds_left == pytest.approx(2 * costs.START_UP + work / measured)
    provenance.write_bytes(provenance.read_bytes()[:100])  # damaged
    assert Progress(config, jobs).seconds_left == at_first.seconds_left
    trained(config, none, seconds=600, digest="another λ")
    assert Progress(config, jobs).seconds_left == at_first.seconds_left

    at_first.started(1)
    trained(config, none, seconds=600)
    at_first.finished(1)
    left = costs.START_UP + l2_penalty.work(config) / measured
    assert at_first.seconds_left == pytest.approx(left), "it learns as it goes"


def test_jobs_under_way_count_down_and_are_never_nearly_over_for_long(config, cohorts):
    clock = Mock(return_value=100.0)
    run = Progress(config, {1: Job("tuning"), 2: Job("claims")}, clock=clock)
    tuning, claims = (costs.analysis_seconds(rule, 0) for rule in ("tuning", "claims"))
    assert run.seconds_left == pytest.approx(tuning + claims)
    run.started(1)
    clock.return_value += 1
    assert run.seconds_left == pytest.approx(tuning + claims - 1)
    assert run.share == pytest.approx(1 / (tuning + claims))
    clock.return_value += 99
    assert run.seconds_left == pytest.approx(progress.OVERDUE * 100 + claims)
    run.failed(1)
    assert run.seconds_left == pytest.approx(tuning + claims)
    run.started(1)
    clock.return_value += 50 * tuning
    run.finished(1)
    assert run.seconds_left > 2 * claims, "the machine is slower than thought"


def test_of_many_cohorts_a_few_are_looked_into(tmp_path, monkeypatch):
    strengths = [i / 100 for i in range(1, 41)]
    forty = entry("fashion_mnist", settings=["samples_500"], methods=["dropout"], p=strengths, seeds=12)
    config = study(forty, results=str(tmp_path))
    cohorts = plan.cohorts(config)
    for cohort in cohorts:
        trained(config, cohort, seconds=60)
    reads = Mock(wraps=pd.read_parquet)
    monkeypatch.setattr(progress.pd, "read_parquet", reads)
    monkeypatch.setattr(progress, "CHECKED", 10)
    assert Progress(config, {}, cohorts).n_runs_done == 480
    assert reads.call_count == 10


def test_a_summary_has_jobs_by_rule_runs_and_time(config, cohorts):
    jobs = [*(Job("train_cohort", cohort) for cohort in cohorts), Job("figure"), Job("figure"), Job("claims")]
    first, *others, disk = progress.summary(Progress(config, dict(enumerate(jobs)), cores=2))
    assert first.startswith("5 jobs would be done in about ")
    assert first.endswith(" s, 2 at a time:")
    assert others == [
        "  train linear_regression: 40 runs in 2 jobs: 2 missing (none, l2_penalty)",
        "  claims, figure 2",
    ]
    assert disk.startswith("They need about 1 MB of disk; ")


def test_durations_are_said_in_the_unit_a_person_would_use():
    assert [progress.duration(seconds) for seconds in (0.4, 45, 600, 9000)] == ["0 s", "45 s", "10 min", "2 h 30 min"]
