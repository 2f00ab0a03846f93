"""How far the jobs of a run are, and how long the rest will take."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from regularization.settings import EXPERIMENTS, setting_class
from regularization.study import costs, integrity
from regularization.study.configuration import Configuration
from regularization.study.plan import Cohort

CHECKED = 100  # cohorts at most are looked into for what they took
GUESSED = 30  # seconds that the declared speed weighs beside what was measured
OVERDUE = 0.25  # of the time that a job has taken is left where it takes longer than expected


@dataclass(frozen=True)
class Job:
    """A job to be done; `cohort` is what it trains."""

    rule: str
    cohort: Cohort | None = None

    @property
    def kind(self) -> str:
        """What jobs of one speed have in common."""
        return self.cohort.experiment if self.cohort else "analysis"


class Progress:
    """What is done of some jobs, and the time left.

    A job's time is its work at the speed of those so far, for cohorts of the experiment's in earlier runs too; before
    there are any, at the speed that the experiment declares. `jobs` are those to be done, by their number, `trained`
    the cohorts that are there already and stay; `cores` jobs run side by side.
    """

    def __init__(
        self,
        study: Configuration,
        jobs: Mapping[int, Job],
        trained: Sequence[Cohort] = (),
        cores: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.jobs = jobs
        self.cores = cores
        self._study, self._clock = study, clock
        self._cohorts = study.results / "cohorts"
        self._since: dict[int, float] = {}
        self._done: set[int] = set()
        self._speeds = {experiment: costs.Speed(setting_class(experiment).speed, GUESSED) for experiment in EXPERIMENTS}
        self._speeds["analysis"] = costs.Speed(1.0, GUESSED)
        to_do = [job.cohort for job in jobs.values() if job.cohort]
        self.n_runs_to_do = sum(cohort.n_runs for cohort in to_do)
        self.n_runs = self.n_runs_to_do + sum(cohort.n_runs for cohort in trained)
        known = [*trained, *to_do]
        for cohort in known[:: -(-len(known) // CHECKED) or 1]:
            self._learn(cohort)
        self._work = {
            number: job.cohort.work(study) if job.cohort else costs.analysis_seconds(job.rule, self.n_runs)
            for number, job in jobs.items()
        }

    def started(self, number: int) -> None:
        self._since[number] = self._clock()

    def failed(self, number: int) -> None:
        self._since.pop(number, None)

    def finished(self, number: int) -> None:
        if number in self.jobs:
            self._done.add(number)
            if cohort := self.jobs[number].cohort:
                self._learn(cohort)
            else:
                self._speeds["analysis"].learn(self._work[number], self._clock() - self._since[number])

    @property
    def n_done(self) -> int:
        return len(self._done)

    @property
    def n_runs_done(self) -> int:
        """Count the runs that are trained, those of earlier times included."""
        waiting = (job.cohort for number, job in self.jobs.items() if job.cohort and number not in self._done)
        return self.n_runs - sum(cohort.n_runs for cohort in waiting)

    @property
    def share(self) -> float:
        """The share of the work that is done, in 0 … 1."""
        spent = sum(self._seconds(number) if number in self._done else self._under_way(number) for number in self.jobs)
        left = sum(map(self._left, self.jobs))
        return spent / (spent + left) if left else 1.0

    @property
    def seconds_left(self) -> float:
        """Estimate the time until all jobs are done. Analyses wait for each other: two run side by side at most."""
        seconds = 0.0
        for training, at_once in ((True, self.cores), (False, min(self.cores, 2))):
            left = [self._left(number) for number, job in self.jobs.items() if bool(job.cohort) == training]
            seconds += sum(left) / max(1, min(at_once, sum(map(bool, left))))
        return seconds

    def reasons(self, cohorts: Iterable[Cohort]) -> Iterator[str]:
        """Say how many cohorts are trained for each reason, and of which methods."""
        methods: dict[str, list[str]] = {}
        for cohort in cohorts:
            found = integrity.fault(self._study, cohort, self._cohorts / cohort.experiment / cohort.name)
            why = "asked for again" if found is None else found.reason if found.kind == "outdated" else found.kind
            methods.setdefault(why, []).append(cohort.method)
        for why, names in methods.items():
            yield f"{len(names)} {why} ({', '.join(dict.fromkeys(names))})"

    def _seconds(self, number: int) -> float:
        """Estimate what a job takes from its start to its end."""
        job = self.jobs[number]
        return (costs.START_UP if job.cohort else 0.0) + self._speeds[job.kind].seconds(self._work[number])

    def _left(self, number: int) -> float:
        if number in self._done:
            return 0.0
        return max(self._seconds(number) - self._under_way(number), OVERDUE * self._under_way(number))

    def _under_way(self, number: int) -> float:
        """The seconds since a job started; 0 before that."""
        return self._clock() - self._since[number] if number in self._since else 0.0

    def _learn(self, cohort: Cohort) -> None:
        """Take into account what a cohort took, where its files are there and those of this study."""
        folder = self._cohorts / cohort.experiment / cohort.name
        if (taken := _seconds_taken(folder / "provenance.parquet", cohort.digest(self._study))) is not None:
            self._speeds[cohort.experiment].learn(cohort.work(self._study), taken)


def _seconds_taken(provenance: Path, digest: str) -> float | None:
    """Return the seconds that a cohort took after its start-up; None without its file, or with another cohort's."""
    if not provenance.exists():
        return None
    try:
        row = pd.read_parquet(provenance).iloc[0]
    except (OSError, ValueError, LookupError):  # about to be made again, or damaged
        return None
    return float(row["wall_seconds"] - row["start_up_seconds"]) if row.get("digest") == digest else None


def line(progress: Progress) -> str:
    """Write how far it is: "2,460 of 6,075 runs · 31 of 71 jobs · about 2 min left"."""
    runs = [f"{progress.n_runs_done:,} of {progress.n_runs:,} runs"] if progress.n_runs_to_do else []
    jobs = f"{progress.n_done} of {len(progress.jobs)} jobs"
    return " · ".join([*runs, jobs, f"about {duration(progress.seconds_left)} left"])


def summary(progress: Progress) -> list[str]:
    """Write what would be done in a few lines: jobs by rule, runs, time."""
    cohorts = [job.cohort for job in progress.jobs.values() if job.cohort]
    at_once = f"{min(progress.cores, len(progress.jobs))} at a time" if progress.cores > 1 else "one at a time"
    lines = [f"{len(progress.jobs)} jobs would be done in about {duration(progress.seconds_left)}, {at_once}:"]
    for experiment in EXPERIMENTS:
        trained = [cohort.n_runs for cohort in cohorts if cohort.experiment == experiment]
        if trained:
            why = "; ".join(progress.reasons(cohort for cohort in cohorts if cohort.experiment == experiment))
            lines.append(f"  train {experiment}: {sum(trained):,} runs in {len(trained)} jobs: {why}")
    others = Counter(job.rule for job in progress.jobs.values() if not job.cohort)
    if others:
        lines.append(f"  {', '.join(f'{rule} {n}' if n > 1 else rule for rule, n in sorted(others.items()))}")
    needed, free = sum(map(costs.disk_mb, cohorts)), shutil.disk_usage(Path()).free / 1e6
    return [*lines, f"They need about {_megabytes(needed)} of disk; {_megabytes(free)} are free."]


def _megabytes(value: float) -> str:
    return f"{max(value, 1):.0f} MB" if value < 1000 else f"{value / 1000:.1f} GB"


def duration(seconds: float) -> str:
    """Write seconds as text: 45 → "45 s", 600 → "10 min", 9000 → "2 h 30 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
