"""Usual values of λ, 0.001 and 0.01, help a network only a little.

"A little" as an equivalence: test accuracy within 0.3 points of no weight decay.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, Within
from regularization.statistics import equivalence
from regularization.tables import Tables

MARGIN = 0.003


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    found = {
        lam: equivalence(
            evidence.differences(tables, evidence.network("weight_decay", lam), evidence.network(), "test_accuracy"),
            low=-MARGIN,
            high=MARGIN,
        )
        for lam in (0.001, 0.01)
    }
    loss = evidence.differences(tables, evidence.network("weight_decay", 0.01), evidence.network(), "test_loss").mean()
    baseline = evidence.values(tables, evidence.network(), "test_loss").mean()
    conditions = (
        Condition("at λ = 0.01 too", found[0.01].equivalent),
        Condition("cross-entropy at λ = 0.01 changes by less than 5 %", bool(abs(loss) < 0.05 * baseline)),
    )
    numbers: dict[str, float | str] = {
        "accuracy, λ = 0.01 − 0": found[0.01].effect,
        "cross-entropy, λ = 0.01 − 0": float(loss),
    }
    return Measurement.of(found[0.001], conditions=conditions, numbers=numbers)


CLAIM = Claim(
    id="c13",
    statement="Weight decay of the usual strength, 0.001 or 0.01, changes a network's test accuracy only a little.",
    section="Exercises: weight decay",
    estimand="test accuracy, λ = 0.001 − λ = 0, 500 images",
    unit="accuracy",
    needs="dropout: samples_500, none and weight_decay at 0.001 and 0.01",
    rule=Within(-MARGIN, MARGIN),
    evaluate=evaluate,
    figure="dropout-strength",
)
