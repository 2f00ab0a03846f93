"""Dropout breaks up co-adaptation: hidden units depend less on each other.

Primary: how much the loss of removing two units of the last hidden layer differs from the sum of their losses, as a
log ratio, so that it does not depend on the unit. Conditions: correlation between units, and the directions they use.
That networks trained with dropout bear deleted units is what they were trained for: only a check.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement

DELETED = (0.1, 0.25, 0.5, 0.75, 0.9)


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    interaction = both(tables, "pair_ablation_interaction", 2)
    conditions = []
    numbers: dict[str, float | str] = {"pair-ablation interaction": change(interaction)}
    for name, sign, words in (
        ("hidden_correlation", -1, "units of hidden layer {} are less correlated"),
        ("participation_ratio", 1, "hidden layer {} uses more directions"),
    ):
        for layer in (1, 2):
            measured = both(tables, name, layer)
            differ = sign * (measured["dropout"] - measured["none"])
            conditions.append(Condition(words.format(layer), mean_interval(differ, rng=rng)[0] > 0))
            numbers[f"{name.replace('_', ' ')}, layer {layer}"] = change(measured)
    curve = sum(both(tables, "deletion_accuracy", share) for share in DELETED) / len(DELETED)
    kept = mean_interval(curve["dropout"] - curve["none"], rng=rng)[0] > 0
    conditions.append(Condition("it bears deleted units better (trained for)", kept))
    numbers["accuracy over all shares of deleted units"] = change(curve)
    return evidence.contrast(np.log(interaction["none"] / interaction["dropout"]), rng, conditions, numbers)


def both(tables: Tables, name: str, level: float) -> pd.DataFrame:
    """A probe without dropout and at p = 0.5, columns none and dropout, by seed."""
    keys = {"none": evidence.network(), "dropout": evidence.dropped(0.5)}
    return pd.DataFrame({method: evidence.probe(tables, key, name, level) for method, key in keys.items()}).dropna()


def change(measured: pd.DataFrame) -> str:
    """Mean without → with dropout."""
    return f"{measured['none'].mean():.4g} → {measured['dropout'].mean():.4g}"


CLAIM = Claim(
    id="c26",
    statement="Dropout reduces the co-adaptation of hidden units.",
    section="Dropout",
    estimand="log ratio of the pair-ablation interaction, none over dropout 0.5",
    unit="log ratio",
    needs="fashion_mnist: samples_500, none and dropout 0.5 with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="co-adaptation",
    table="probes",
)
