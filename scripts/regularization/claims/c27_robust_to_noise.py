"""Dropout makes a network more robust to noise on its inputs.

Robust: it loses less accuracy than without dropout when its inputs are disturbed (noise of standard deviation 0.3).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables

LEVELS = (0.1, 0.2, 0.3, 0.5)


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lost = {level: drop(tables, "none", "0/0", level) - drop(tables, "dropout", "0.5/0.5", level) for level in LEVELS}
    numbers: dict[str, float | str] = {f"accuracy saved at {level:g}": float(lost[level].mean()) for level in LEVELS}
    conditions = [Condition("at the other levels too", all(values.mean() > 0 for values in lost.values()))]
    return evidence.contrast(lost[0.3].dropna(), rng, conditions, numbers)


def drop(tables: Tables, method: str, p: str, level: float) -> pd.Series:
    """Accuracy lost at a level, by seed."""
    key = evidence.network(method, p=p)
    clean, disturbed = (evidence.probe(tables, key, "noise_accuracy", at) for at in (0, level))
    return clean - disturbed


CLAIM = Claim(
    id="c27",
    statement="Dropout makes a network more robust to noise on its inputs.",
    section="Dropout",
    estimand="accuracy lost under noise of standard deviation 0.3, none − dropout 0.5",
    unit="accuracy",
    needs="dropout: samples_500, none and dropout 0.5 with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="robustness",
    table="probes",
)
