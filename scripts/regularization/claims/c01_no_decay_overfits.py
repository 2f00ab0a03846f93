"""Without weight decay the chapter's model overfits: it does much worse on new data than on its training data.

Gap: exact risk − training loss, both mean squared errors.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Key, Tables

OTHERS = ("textbook_noise_0.1", "zero_init_noise_0.1")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary = gap(tables, evidence.linear())
    conditions = []
    numbers: dict[str, float | str] = {"training loss": evidence.values(tables, evidence.linear(), "train_loss").mean()}
    for name in tables.studied("weight_decay", OTHERS):
        other = gap(tables, evidence.linear(setting=name))
        conditions.append(Condition(f"in {name.replace('_', ' ')} too, in every seed", bool((other > 0).all())))
        numbers[f"gap, {name.replace('_', ' ')}"] = other.mean()
    return evidence.contrast(primary, rng, conditions, numbers)


def gap(tables: Tables, key: Key) -> pd.Series:
    """Risk − training loss, by seed."""
    return evidence.values(tables, key, "risk") - evidence.values(tables, key, "train_loss")


CLAIM = Claim(
    id="c01",
    statement="Without weight decay the linear model overfits.",
    section="Weight decay",
    estimand="exact risk − training loss at λ = 0 (textbook)",
    unit="squared error",
    needs="weight_decay: textbook, method none",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-curves",
)
