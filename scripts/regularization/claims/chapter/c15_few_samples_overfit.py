"""Many features and few samples overfit; more samples cure it.

Gap: exact risk − training loss. Without regularization, 20 against 500 samples of 200 features, paired by seed. "Cure":
less than a tenth of the gap is left. In the textbook setting nearly all of the gap at 20 samples is initial weights
that the data cannot see; from zero weights and with σ = 0.1 it is signal not learnt and noise learnt, of which least
squares keeps about 2σ²d/n. On the way there the minimum-norm fit is at its worst at n ≈ d. Conditions are judged by
intervals over seeds; what only a few seeds show is a number.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured

LEFT = 0.1  # of the gap, for it to count as cured


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    few, many = linear_gaps(tables, "textbook", "more_samples_500")
    numbers: dict[str, float | str] = {"gap with 20 samples": few.mean(), "gap with 500": many.mean()}
    conditions = [Condition("with 500 samples less than a tenth of the gap is left", cured(few, many, rng))]
    for check in (from_zero, network, detour):
        try:
            check(tables, rng, conditions, numbers)
        except NotMeasured:
            continue
    return evidence.contrast(few - many, rng, conditions, numbers)


def linear_gaps(tables: Tables, *settings: str) -> list[np.ndarray]:
    """Risk − training loss of the linear baseline in each setting, over the seeds common to all, shape (seeds,)."""
    keys = [evidence.linear(setting=setting) for setting in settings]
    risk, train = (evidence.table_of(tables, metric, keys) for metric in ("risk", "train_loss"))
    gaps = (risk - train).dropna()
    if len(gaps) < 2:
        raise NotMeasured(f"the settings {' and '.join(settings)} with common seeds")
    return list(gaps.to_numpy().T)


def cured(few: np.ndarray, many: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether less than a tenth of the mean gap is left, by the interval of the paired difference."""
    return mean_interval(LEFT * few - many, rng=rng)[0] > 0


def from_zero(
    tables: Tables, rng: np.random.Generator, conditions: list[Condition], numbers: dict[str, float | str]
) -> None:
    """The same without initial weights and with ten times the noise."""
    few, many = linear_gaps(tables, "samples_20", "samples_500")
    conditions.append(
        Condition("less than a tenth is left from zero initial weights at σ = 0.1, too", cured(few, many, rng))
    )
    numbers["gap from zero, σ = 0.1, with 20, 500 samples"] = f"{few.mean():.3g}, {many.mean():.3g}"


def network(
    tables: Tables, rng: np.random.Generator, conditions: list[Condition], numbers: dict[str, float | str]
) -> None:
    """Training − test accuracy of the network, paired by seed; with 10,000 images there are few seeds: a number."""
    few, many = accuracy_gaps(tables, "samples_500", "samples_2000")
    conditions.append(
        Condition(
            "the network's accuracy gap falls from 500 to 2,000 images", mean_interval(few - many, rng=rng)[0] > 0
        )
    )
    numbers["network's accuracy gap with 500, 2,000 images"] = f"{few.mean():.3f}, {many.mean():.3f}"
    few, many = accuracy_gaps(tables, "samples_500", "samples_10000")
    numbers[f"the same with 500, 10,000 images ({len(many)} seeds)"] = f"{few.mean():.3f}, {many.mean():.3f}"


def accuracy_gaps(tables: Tables, *settings: str) -> list[np.ndarray]:
    """Training − test accuracy without regularization in each setting, over the seeds common to all, shape (seeds,)."""
    keys = [evidence.network(setting=setting) for setting in settings]
    train, test = (evidence.table_of(tables, f"{part}_accuracy", keys) for part in ("train", "test"))
    gaps = (train - test).dropna()
    if len(gaps) < 2:
        raise NotMeasured(f"the network in the settings {' and '.join(settings)} with common seeds")
    return list(gaps.to_numpy().T)


def detour(
    tables: Tables, rng: np.random.Generator, conditions: list[Condition], numbers: dict[str, float | str]
) -> None:
    """Double descent: the risk of the minimum-norm fit on the way from n < d to n ≈ d."""
    keys = [evidence.linear("ridge", setting=setting) for setting in ("samples_100", "samples_200")]
    risk = evidence.table_of(tables, "risk", keys)
    falls = mean_interval(risk[0] - risk[1], rng=rng)[0] > 0
    conditions.append(Condition("more samples never hurt (minimum-norm fit, 100 → 200 samples)", falls))
    numbers["minimum-norm risk with 100, 200 samples"] = f"{risk[0].mean():.3g}, {risk[1].mean():.3g}"


CLAIM = Claim(
    id="c15",
    statement="With many features and few samples a model overfits, and more samples cure it.",
    section="Overfitting",
    estimand="difference of the gap (exact risk − training loss) between 20 and 500 samples of 200 features at λ = 0",
    unit="squared error",
    needs="linear_regression: textbook and more_samples_500, method none",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-more-samples",
    amended="The condition about networks compared 500 with 10,000 images, of which there are few seeds; now it "
    "compares 500 with 2,000, and the other comparison is told as a number. Conditions are judged by their intervals, "
    "no longer by their means.",
)
