"""Many features and few samples overfit; more samples cure it."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, NotMeasured, linear, network
from regularization.claims.linear_models import task

LEFT = 0.1  # of the gap, for it to count as cured
MANY = {"samples_20": "samples_500", "textbook": "more_samples_500"}
ACCURACIES = "train_accuracy", "test_accuracy"


def evaluate(evidence: Evidence) -> Differences:
    few, many = gaps(evidence, linear, "risk", "train_loss", *next(iter(MANY.items())))
    evidence.number("gaps", few.mean(), many=many.mean())
    evidence.elsewhere("cured", cured, MANY, LEFT, below=True)
    evidence.elsewhere("network_gap_falls", falls, ["samples_2000"])
    with suppress(NotMeasured):  # few seeds: a number
        images = gaps(evidence, network, *ACCURACIES, "samples_500", "samples_10000")
        evidence.number("network_gap_10000", images[0].mean(), many=images[1].mean(), seeds=len(images[1]))
    if len(risks := minimum_norm_risks(evidence)) > 2:
        evidence.number("minimum_norm", risks=turning_points(risks))
    return few - many


def gaps(evidence: Evidence, cell: Callable[..., Key], over: str, under: str, *settings: str) -> list[np.ndarray]:
    """A metric − another of the baseline in each setting, over the seeds common to all, shape (seeds,)."""
    keys = [cell(setting=setting) for setting in settings]
    found = (evidence.table_of(over, keys) - evidence.table_of(under, keys)).dropna()
    if len(found) < 2:
        raise NotMeasured("lacks_settings", settings=settings)
    return list(found.to_numpy().T)


def cured(evidence: Evidence, setting: str) -> np.ndarray:
    """The share of the mean gap that is left with 500 samples, by seed."""
    few, many = gaps(evidence, linear, "risk", "train_loss", setting, MANY[setting])
    return many / few.mean()


def falls(evidence: Evidence, setting: str) -> np.ndarray:
    """By how much the network's training − test accuracy is smaller than with 500 images, by seed."""
    few, many = gaps(evidence, network, *ACCURACIES, "samples_500", setting)
    return few - many


def minimum_norm_risks(evidence: Evidence) -> list[tuple[int, float]]:
    """Sample sizes, ascending, and the mean risk of the minimum-norm fit with so many."""
    found = []
    for setting in evidence.tables.series("linear_regression"):
        with suppress(NotMeasured):
            risk = evidence.values(linear("ridge", setting=setting), "risk").mean()
            found.append((task(evidence, setting).n_train, float(risk)))
    return sorted(found)


def turning_points(risks: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The first, the last, and those where the risk stops falling or rising."""
    turns = [
        one
        for before, one, after in zip(risks, risks[1:], risks[2:], strict=False)
        if (one[1] - before[1]) * (after[1] - one[1]) < 0
    ]
    return [risks[0], *turns, risks[-1]]


CLAIM = Claim(__name__, AtLeast(), evaluate)
