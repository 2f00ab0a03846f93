"""Whether cross-entropy, tempered cross-entropy and accuracy agree that one network is better than another.

After a fixed number of epochs much of what a method gains in cross-entropy is confidence. Tempered cross-entropy
divides the logits of a run by one temperature, fitted on validation images, and so leaves confidence out (Guo et al.
2017): where there are validation images, it decides which network is better, and the others have to agree. Intervals
cover seeds × test images where both cells' predictions were kept, otherwise seeds alone.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from regularization.analysis.statistics import equivalence, two_way_interval
from regularization.analysis.tables import Estimate, Tables
from regularization.analysis.tuning import COUNTERPART, sign
from regularization.claims import replicates
from regularization.claims.claim import NotMeasured, Outcome
from regularization.claims.evidence import Evidence, Levels, attempt, between
from regularization.naming import Key

MEASURES = PRIMARY, *OTHERS = "tempered_loss", "test_loss", "test_accuracy"
VALIDATION = {**COUNTERPART, "tempered_loss": "validation_loss"}  # what chooses for whom a measure counts
RATES = ("samples_500_half_rate", "samples_500", "samples_500_double_rate")  # the same at three learning rates
BUDGETS = ("samples_500_60_epochs", "samples_500", "samples_500_240_epochs", "samples_500_600_epochs")
SETTINGS = tuple(dict.fromkeys(BUDGETS + RATES))
ACCURACY_MARGIN = 0.003  # what is no difference in accuracy
CLOSE = 0.005  # of accuracy, what a reader would not notice
LOSS_MARGIN = 0.05  # and in cross-entropy, as a share


def gains(evidence: Evidence, better: Key, worse: Key, measure: str) -> np.ndarray:
    """How much better one cell is than another by a measure, by pair of runs: positive where it is."""
    return sign(measure) * evidence.differences(worse, better, measure)


def chosen(evidence: Evidence, methods: tuple[str, str], measure: str = PRIMARY) -> tuple[Key, Key]:
    """A cell of each method, as validation chooses for whom a measure counts."""
    one, other = (evidence.chosen("samples_500", method, VALIDATION[measure]) for method in methods)
    return one, other


def chosen_gains(evidence: Evidence, methods: tuple[str, str], measure: str = PRIMARY) -> np.ndarray:
    """What the first of two methods, so chosen, gains over the second, by pair of runs."""
    return gains(evidence, *chosen(evidence, methods, measure), measure)


def gain(evidence: Evidence, better: Key, worse: Key, measure: str) -> tuple[Estimate, bool]:
    """The mean of `gains` with its 95 % interval, and whether that covers the draw of test images too."""
    by_pair = gains(evidence, better, worse, measure)
    try:
        found = by_image(evidence, (better, worse), measure)
    except NotMeasured:
        return evidence.mean(by_pair), False
    _, low, high = two_way_interval(sign(measure) * (found[1] - found[0]))
    return Estimate(float(by_pair.mean()), low, high, len(by_pair)), True


@dataclass(frozen=True)
class Weighed:
    """A measure from one cell to another, and whether the other is shown to be better: "fails" where it is worse."""

    levels: Levels
    outcome: Outcome


def weighed(evidence: Evidence, better: Key, worse: Key) -> dict[str, Weighed]:
    """By every measure that both cells have: from the worse to the better, which may be the other way round."""
    found = {}
    for measure in MEASURES:
        with suppress(NotMeasured):
            levels = between(*(evidence.values(key, measure) for key in (worse, better)))
            if levels:
                found[measure] = Weighed(levels, evidence.above(gain(evidence, better, worse, measure)[0]))
    return found


def by_image(evidence: Evidence, keys: Sequence[Key], measure: str) -> list[np.ndarray]:
    """A measure of every cell's common runs on every test image, each (runs, images)."""
    tables = evidence.tables
    found = [tables.known(("scores", key, measure), partial(_scores, tables, key, measure)) for key in keys]
    return replicates.common(found, keys)


def _scores(tables: Tables, key: Key, measure: str) -> tuple[pd.MultiIndex, np.ndarray]:
    """A measure of a cell's runs on every test image."""
    pairs, p = replicates.predicted(tables, key, tempered=measure == "tempered_loss")
    labels = replicates.test_labels(tables)
    if measure == "test_accuracy":
        return pairs, (p.argmax(axis=2) == labels).astype(float)
    of_label = p[:, np.arange(len(labels)), labels]
    return pairs, -np.log(of_label.clip(np.finfo(np.float32).tiny), dtype=float)  # the rest is rounded off


def agree(evidence: Evidence, better: Key, worse: Key, measures: Sequence[str] = MEASURES) -> None:
    """Note of every measure whether it says that one cell is better than another, and what it says."""
    for measure in measures if evidence.weighs_conditions else ():
        found, images = attempt(gain, evidence, better, worse, measure) or (None, False)
        evidence.shown("better_by", found, measure=measure, better=better, worse=worse, over_images=images)


def no_different(evidence: Evidence, a: Key, b: Key, measures: Sequence[str] = MEASURES) -> None:
    """Note of every measure whether two cells differ by no more than its margin, for losses a share of the second's."""
    for measure in measures if evidence.weighs_conditions else ():
        margin = ACCURACY_MARGIN if measure == "test_accuracy" else LOSS_MARGIN
        change = attempt(relative, evidence, a, b, measure)
        mean = None if change is None else change.mean()
        evidence.condition(
            "no_different", near(change, margin), measure=measure, better=a, worse=b, change=mean, margin=margin
        )


def relative(evidence: Evidence, a: Key, b: Key, measure: str) -> np.ndarray:
    """Differences a − b by pair of runs, for losses over the mean of b."""
    unit = 1.0 if measure == "test_accuracy" else evidence.values(b, measure).mean()
    return evidence.differences(a, b, measure) / unit


def near(values: np.ndarray | None, margin: float) -> Outcome:
    """Whether a mean lies within ± a margin by two one-sided tests; it fails where its 90 % interval lies outside."""
    if values is None:
        return "not tested"
    found = equivalence(values, low=-margin, high=margin)
    return inside(found.ci_low, found.ci_high, margin)


def inside(low: float, high: float, margin: float) -> Outcome:
    """Whether an interval lies within ± a margin; it fails where it lies outside."""
    if low > margin or high < -margin:
        return "fails"
    return "holds" if low > -margin and high < margin else "not shown"


def at_best_rate(evidence: Evidence, key: Key, metric: str = "validation_loss") -> Key:
    """The same cell at the one of three learning rates that is best by its mean on validation images."""
    lack = NotMeasured("lacks_rates", metric=metric)
    return best(evidence, [key._replace(setting=setting) for setting in RATES], metric, lack)


def tuned(evidence: Evidence, method: str, metric: str = "validation_loss") -> Key:
    """The method's cell with strength and learning rate chosen together on validation images."""
    found = [attempt(evidence.chosen, setting, method, metric) for setting in RATES]
    return best(evidence, [key for key in found if key], metric, NotMeasured("lacks_rates", metric=metric))


def check_the_rates(evidence: Evidence, *keys: Key) -> bool:
    """Note whether the methods of these cells, which were chosen, were trained at all three learning rates."""
    tried = {(setting, key.method) for setting in RATES for key in keys if evidence.ps(setting, key.method)}
    complete = len(tried) == len(RATES) * len({key.method for key in keys})
    evidence.condition("rates_tried", "holds" if complete else "not tested", keys=keys)
    return complete


def best(evidence: Evidence, keys: Sequence[Key], metric: str, lack: NotMeasured) -> Key:
    """The cell that is best by its mean on validation images; raises `lack` where none was measured."""
    found = {}
    for key in keys:
        with suppress(NotMeasured):
            found[key] = sign(metric) * evidence.values(key, metric).mean()
    if not found:
        raise lack
    return min(found, key=found.__getitem__)


def recorded(evidence: Evidence, key: Key, metric: str, epoch: Literal["min", "max"] = "max") -> pd.Series:
    """A metric at the last recorded epoch, or the first ("min"), on the curve's images, by (seed, data_seed)."""
    curve = evidence.tables.curve(key)
    if metric not in curve or curve[metric].notna().sum() < 2:
        raise NotMeasured("lacks_curve", key=key)
    rows = curve[curve["epoch"] == curve.groupby("run_id")["epoch"].transform(epoch)]
    return evidence.by_pair(key, rows, metric)


def stopped(evidence: Evidence, key: Key, metric: str) -> pd.Series:
    """A metric at the best recorded epoch by validation loss, on the curve's images, by (seed, data_seed)."""
    curve = evidence.tables.curve(key).dropna(subset=["validation_loss"])
    if curve["run_id"].nunique() < 2:
        raise NotMeasured("lacks_curve", key=key)
    best = curve.loc[curve.groupby("run_id")["validation_loss"].idxmin(), ["run_id", metric]]
    return evidence.by_pair(key, best, metric)
