"""A p of 0.5 is a sensible default; 0.1 does little, 0.9 is too much.

Primary: p = 0.5 lowers the test cross-entropy. "Sensible default" is a condition: its accuracy lies within half a
percentage point, what a reader would not notice, of the p that validation data choose. "Little" is less than half of
what 0.5 gains.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.statistics import mean_interval
from regularization.tables import Tables

CLOSE = 0.005  # of accuracy


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    keys = [evidence.network(), *(evidence.network("dropout", p=f"{p}/{p}") for p in (0.1, 0.5, 0.9))]
    loss = evidence.table_of(tables, "test_loss", keys)
    small, half, large = (loss[0] - loss[column] for column in (1, 2, 3))
    best = evidence.chosen(tables, "samples_500", "dropout")
    accuracy = evidence.differences(tables, keys[2], best, "test_accuracy")
    conditions = [
        Condition(
            "p = 0.5 is within 0.5 points of the accuracy at the p that validation loss chooses",
            bool(low(accuracy, rng) > -CLOSE),
        ),
        Condition("p = 0.1 gains less than half as much", bool(low(half / 2 - small, rng) > 0)),
        Condition("p = 0.9 is worse than 0.5", bool(low(half - large, rng) > 0)),
    ]
    numbers: dict[str, float | str] = {
        "p chosen": best.p,
        "accuracy of 0.5 − of the p chosen": float(accuracy.mean()),
        "nats gained at p = 0.1": float(small.mean()),
        "nats gained at p = 0.9": float(large.mean()),
    }
    return evidence.contrast(half, rng, conditions, numbers)


def low(differences: np.ndarray, rng: np.random.Generator) -> float:
    """The lower end of the interval of the mean."""
    return mean_interval(differences, rng=rng)[0]


CLAIM = Claim(
    id="c29",
    statement="Of the dropout probabilities, 0.5 is a sensible default, 0.1 does little and 0.9 is too much.",
    section="Exercises: dropout",
    estimand="test cross-entropy, none − dropout 0.5, 500 images",
    unit="nats",
    needs="dropout: samples_500, none and dropout 0.1, 0.5, 0.9",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="dropout-strength",
)
