"""Robustness as a difference of differences: accuracy lost to a disturbance without dropout − lost with dropout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Condition, Measurement


def saved(tables: Tables, rng: np.random.Generator, probe: str, primary: float, others: Sequence[float]) -> Measurement:
    """How much less accuracy dropout at 0.5 loses at the level `primary` than no dropout, relative to level 0.

    An accuracy that is higher to begin with counts for nothing. The other levels are a condition: at none of them may
    the opposite be shown.
    """
    keys = {"none": evidence.network(), "dropout": evidence.dropped(0.5)}
    levels = (0.0, *sorted((primary, *others)))
    accuracy = {
        level: pd.DataFrame({name: evidence.probe(tables, key, probe, level) for name, key in keys.items()})
        for level in levels
    }
    numbers: dict[str, float | str] = {}
    less = {}
    for level in levels:
        lost = accuracy[0.0] - accuracy[level]
        less[level] = (lost["none"] - lost["dropout"]).dropna()
        means = accuracy[level].mean()
        numbers[f"accuracy at {level:g}, none → dropout"] = f"{means['none']:.4f} → {means['dropout']:.4f}"
        if level:
            numbers[f"accuracy saved at {level:g}"] = float(less[level].mean())
    opposite = any(mean_interval(less[level], rng=rng)[1] < 0 for level in others)
    conditions = [Condition("at no other level does dropout lose more", not opposite)]
    return evidence.contrast(less[primary], rng, conditions, numbers)
