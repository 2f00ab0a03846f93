"""The study's tables (`results/tables/*.parquet`) and the few questions the figures and the text ask of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from regularization.analysis import large_table
from regularization.analysis.catalogue import TABLES
from regularization.analysis.intervals import mean_interval
from regularization.analysis.large_table import LargeTable, WholeTable
from regularization.columns import CALIBRATION
from regularization.naming import Key, p_text
from regularization.settings import EXPERIMENTS, LinearRegressionSetting, setting_class
from regularization.system import image_sets
from regularization.system.errors import UserError
from regularization.system.files import AGAIN, check_columns, read_table
from regularization.system.image_sets import FASHION_MNIST

# The p of a run without dropout: one number a layer it would act on.
NO_P = {experiment: p_text((0.0,) * setting_class(experiment)().n_p) for experiment in EXPERIMENTS}
WHOLE = 20_000_000  # values (0.5 GB at most): of a larger table only what is asked for is read
SEPARATOR = " | "  # between the conditions, and between the numbers, of one claim
CHAPTER_LAM = 3.0  # the weight decay the chapter turns on
CHAPTER_P = "0.2/0.5"  # its dropout probabilities
MANY = 5  # samples a feature that are "many"
Computed = TypeVar("Computed")


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval (NaN limits for a single seed)."""

    mean: float
    low: float
    high: float
    n: int
    n_diverged: int = 0  # runs left out: diverged or collapsed

    @property
    def direction(self) -> int:
        """1 or −1 where the interval lies above or below 0, else 0."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Paired:
    """Mean difference a − b over the seeds that both have, its 95 % t interval, and in how many seeds a < b."""

    difference: Estimate
    n_lower: int


class TablesError(UserError):
    """A table is missing or lacks columns the report needs."""


def estimate(values: Sequence[float] | np.ndarray | pd.Series, n_diverged: int = 0) -> Estimate:
    """The mean of values (seeds,), none of them NaN, with its 95 % t interval."""
    values = np.asarray(values, dtype=float)
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, n_diverged)
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean, np.nan, np.nan, 1, n_diverged)
    low, high = mean_interval(mean, values.std(ddof=1), values.size)
    return Estimate(mean, float(low), float(high), values.size, n_diverged)


def estimates(frame: pd.DataFrame, by: Sequence[str], column: str) -> pd.DataFrame:
    """Means of `column` over the rows of each group: the columns `by`, mean, ci_low, ci_high (95 %), n.

    Intervals are those of shares where `column`, or a value of a column `by`, names an accuracy, else t intervals. NaN
    is a value of a group's like any other; rows without a value of `column` are left out.
    """
    groups = frame.dropna(subset=[column]).groupby(list(by), sort=False, dropna=False)[column]
    table = groups.agg(["mean", "std", "count"]).reset_index().rename(columns={"count": "n"})
    accuracies = [table[name].astype(str).str.endswith("accuracy") for name in by]
    shares = np.any(accuracies, axis=0) | column.endswith("accuracy")
    table["ci_low"], table["ci_high"] = mean_interval(table["mean"], table["std"], table["n"], shares)
    return table[[*by, "mean", "ci_low", "ci_high", "n"]]


def as_estimate(means: pd.DataFrame, n: str = "n") -> Estimate | None:
    """The first of some means (columns mean, ci_low, ci_high and `n`) as an estimate, None where there is none."""
    if means.empty or not np.isfinite(means["mean"].iloc[0]):
        return None
    one = means.iloc[0]
    return Estimate(one["mean"], one["ci_low"], one["ci_high"], int(one[n]), int(one.get("n_diverged", 0)))


def chosen_on_validation(cells: pd.DataFrame, validation: pd.DataFrame) -> pd.Series | None:
    """The cell of `cells` whose mean validation loss is lowest: tuning never looks at test data.

    The cells are of one setting and any metric, `validation` those of its `validation_loss`; None without such data. A
    cell with a run that diverged or collapsed is never chosen: its mean speaks for the runs that were left only.
    """
    stable = validation[validation["n_diverged"] == 0]
    losses = stable.dropna(subset=["mean"])[["method", "lam", "p", "mean"]]
    joined = cells.dropna(subset=["mean"]).merge(losses, on=["method", "lam", "p"], suffixes=("", "_validation"))
    return None if joined.empty else joined.loc[joined["mean_validation"].idxmin()]


def distinct(table: pd.DataFrame, column: str) -> list[str]:
    """The values of a column as text, sorted; none where it is missing or empty."""
    return sorted({str(value) for value in table[column].dropna()} - {""}) if column in table else []


def same_lam(lams: pd.Series, lam: float) -> pd.Series:
    """Which λ are one that was computed: equal but for rounding."""
    return (lams - lam).abs() <= 1e-12 * abs(lam)


def setting_of(row: pd.Series) -> LinearRegressionSetting:
    """A setting from its row of the settings table, where whole numbers are stored beside empty cells, as floats."""
    chapter = asdict(LinearRegressionSetting())
    return LinearRegressionSetting(**{name: type(value)(row[name]) for name, value in chapter.items()})


class Tables:
    """All tables of a study, each an attribute; columns as in the data dictionary (`results/README.md`).

    A table that was not given as a frame is read from `{folder}/{name}.parquet` when it is first asked for; where there
    is no such file, it is empty. Only tables among `names` may be read.
    """

    images = FASHION_MNIST  # the name of the image set that networks were trained on

    def __init__(self, folder: Path | None = None, names: Iterable[str] = TABLES, **frames: pd.DataFrame) -> None:
        self.folder = folder
        self.names = tuple(names)
        self._frames = frames
        self._read: dict[str, pd.DataFrame] = {}
        self._by_run: dict[str, LargeTable | WholeTable] = {}
        self.asked: dict[Key, pd.DataFrame] = {}  # by cell, the runs that were asked for with `ok`
        self._known: dict[Hashable, Any] = {}

    @classmethod
    def read(cls, folder: Path, names: Iterable[str] = TABLES, configuration: str = "") -> Tables:
        """The tables of a study, whose `configuration` (JSON) names its images; `TablesError` if one is missing."""
        tables = cls(folder, names)
        tables.images = image_sets.named(configuration)
        basic = [f"{name}.parquet" for name in tables.names if TABLES[name].basic]
        missing = [file for file in basic if not (folder / file).is_file()]
        if missing:
            raise TablesError(f"{folder} lacks {', '.join(missing)}; run make, or name the tables of a finished study")
        return tables

    def replace(self, kind: type[Tables] | None = None, **changes: Any) -> Tables:
        """The same with some tables, or the folder, replaced; of another kind, if one is given."""
        study = (kind or type(self))(**{"folder": self.folder, "names": self.names, **self._frames, **changes})
        study.images = self.images
        if "folder" not in changes:  # what was read is not read again
            study._read = self._read
            study._by_run |= {name: rows for name, rows in self._by_run.items() if name not in changes}
        return study

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name, which need not be known when the program is written."""
        if name in self._frames:
            return self._frames[name]
        if name not in self._read:
            path = self._path(name)
            self._read[name] = read_table(path) if path else pd.DataFrame()
            if path and self._read[name].empty and not TABLES[name].may_be_empty:
                raise TablesError(f"{path} has no rows: the study has no results; {AGAIN}")
        return self._read[name]

    def known(self, what: Hashable, compute: Callable[[], Computed]) -> Computed:
        """What was computed from these tables before, by its name; else it is computed now, and kept."""
        if what not in self._known:
            self._known[what] = compute()
        return self._known[what]

    def __getattr__(self, name: str) -> pd.DataFrame:
        """A table by its name."""
        if name not in TABLES:
            raise AttributeError(f"there is no table {name!r}")
        return self.table(name)

    def _path(self, name: str) -> Path | None:
        """The file of a table that may be read; None where there is none."""
        if name not in self.names:
            raise TablesError(f"the table {name!r} is not among those declared: {', '.join(sorted(self.names))}")
        path = self.folder and self.folder / f"{name}.parquet"
        if path is None or not (path.is_file() or TABLES[name].basic):
            return None
        check_columns(path, TABLES[name].columns)
        return path

    def predictions(self, key: Key) -> pd.DataFrame:
        """What a cell's runs predict (see the data dictionary), with their seed and data_seed; empty if not kept."""
        path = self.folder and self.folder / f"predictions_{key.experiment}.parquet"
        if path is None or not path.is_file():
            return pd.DataFrame()
        runs = self.select(key)[["run_id", "seed", "data_seed"]]
        if runs.empty:
            return pd.DataFrame()
        return self._rows(path.stem, path, lambda: read_table(path), runs["run_id"]).merge(runs, on="run_id")

    def _rows(self, name: str, path: Path | None, read: Callable[[], pd.DataFrame], runs: pd.Series) -> pd.DataFrame:
        """The rows of some runs of a table: read whole, once, unless it is in memory already or large."""
        if name not in self._by_run:
            large = path is not None and name not in self._frames and large_table.n_values(path) > WHOLE
            self._by_run[name] = LargeTable(path) if path and large else WholeTable(read())
        return self._by_run[name].rows(runs)

    @property
    def experiments(self) -> tuple[str, ...]:
        """The experiments that were run."""
        return tuple(name for name in EXPERIMENTS if (self.runs["experiment"] == name).any())

    @cached_property
    def _cells(self) -> dict[tuple[str, str, str], pd.DataFrame]:
        lost = self.cells["n_diverged"] + self.cells["n_collapsed"]
        cells = self.cells.drop(columns="n_collapsed").assign(n_diverged=lost)
        return dict(tuple(cells.groupby(["experiment", "setting", "metric"], sort=False)))

    def baseline(self, experiment: str, setting: str) -> Key:
        """The cell without any regularization, which is every method's cell at λ = 0 and p = 0."""
        return Key(experiment, setting, "none", 0.0, self.no_p(experiment, setting))

    def no_p(self, experiment: str, setting: str) -> str:
        """The p without dropout: a 0 for each layer that the setting has."""
        own = self._runs.get((experiment, setting, "none"))
        return NO_P[experiment] if own is None else str(own["p"].iloc[0])

    def of(self, experiment: str, setting: str, metric: str) -> pd.DataFrame:
        """All cells of a setting for one metric: method, lam, p, n, n_diverged (or collapsed), mean, median, sd, …"""
        return self._cells.get((experiment, setting, metric), self.cells.iloc[:0]).reset_index(drop=True)

    def cell(self, key: Key, metric: str) -> Estimate | None:
        """The mean of one cell, or None where the study has no such cell or no run of it gave the metric."""
        cells = self.of(key.experiment, key.setting, metric)
        own = (cells["method"] == key.method) & same_lam(cells["lam"], key.lam) & (cells["p"] == key.p)
        return as_estimate(cells[own])

    def path(self, setting: str, method: str, metric: str, experiment: str = "linear_regression") -> pd.DataFrame:
        """A method's cells by λ without dropout, from the baseline at λ = 0 on (ridge has its own λ = 0)."""
        cells = self.of(experiment, setting, metric)
        cells = cells[cells["p"] == self.no_p(experiment, setting)]
        own = cells[cells["method"] == method]
        if own.empty or method in ("ridge", "none"):
            return own.sort_values("lam")
        return pd.concat([cells[cells["method"] == "none"], own]).sort_values("lam")

    def ok(self, key: Key) -> pd.DataFrame:
        """The runs of a cell that neither diverged nor collapsed, one row a seed."""
        if key not in self.asked:
            runs = self.select(key)
            self.asked[key] = runs[runs["status"] == "ok"]
        return self.asked[key]

    def calibrated(self, key: Key) -> pd.DataFrame:
        """The runs of `ok` with what `calibration` says of them; none where it was not measured."""
        runs, known = self.ok(key), self.calibration
        return runs.merge(known, on="run_id") if len(known) else runs.iloc[:0].reindex(columns=[*runs, *CALIBRATION])

    @cached_property
    def _runs(self) -> dict[tuple[str, str, str], pd.DataFrame]:
        return dict(tuple(self.runs.groupby(["experiment", "setting", "method"], sort=False)))

    def select(self, key: Key) -> pd.DataFrame:
        """All runs of a cell, those that diverged or collapsed included."""
        runs = self._runs.get((key.experiment, key.setting, key.method), self.runs.iloc[:0])
        return self.known(("select", key), lambda: runs[same_lam(runs["lam"], key.lam) & (runs["p"] == key.p)])

    def by_seed(self, key: Key, metric: str) -> pd.Series:
        """A metric of the runs of `ok`, by seed and data_seed."""
        return self.ok(key).set_index(["seed", "data_seed"])[metric]

    def paired(self, a: Key, b: Key, metric: str) -> Paired | None:
        """Compare two cells seed by seed (same data, initial weights and batch order), or None without common seeds."""
        difference = (self.by_seed(a, metric) - self.by_seed(b, metric)).dropna()
        if difference.empty:
            return None
        return Paired(estimate(difference), int((difference < 0).sum()))

    def curve(self, key: Key, *, whole: bool = False) -> pd.DataFrame:
        """Learning curves of a cell's `ok` runs, of all of them if `whole`: one row a seed and epoch."""
        runs = (self.select if whole else self.ok)(key)[["run_id", "seed"]]
        return self._rows("curves", self._path("curves"), lambda: self.curves, runs["run_id"]).merge(runs, on="run_id")

    def setting(self, experiment: str, name: str) -> pd.Series:
        """What was trained in a setting, one entry a task parameter; `KeyError` if the study has no such setting."""
        row = self.settings[(self.settings["experiment"] == experiment) & (self.settings["setting"] == name)]
        if row.empty:
            raise KeyError(f"no setting {name!r} of {experiment!r} in the tables")
        return row.iloc[0]

    def studied(self, experiment: str, names: Sequence[str] | None = None) -> list[str]:
        """The settings that have runs, in the order of `names` or of the settings table."""
        there = set(self.runs.loc[self.runs["experiment"] == experiment, "setting"].unique())
        ordered = names or self.settings.loc[self.settings["experiment"] == experiment, "setting"]
        return [name for name in ordered if name in there]

    def series(self, experiment: str, name: str = "samples") -> list[str]:
        """The settings `{name}_{number}` that have runs, by their number; one with more to its name is no member."""
        numbers = {one: re.fullmatch(rf"{name}_(\d+)", one) for one in self.studied(experiment)}
        return sorted((one for one in numbers if numbers[one]), key=lambda one: int(numbers[one][1]))  # type: ignore[index]

    def reference(self, setting: str, quantity: str) -> pd.DataFrame:
        """A theoretical quantity of a linear setting, by λ: columns lam, n_train, value, ci_low, ci_high."""
        theory = self.theory[np.isfinite(self.theory["value"].astype(float)) & (self.theory["quantity"] == quantity)]
        return theory[(theory["experiment"] == "linear_regression") & (theory["setting"] == setting)].sort_values("lam")

    def unstable(self, setting: str) -> bool:
        """Whether theory says that gradient descent diverges in a linear setting at every λ."""
        theory = self.theory[(self.theory["setting"] == setting) & (self.theory["quantity"] == "stability_boundary")]
        return bool((theory["value"] < 0).any())

    def constant(self, setting: str, quantity: str) -> float | None:
        """A theoretical quantity that does not depend on λ, or None where it was not computed."""
        rows = self.reference(setting, quantity)
        return None if rows.empty else float(rows["value"].iloc[0])
