"""Even at λ = 3 some overfitting remains.

The gap, exact risk − training loss, as a share of the risk; less than 5 % would not be worth the word. Condition: as
much remains from zero initial weights, so that it is not only what λ = 3 has not erased of them yet.
"""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.overfitting import gap, named

MARGIN = 0.05
OTHERS = ("zero_init", "zero_init_noise_0.1")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    key = evidence.linear("l2_penalty", CHAPTER_LAM)
    primary = share(tables, "textbook")
    conditions = []
    numbers: dict[str, float | str] = {
        "risk": evidence.values(tables, key, "risk").mean(),
        "training loss": evidence.values(tables, key, "train_loss").mean(),
    }
    with contextlib.suppress(NotMeasured):
        numbers["gap as a share of that at λ = 0"] = gap(tables, key).mean() / gap(tables, evidence.linear()).mean()
    for name in OTHERS:
        try:
            other = share(tables, name)
        except NotMeasured:
            continue
        low, _, _ = mean_interval(other, rng=rng)
        conditions.append(Condition(f"in {named(name)} the share is at least 5 % too", bool(low >= MARGIN)))
        numbers[f"gap/risk, {named(name)}"] = other.mean()
    return evidence.contrast(primary, rng, conditions, numbers)


def share(tables: Tables, setting: str) -> pd.Series:
    """(Risk − training loss)/risk at λ = 3, by seed."""
    key = evidence.linear("l2_penalty", CHAPTER_LAM, setting)
    return gap(tables, key) / evidence.values(tables, key, "risk")


CLAIM = Claim(
    id="c04",
    statement="Some overfitting remains at λ = 3.",
    section="Weight decay",
    estimand="(exact risk − training loss)/risk at λ = 3 (textbook)",
    unit="share",
    needs="linear_regression: textbook, l2_penalty at λ = 3",
    rule=AtLeast(MARGIN),
    evaluate=evaluate,
    figure="weight-decay-curves",
)
