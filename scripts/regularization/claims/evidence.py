"""What claims are weighed with: paired differences, cells that must exist, and the cell chosen on validation data."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from regularization.analysis.statistics import (
    BCA_FROM,
    Interval,
    equivalence,
    mean_interval,
    median_contrast,
    paired_contrast,
)
from regularization.analysis.tables import NO_P, Estimate, Tables, same_lam
from regularization.analysis.tuning import sign
from regularization.claims.claim import Measurement, Notes, NotMeasured, Outcome, Rule, Within
from regularization.columns import CALIBRATION
from regularization.naming import Key, parse_p

PAIR = ["seed", "data_seed"]
Way: TypeAlias = Literal["median", "other_interval", "sign_flip_interval"]
FEWEST = 6  # pairs: of fewer no sign-flip p is below 0.05, and a bootstrap has hardly any values
Differences: TypeAlias = np.ndarray | pd.Series  # paired, shape (pairs,)
TURNED: dict[Outcome, Outcome] = {"holds": "fails", "fails": "holds"}
Asked: TypeAlias = Differences | Estimate | None  # None: the study lacks the runs
InSetting: TypeAlias = "Callable[[Evidence, str], Differences]"
Answer = TypeVar("Answer")
Values = TypeVar("Values", pd.Series, pd.DataFrame)


class Evidence(Notes):
    """The study's tables as one claim asks them, with the notes that it takes on the way.

    Every method raises `NotMeasured` where the study lacks the runs; values and pairs are at least two. `rng` is of the
    claim's bootstrap and permutations. Paired differences are summarised as `analysis.statistics` says, or in another
    `way`: by their median; with the bootstrap's interval instead of Student's and the other way round; with that of the
    sign-flip test.
    """

    weighs_conditions = True  # False: only what the rule asks for is looked at, where many ledgers are weighed

    def __init__(self, tables: Tables, rng: np.random.Generator, way: Way | None = None) -> None:
        super().__init__()
        self.tables, self.rng, self.way = tables, rng, way

    def values(self, key: Key, metric: str) -> pd.Series:
        """A metric of a cell's runs that did not diverge, or of their calibration, by (seed, data_seed)."""
        found = self.tables.known(("values", key, metric), lambda: self._values(key, metric))
        if len(found) < 2:
            raise NotMeasured("lacks_values", metric=metric, key=key)
        return found

    def _values(self, key: Key, metric: str) -> pd.Series:
        runs = self.tables.calibrated(key) if metric in CALIBRATION else self.tables.ok(key)
        return runs.set_index(PAIR)[metric].dropna().sort_index()

    def gap(self, key: Key) -> pd.Series:
        """Exact risk − training loss of a linear cell's runs, both mean squared errors, by (seed, data_seed)."""
        return self.values(key, "risk") - self.values(key, "train_loss")

    def differences(self, a: Key, b: Key, metric: str) -> np.ndarray:
        """Differences a − b over the seeds that both cells have, in the order of the seeds, shape (pairs,)."""
        return paired(self.values(a, metric) - self.values(b, metric), metric, (a, b)).to_numpy()

    def table_of(self, metric: str, keys: Sequence[Key]) -> pd.DataFrame:
        """A `quantity` by (seed, data_seed) and cell (columns 0, 1, … in the order of `keys`), pairs common to all."""
        return pd.concat([self.quantity(key, metric) for key in keys], axis=1, keys=range(len(keys)), join="inner")

    def lams(self, experiment: str, setting: str, method: str) -> list[float]:
        """The λ > 0 at which a method was run without dropout, ascending."""
        return sorted(float(lam) for lam in self._studied(experiment, setting, method)["lam"].unique() if lam > 0)

    def ps(self, setting: str, method: str = "dropout", experiment: str = "fashion_mnist") -> list[str]:
        """The p (texts) at which a method was run, in ascending order of their first number."""
        texts = self._studied(experiment, setting, method)["p"].unique()
        return sorted(texts, key=parse_p)

    def _studied(self, experiment: str, setting: str, method: str) -> pd.DataFrame:
        runs = self.tables.runs
        return runs[(runs["experiment"] == experiment) & (runs["setting"] == setting) & (runs["method"] == method)]

    def probe(self, key: Key, name: str, level: float | None = None) -> pd.Series:
        """A probe's value of a cell's runs, by (seed, data_seed)."""
        found = self.tables.known(("probe", key, name, level), lambda: self._probe(key, name, level))
        if len(found) < 2:
            raise NotMeasured("lacks_probe", probe=name, at=level, key=key)
        return found

    def _probe(self, key: Key, name: str, level: float | None) -> pd.Series:
        rows = self.tables.probes[self.tables.probes["probe"] == name]
        rows = rows[rows["level"].isna() if level is None else np.isclose(rows["level"], level)]
        return self.by_pair(key, rows, "value").sort_index()

    def quantity(self, key: Key, name: str) -> pd.Series:
        """What is known of a cell's runs by that name, in `values` or else as a probe, by (seed, data_seed)."""
        return self.values(key, name) if name in (*self.tables.runs, *CALIBRATION) else self.probe(key, name)

    def by_pair(self, key: Key, rows: pd.DataFrame, column: str) -> pd.Series:
        """A column of rows that name the runs of a cell, by (seed, data_seed)."""
        runs = self.tables.ok(key)[["run_id", *PAIR]]
        return runs.merge(rows[["run_id", column]], on="run_id").set_index(PAIR)[column].dropna()

    def probed(self, name: str, level: float) -> pd.DataFrame:
        """A probe without dropout and at p = 0.5, columns without and dropout, by (seed, data_seed)."""
        cells = {"without": network(), "dropout": dropped(0.5)}
        return pd.DataFrame({column: self.probe(key, name, level) for column, key in cells.items()})

    def weights(self, key: Key) -> pd.DataFrame:
        """The weights, no intercept, of a cell's runs that did not diverge: a row a seed, empty if not kept."""
        found = self.tables.ok(key)
        if found.empty or (table := self.tables.predictions(key)).empty:
            return pd.DataFrame()
        table = table[table["run_id"].isin(found["run_id"]) & (table["item"] < table["item"].max())]
        return table.set_index([*PAIR, "item"])["weight"].unstack()  # noqa: PD010

    def component(self, key: Key, name: str) -> pd.Series:
        """A part of a cell's squared error: value, se, ci_low, ci_high, n_replicates."""
        table = self.tables.decomposition
        if not table.empty:
            mask = (table["loss"] == "squared_error") & (table["component"] == name) & same_lam(table["lam"], key.lam)
            for column in ("experiment", "setting", "method", "p"):
                mask &= table[column] == getattr(key, column)
            if mask.any():
                return table[mask].iloc[0]
        raise NotMeasured("lacks_component", component=name, key=key)

    def chosen(
        self, setting: str, method: str, metric: str = "validation_loss", experiment: str = "fashion_mnist"
    ) -> Key:
        """The method's cell that is best by its mean validation loss (or accuracy), without a diverged run."""
        asked = {"metric": metric, "method": method, "experiment": experiment, "setting": setting}
        return self.tables.known(("chosen", *asked.values()), lambda: self._chosen(**asked))

    def _chosen(self, setting: str, method: str, metric: str, experiment: str) -> Key:
        cells = self.tables.of(experiment, setting, metric)
        cells = cells[(cells["method"] == method) & (cells["n_diverged"] == 0)].dropna(subset=["mean"])
        if cells.empty:
            raise NotMeasured("lacks_choice", metric=metric, method=method, experiment=experiment, setting=setting)
        best = cells.loc[(sign(metric) * cells["mean"]).idxmin()]
        return Key(experiment, setting, method, float(best["lam"]), str(best["p"]))

    def measured(self, values: Differences, rule: Rule) -> Measurement:
        """Paired differences as a rule asks for them, an equivalence test or a contrast, with all that was noted."""
        if isinstance(rule, Within):
            return Measurement.of(equivalence(values, low=rule.low, high=rule.high), self)
        return self.contrast(values)

    def contrast(self, values: Differences) -> Measurement:
        """The contrast of paired differences, with all that was noted."""
        if self.way == "median":
            return Measurement.of(median_contrast(values), self)
        found = paired_contrast(np.asarray(values, dtype=float), rng=self.rng, kind=self._kind(len(values)))
        return Measurement.of(found, self)

    def shown(self, block: str, values: Asked, bar: float = 0.0, *, below: bool = False, **facts: object) -> None:
        """Note whether a mean, or the estimate given, lies above, or below, the bar; its block gets it as `value`."""
        value = values if values is None or isinstance(values, Estimate) else self.mean(values)
        self.condition(block, (self.below if below else self.above)(value, bar), value=value, **facts)

    def elsewhere(
        self, block: str, values: InSetting, settings: Iterable[str], bar: float = 0.0, *, below: bool = False
    ) -> None:
        """Note it of the values in each setting; not tested where that was not run."""
        for setting in settings if self.weighs_conditions else ():
            self.shown(block, attempt(values, self, setting), bar, below=below, setting=setting)

    def mean(self, values: Differences) -> Estimate:
        """A mean of paired differences with its 95 % interval."""
        if self.way == "median":
            found = median_contrast(values)
            return Estimate(found.effect, found.ci_low, found.ci_high, found.n)
        low, high, _ = mean_interval(values, rng=self.rng, kind=self._kind(len(values)))
        return Estimate(float(values.mean()), low, high, len(values))

    def _kind(self, n: int) -> Interval | None:
        """The interval of a mean over n pairs; None: the usual one."""
        if self.way == "other_interval":
            return "bootstrap" if FEWEST <= n < BCA_FROM else "t"
        return "sign_flip" if self.way == "sign_flip_interval" else None

    def above(self, values: Asked, bar: float = 0.0) -> Outcome:
        """Whether a mean, or the estimate given, lies above the bar; "not shown" where its 95 % interval holds it."""
        if values is None:
            return "not tested"
        found = values if isinstance(values, Estimate) else self.mean(values)
        return "holds" if found.low > bar else "fails" if found.high < bar else "not shown"

    def below(self, values: Asked, bar: float = 0.0) -> Outcome:
        """Whether it lies below the bar, likewise."""
        outcome = self.above(values, bar)
        return TURNED.get(outcome, outcome)

    def check_the_edge(self, key: Key) -> None:
        """Note it where the strength is the smallest or the largest tried: that it is the best is not shown."""
        if key.lam:
            own, tried = f"{key.lam:g}", [f"{one:g}" for one in self.lams(key.experiment, key.setting, key.method)]
        else:
            own, tried = key.p, self.ps(key.setting, key.method, key.experiment)
        if own in (tried[0], tried[-1]):
            self.condition("inside_its_grid", "not shown", key=key, own=own, tried=tried)


Gather: TypeAlias = Callable[[Tables, np.random.Generator], Evidence]


def paired(differences: pd.Series, metric: str, keys: Iterable[Key]) -> pd.Series:
    """Differences by (seed, data_seed) of the pairs that have one; `NotMeasured` if they are fewer than two."""
    found = differences.dropna()
    if len(found) < 2:
        raise NotMeasured("lacks_pairs", metric=metric, keys=keys)
    return found


def log(values: Values) -> Values:
    """Natural logarithms; none of a 0, as the Jacobian of a network has whose units are all dead, or of its inverse."""
    return np.log(values.where((values > 0) & (values < np.inf)))


def attempt(ask: Callable[..., Answer], *given: object) -> Answer | None:
    """What is asked, or None where the study lacks the runs."""
    try:
        return ask(*given)
    except NotMeasured:
        return None


@dataclass(frozen=True)
class Levels:
    """Means of a quantity over common runs, in how many of them it falls and rises, and how many there are."""

    before: float
    after: float
    falls: int
    rises: int
    n: int

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def ratio(self) -> float:
        """After over before."""
        return self.after / self.before


def between(before: pd.Series, after: pd.Series) -> Levels | None:
    """The levels of two series by (seed, data_seed); None of fewer than two common runs."""
    one, other = before.align(after, join="inner")
    if len(one) < 2:
        return None
    return Levels(float(one.mean()), float(other.mean()), int((other < one).sum()), int((other > one).sum()), len(one))


def levels(evidence: Evidence, before: Key, after: Key, metric: str) -> Levels:
    """The levels of a metric, or a probe, of two cells; `NotMeasured` of fewer than two common runs."""
    found = between(evidence.quantity(before, metric), evidence.quantity(after, metric))
    if found is None:
        raise NotMeasured("lacks_pairs", metric=metric, keys=(before, after))
    return found


def network(
    method: str = "none", lam: float = 0.0, p: str = NO_P["fashion_mnist"], setting: str = "samples_500"
) -> Key:
    """A cell of the network experiment, by default where it overfits: 500 images."""
    return Key("fashion_mnist", setting, method, lam, p)


def dropped(p: float) -> Key:
    """The cell of that network with dropout of the same p behind every hidden layer."""
    return network("dropout", p="/".join([f"{p:g}"] * len(NO_P["fashion_mnist"].split("/"))))


def linear(
    method: str = "none", lam: float = 0.0, setting: str = "textbook", p: str = NO_P["linear_regression"]
) -> Key:
    """A cell of the linear experiment, by default the chapter's."""
    return Key("linear_regression", setting, method, lam, p)
