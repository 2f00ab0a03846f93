"""Dropout beats weight decay, each tuned on validation data.

Cross-entropy is primary. For the population of images, not just these test images, the accuracies are compared by a
bootstrap over seeds × items.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.statistics import two_way_bootstrap
from regularization.tables import Key, Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    decay, dropout = (evidence.chosen(tables, "samples_500", name) for name in ("weight_decay", "dropout"))
    accuracy = evidence.differences(tables, dropout, decay, "test_accuracy").mean()
    numbers: dict[str, float | str] = {
        "chosen": f"λ = {decay.lam:g}, p = {dropout.p}",
        "accuracy, dropout − weight decay": float(accuracy),
    }
    conditions = [Condition("test accuracy is higher too", bool(accuracy > 0))]
    try:
        mean, low, high = two_way_bootstrap(correct(tables, dropout) - correct(tables, decay), rng=rng)
        numbers["the same with an interval over seeds and images"] = f"{mean:.4f} [{low:.4f}, {high:.4f}]"
        conditions.append(Condition("also over the population of images", bool(low > 0)))
    except NotMeasured:
        pass
    return evidence.contrast(evidence.differences(tables, decay, dropout, "test_loss"), rng, conditions, numbers)


def correct(tables: Tables, key: Key) -> np.ndarray:
    """Whether each run classifies each test image correctly, (runs, items)."""
    p, _ = evidence.probabilities(tables, key)
    if len(tables.labels) != p.shape[1]:
        raise NotMeasured("the labels of the test images")
    return (p.argmax(axis=2) == tables.labels["label"].to_numpy()).astype(float)


CLAIM = Claim(
    id="c32",
    statement="Dropout works better than weight decay.",
    section="Dropout",
    estimand="test cross-entropy, weight decay − dropout, each tuned on validation data, 500 images",
    unit="nats",
    needs="dropout: samples_500, weight_decay and dropout",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="dropout-strength",
)
