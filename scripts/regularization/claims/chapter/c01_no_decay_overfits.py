"""Without weight decay the chapter's model overfits: it does much worse on new data than on its training data.

Gap: exact risk − training loss, both mean squared errors. Any positive gap decides; that it is "much" worse is a
condition: in every seed the gap is at least half of the risk. It is there with more noise and without initial weights
as well.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.overfitting import gap, named

OTHERS = ("textbook_noise_0.1", "zero_init", "zero_init_noise_0.1")
MOST = 0.5  # of the risk


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary = gap(tables, evidence.linear())
    share = primary / evidence.values(tables, evidence.linear(), "risk")
    conditions = [Condition("the gap is at least half of the risk in every seed", bool((share >= MOST).all()))]
    numbers: dict[str, float | str] = {
        "training loss": evidence.values(tables, evidence.linear(), "train_loss").mean(),
        "gap as a share of the risk": share.mean(),
    }
    for name in OTHERS:
        try:
            other = gap(tables, evidence.linear(setting=name))
        except NotMeasured:
            continue
        conditions.append(Condition(f"in {named(name)} too, in every seed", bool((other > 0).all())))
        numbers[f"gap, {named(name)}"] = other.mean()
    return evidence.contrast(primary, rng, conditions, numbers)


CLAIM = Claim(
    id="c01",
    statement="Without weight decay the linear model overfits.",
    section="Weight decay",
    estimand="exact risk − training loss at λ = 0 (textbook)",
    unit="squared error",
    needs="linear_regression: textbook, method none",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-curves",
)
