"""How far the study is: runs done of runs planned, and the time left."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from regularization.configuration import Configuration
from regularization.plan import Cohort


def line(study: Configuration, cohorts: Sequence[Cohort], finished: Cohort, results: Path) -> str:
    """One line for the terminal after a cohort.

    The time left is the work of the cohorts without files, at the speed of those with files (by experiment), divided
    by the cores; "?" until each experiment has a finished cohort.
    """
    seconds: dict[str, float] = defaultdict(float)
    work_done: dict[str, float] = defaultdict(float)
    work_left: dict[str, float] = defaultdict(float)
    runs_done = cohorts_done = 0
    for cohort in cohorts:
        folder = results / "cohorts" / cohort.experiment / cohort.name
        work = cohort.work(study)
        if (folder / "runs.parquet").exists():
            cohorts_done, runs_done = cohorts_done + 1, runs_done + cohort.n_runs
            seconds[cohort.experiment] += float(pd.read_parquet(folder / "provenance.parquet")["wall_seconds"].iloc[0])
            work_done[cohort.experiment] += work
        else:
            work_left[cohort.experiment] += work
    left = "?"
    if all(work_done[experiment] > 0 for experiment in work_left):
        rates = {experiment: seconds[experiment] / work_done[experiment] for experiment in work_left}
        left = duration(sum(work * rates[experiment] for experiment, work in work_left.items()) / (os.cpu_count() or 1))
    total = sum(cohort.n_runs for cohort in cohorts)
    return (
        f"{runs_done:>9,} of {total:,} runs  ·  {cohorts_done} of {len(cohorts)} cohorts  ·  about {left} left"
        f"  ·  {finished.experiment} {finished.name}"
    )


def duration(seconds: float) -> str:
    """Seconds as text: 45 → "45 s", 600 → "10 min", 9000 → "2 h 30 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
