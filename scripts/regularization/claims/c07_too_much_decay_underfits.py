"""Too large a λ underfits: λ = 10 is worse than the λ that validation data choose."""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    ten = evidence.linear("l2_penalty", 10)
    best = evidence.chosen(tables, "textbook", "l2_penalty", "weight_decay")
    if best.lam == 10:
        numbers: dict[str, float | str] = {"λ chosen": 10.0}
        n = len(evidence.values(tables, ten, "risk"))
        return Measurement(0.0, 0.0, 0.0, n, "validation data choose λ = 10 itself", p_value=1.0, numbers=numbers)
    train = evidence.differences(tables, ten, best, "train_loss").mean()
    conditions = [Condition("the training loss is higher too", bool(train > 0))]
    numbers = {"λ chosen": best.lam, "training loss, difference": float(train)}
    return evidence.contrast(evidence.differences(tables, ten, best, "risk"), rng, conditions, numbers)


CLAIM = Claim(
    id="c07",
    statement="At λ = 10 the model underfits.",
    section="Exercises: weight decay",
    estimand="exact risk, λ = 10 − the λ chosen on validation data (textbook)",
    unit="squared error",
    needs="weight_decay: textbook, l2_penalty at λ = 10 and others",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-lambda",
)
