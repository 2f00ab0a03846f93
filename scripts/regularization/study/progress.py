"""How far the study is: runs done of runs planned, and the time left."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from regularization.settings import setting_class
from regularization.study.configuration import Configuration
from regularization.study.integrity import follows_from
from regularization.study.plan import Cohort

CHECKED = 500  # cohorts at most are looked into


def line(study: Configuration, cohorts: Sequence[Cohort], finished: Cohort, cores: int) -> str:
    """Write one line for the terminal after a cohort.

    A cohort is done if its files are those of this configuration and this code. The time left is the work of the
    others at the speed of those done (by experiment; the one it declares before that), divided by the cores. In a
    study of more than `CHECKED` cohorts only every so many is looked into, and the others are done if they are there:
    every job prints this line, so it must not cost a look into all of them.
    """
    seconds: dict[str, float] = defaultdict(float)
    work_done: dict[str, float] = defaultdict(float)
    work_left: dict[str, float] = defaultdict(float)
    runs_done = cohorts_done = 0
    stride = -(-len(cohorts) // CHECKED)
    for i, cohort in enumerate(cohorts):
        folder = study.results / "cohorts" / cohort.experiment / cohort.name
        work = cohort.work(study)
        taken = _seconds_taken(study, cohort, folder) if i % stride == 0 else None
        if taken is not None:
            seconds[cohort.experiment] += taken
            work_done[cohort.experiment] += work
        if taken is not None or (i % stride and (folder / "runs.parquet").exists()):
            cohorts_done, runs_done = cohorts_done + 1, runs_done + cohort.n_runs
        else:
            work_left[cohort.experiment] += work
    core_seconds = 0.0
    for experiment, work in work_left.items():
        done = work_done[experiment]
        core_seconds += work * (seconds[experiment] / done if done else 1 / setting_class(experiment).speed)
    left = duration(core_seconds / cores)
    total = sum(cohort.n_runs for cohort in cohorts)
    return (
        f"{runs_done:>9,} of {total:,} runs  ·  {cohorts_done} of {len(cohorts)} cohorts  ·  about {left} left"
        f"  ·  {finished.experiment} {finished.name}"
    )


def _seconds_taken(study: Configuration, cohort: Cohort, folder: Path) -> float | None:
    """Return the wall seconds of a finished cohort; None without files, or with those of another study or code."""
    if not (folder / "runs.parquet").exists():
        return None
    try:
        provenance = pd.read_parquet(folder / "provenance.parquet").iloc[0]
    except (OSError, ValueError, LookupError):  # about to be made again, or damaged
        return None
    trained_from = provenance.get("digest"), provenance.get("code")
    return float(provenance["wall_seconds"]) if trained_from == follows_from(study, cohort) else None


def duration(seconds: float) -> str:
    """Write seconds as text: 45 → "45 s", 600 → "10 min", 9000 → "2 h 30 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
