"""Too large a p underfits: at p = 0.9 training and test error are both worse than at the p validation chooses."""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    extreme, best = evidence.network("dropout", p="0.9/0.9"), evidence.chosen(tables, "samples_500", "dropout")
    train = evidence.values(tables, extreme, "train_accuracy")
    conditions = [
        Condition(
            "the training loss is higher as well",
            bool(evidence.differences(tables, extreme, best, "train_loss").mean() > 0),
        ),
        Condition("it no longer fits the training images (accuracy below 0.99)", bool(train.mean() < 0.99)),
    ]
    numbers: dict[str, float | str] = {"p chosen": best.p, "training accuracy at p = 0.9": float(train.mean())}
    return evidence.contrast(evidence.differences(tables, extreme, best, "test_loss"), rng, conditions, numbers)


CLAIM = Claim(
    id="c30",
    statement="Too large a dropout probability underfits.",
    section="Exercises: dropout",
    estimand="test cross-entropy, p = 0.9 − the p chosen on validation data, 500 images",
    unit="nats",
    needs="dropout: samples_500, dropout 0.9 and others",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="dropout-strength",
)
