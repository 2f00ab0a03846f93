"""Too large a p underfits: at p = 0.9 training and test error are both worse than at the best smaller p.

The best smaller p is chosen on validation data. Conditions are judged by intervals over seeds.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.naming import Key

TOO_LARGE = 0.9
FITTED = 0.99  # of the training images; below it a network no longer fits them


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    extreme = evidence.dropped(TOO_LARGE)
    best = best_smaller(tables)
    loss = evidence.differences(tables, extreme, best, "train_loss")
    fitted = evidence.table_of(tables, "train_accuracy", [best, extreme])
    _, highest, _ = mean_interval(fitted[1], rng=rng)
    conditions = [
        Condition("the training loss is higher as well", mean_interval(loss, rng=rng)[0] > 0),
        Condition("it no longer fits the training images (accuracy below 0.99)", highest < FITTED),
    ]
    numbers: dict[str, float | str] = {
        "p chosen": best.p,
        "training loss, p = 0.9 − the p chosen": float(loss.mean()),
        "training accuracy at the p chosen": float(fitted[0].mean()),
        "training accuracy at p = 0.9": float(fitted[1].mean()),
    }
    return evidence.contrast(evidence.differences(tables, extreme, best, "test_loss"), rng, conditions, numbers)


def best_smaller(tables: Tables) -> Key:
    """The dropout cell other than 0.9 with the lowest mean validation loss, among those without a diverged run."""
    excluded = evidence.dropped(TOO_LARGE)
    keys = [key for p in evidence.ps(tables, "samples_500") if (key := evidence.network("dropout", p=p)) != excluded]
    cells = {key: tables.cell(key, "validation_loss") for key in keys}
    losses = {key: cell.mean for key, cell in cells.items() if cell is not None and cell.n_diverged == 0}
    if not losses:
        raise NotMeasured("dropout below p = 0.9 with validation data in dropout, setting samples_500")
    return min(losses, key=losses.__getitem__)


CLAIM = Claim(
    id="c30",
    statement="Too large a dropout probability underfits.",
    section="Exercises: dropout",
    estimand="test cross-entropy, p = 0.9 − the best smaller p by validation, 500 images",
    unit="nats",
    needs="fashion_mnist: samples_500, dropout 0.9 and others",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="dropout-strength",
    amended="p = 0.9 was first compared with the p chosen among all, itself included; the candidates became the "
    "smaller ones, and the conditions are judged by their intervals, no longer by their means.",
)
