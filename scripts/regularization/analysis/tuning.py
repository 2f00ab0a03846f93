"""How hard a method is to tune: regret over its strengths, random search, and what choosing on test data pretends.

Choices are made seed by seed on validation data, by the validation counterpart of the metric that is reported: accuracy
by validation accuracy, losses (and the exact risk) by validation loss. Random search draws from a method's *effective
range*, found on mean validation loss: from the first strength that moves the loss by at least `NOTICEABLE` of the
largest gain over no regularization, to the last that is no worse than no regularization. It is empty where nothing
gains, and cut off by the grid where it reaches the last strength. A searcher who has to find the range first does worse
than what is computed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np
import pandas as pd

from regularization.analysis.catalogue import TABLES
from regularization.analysis.tables import estimate
from regularization.naming import parse_p
from regularization.settings import setting_class

COLUMNS = TABLES["tuning"].columns
COUNTERPART = {"test_loss": "validation_loss", "risk": "validation_loss", "test_accuracy": "validation_accuracy"}
NOTICEABLE = 0.05  # share of the largest gain
CLOSE = {"test_accuracy": 0.005, "risk": 0.05, "test_loss": 0.05}  # accuracy: absolute; losses: relative to the best
TRIES = (1, 2, 3, 5)
MIN_STRENGTHS = 3  # fewer are no grid to search
SEED = ["seed", "data_seed"]


@dataclass(frozen=True)
class Grid:
    """A method's strengths in one setting: λ, or p where one number tells the cells apart; 0 is no regularization."""

    values: pd.DataFrame  # one row a (seed, data_seed), columns (metric, strength), the strengths ascending from 0

    @property
    def strengths(self) -> np.ndarray:
        """Shape (strengths,); the first is 0."""
        return self.values["validation_loss"].columns.to_numpy(dtype=float)

    def losses(self, metric: str) -> np.ndarray:
        """A metric turned so that lower is better, shape (seeds, strengths)."""
        return sign(metric) * self.values[metric].to_numpy(dtype=float)

    @cached_property
    def effective(self) -> np.ndarray:
        """Which strengths are in the effective range, shape (strengths,), bool; never 0 itself."""
        mean = self.losses("validation_loss").mean(axis=0)
        gain = mean[0] - mean.min()
        inside = np.zeros(len(mean), dtype=bool)
        if gain > 0:
            first = int(np.argmax(np.abs(mean - mean[0]) >= NOTICEABLE * gain))
            inside[first : int(np.flatnonzero(mean <= mean[0])[-1]) + 1] = True
        return inside

    def best(self, metric: str) -> int:
        """The column of the strength that is best by its mean on test data: a reference that no search can know."""
        return int(self.losses(metric).mean(axis=0).argmin())


def sign(metric: str) -> int:
    """1 for losses, −1 for accuracies: times the metric, lower is better."""
    return -1 if metric.endswith("accuracy") else 1


def grid(runs: pd.DataFrame, experiment: str, setting: str, method: str) -> Grid | None:
    """Return a method's grid over the seeds that all strengths share.

    A strength at which some run diverged is left out: the means of what is left would flatter it. None without
    validation data, without a baseline, with fewer than `MIN_STRENGTHS` strengths above 0, or where λ alone and p alone
    were studied, which are no strengths of one scale.
    """
    here = runs[(runs["experiment"] == experiment) & (runs["setting"] == setting)]
    own = here[here["method"] == method]
    own = own.assign(strength=[_strength(lam, p) for lam, p in zip(own["lam"], own["p"], strict=True)])
    if not (own["strength"] == 0).any():  # ridge has a λ = 0 of its own
        own = pd.concat([own, here[here["method"] == "none"].assign(strength=0.0)])
    kind = setting_class(experiment)
    reported = (*kind.tuned, *kind.flattered)
    metrics = list(dict.fromkeys(("validation_loss", *reported, *(COUNTERPART[metric] for metric in reported))))
    own = own.dropna(subset=["strength"])
    if len({lam > 0 for lam in own.loc[own["strength"] > 0, "lam"]}) > 1:
        return None
    stable = (own["status"] == "ok").groupby(own["strength"]).transform("all")
    found = own[stable].dropna(subset=metrics)
    # A pivot_table would average duplicates in silence.
    values = found.pivot(index=SEED, columns="strength", values=metrics).dropna()  # noqa: PD010
    strengths = set(found["strength"])
    if values.empty or 0 not in strengths or len(strengths) <= MIN_STRENGTHS:
        return None
    return Grid(values)


def _strength(lam: float, p: str) -> float:
    """λ without dropout, the p of all layers without λ; NaN where no single number says how strong a run is."""
    layers = set(parse_p(p)) or {0.0}
    if len(layers) > 1 or (lam > 0 and layers != {0.0}):
        return np.nan
    return float(lam) or layers.pop()


def chosen(losses: np.ndarray, reported: np.ndarray) -> np.ndarray:
    """Return what each seed's candidate with the lowest loss reports, shape (seeds,); both are (seeds, candidates)."""
    return np.take_along_axis(reported, losses.argmin(axis=1)[:, None], axis=1)[:, 0]


def choices(found: Grid, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """What a metric, lower being better, reports where test values choose and where validation does, each (seeds,)."""
    reported = found.losses(metric)
    return chosen(reported, reported), chosen(found.losses(COUNTERPART[metric]), reported)


def optimism(found: Grid, metric: str) -> np.ndarray:
    """Compute how much better a metric looks where it chooses on test data itself, shape (seeds,); never negative."""
    by_test, by_validation = choices(found, metric)
    return by_validation - by_test


def best_of(k: int, validation: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Expect the test metric of random search: k strengths drawn without replacement, the validation winner kept.

    The strength of rank r (0 the best by validation) of m wins if it is drawn and no better one is, which has the
    probability C(m−1−r, k−1)/C(m, k). Grid points are equally likely: near log-uniform in λ, near uniform in p.
    Validation and test have the shape (seeds, m), the result (seeds,). Raises `ValueError` if k is not between 1 and m.
    """
    m = validation.shape[1]
    if not 1 <= k <= m:
        raise ValueError(f"k = {k} of {m} strengths cannot be drawn; k is from 1 to {m}")
    wins = np.array([comb(m - 1 - rank, k - 1) for rank in range(m)]) / comb(m, k)
    return np.take_along_axis(test, np.argsort(validation, axis=1, kind="stable"), axis=1) @ wins


def search(found: Grid, metric: str, k: int) -> np.ndarray:
    """`best_of` k strengths of the effective range, lower is better, shape (seeds,)."""
    inside = found.effective
    return best_of(k, found.losses(COUNTERPART[metric])[:, inside], found.losses(metric)[:, inside])


def regret_of_search(found: Grid, metric: str, k: int) -> pd.Series:
    """Compute how much worse `search` ends than the best strength by mean, by (seed, data_seed)."""
    return pd.Series(search(found, metric, k) - found.losses(metric)[:, found.best(metric)], index=found.values.index)


def share_close(found: Grid, metric: str) -> pd.Series:
    """Count the effective strengths within `CLOSE` of the best by mean, as a share, by (seed, data_seed)."""
    losses = found.losses(metric)
    best = losses[:, [found.best(metric)]]
    margin = CLOSE[metric] * (1.0 if metric.endswith("accuracy") else best)
    return pd.Series((losses <= best + margin)[:, found.effective].mean(axis=1), index=found.values.index)


def tuning_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Compute all quantities of every method and setting that can be tuned, with `COLUMNS`: means over seeds.

    Regrets and optimism are positive where the choice is worse or looks better than it is, for accuracies too.
    """
    rows: list[dict[str, object]] = []
    for (experiment, setting, method), _ in runs.groupby(["experiment", "setting", "method"], sort=True):
        found = None if method == "none" else grid(runs, str(experiment), str(setting), str(method))
        if found is not None:
            name = {"experiment": experiment, "setting": setting, "method": method}
            rows += [{**name, **row} for row in _rows(found, str(experiment))]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(found: Grid, experiment: str) -> Iterator[dict[str, object]]:
    inside = found.effective
    m = int(inside.sum())
    for metric in setting_class(experiment).tuned:
        losses = found.losses(metric)
        for column, strength in enumerate(found.strengths):
            yield _row(metric, "regret", losses[:, column] - losses[:, found.best(metric)], strength=strength)
            yield _row(metric, "effective", np.full(len(losses), float(inside[column])), strength=strength)
        if m == 0:
            continue
        yield _row(metric, "share_within", share_close(found, metric))
        for k in sorted({*(k for k in TRIES if k < m), m}):
            yield _row(metric, "best_of_k", sign(metric) * search(found, metric, k), k=k)
            yield _row(metric, "regret_of_k", regret_of_search(found, metric, k), k=k)
    for metric in setting_class(experiment).flattered:
        yield _row(metric, "optimism", optimism(found, metric))


def _row(
    metric: str, quantity: str, values: np.ndarray | pd.Series, strength: float = np.nan, k: float = np.nan
) -> dict[str, object]:
    mean = estimate(values)
    measured = {"value": mean.mean, "ci_low": mean.low, "ci_high": mean.high, "n": mean.n}
    return {"metric": metric, "quantity": quantity, "strength": strength, "k": k, **measured}
