"""Dropout makes a network more robust to occlusion.

Robust: it loses less accuracy than without dropout when its inputs are disturbed (a black square of 10 × 10 pixels).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables

LEVELS = (6, 10, 14)


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lost = {level: drop(tables, "none", "0/0", level) - drop(tables, "dropout", "0.5/0.5", level) for level in LEVELS}
    numbers: dict[str, float | str] = {f"accuracy saved at {level:g}": float(lost[level].mean()) for level in LEVELS}
    conditions = [Condition("at the other levels too", all(values.mean() > 0 for values in lost.values()))]
    return evidence.contrast(lost[10].dropna(), rng, conditions, numbers)


def drop(tables: Tables, method: str, p: str, level: float) -> pd.Series:
    """Accuracy lost at a level, by seed."""
    key = evidence.network(method, p=p)
    clean, disturbed = (evidence.probe(tables, key, "occlusion_accuracy", at) for at in (0, level))
    return clean - disturbed


CLAIM = Claim(
    id="c28",
    statement="Dropout makes a network more robust to occluded inputs.",
    section="Dropout",
    estimand="accuracy lost under a black square of 10 × 10 pixels, none − dropout 0.5",
    unit="accuracy",
    needs="dropout: samples_500, none and dropout 0.5 with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="robustness",
    table="probes",
)
