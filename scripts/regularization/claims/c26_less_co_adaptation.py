"""Dropout breaks up co-adaptation: hidden units depend less on each other.

Primary: how much the loss of removing two units of the last hidden layer differs from the sum of their losses, as a
ratio. That networks trained with dropout bear deleted units is what they were trained for: only a check.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    plain, dropped = evidence.network(), evidence.network("dropout", p="0.5/0.5")

    def both(name: str, level: float) -> tuple[pd.Series, pd.Series]:
        a, b = evidence.probe(tables, plain, name, level), evidence.probe(tables, dropped, name, level)
        return a.align(b, join="inner")

    interaction = both("pair_ablation_interaction", 2)
    conditions, numbers = [], dict[str, float | str]()
    for name, level, sign, text in (
        ("hidden_correlation", 1, -1, "units of the first hidden layer are less correlated"),
        ("hidden_correlation", 2, -1, "units of the second hidden layer are less correlated"),
        ("participation_ratio", 1, 1, "the first hidden layer uses more directions"),
        ("participation_ratio", 2, 1, "the second hidden layer uses more directions"),
        ("deletion_accuracy", 0.5, 1, "half of the units can be deleted at less cost (trained for)"),
    ):
        before, after = both(name, level)
        conditions.append(Condition(text, bool(sign * (after - before).mean() > 0)))
        numbers[f"{name.replace('_', ' ')} at {level:g}"] = f"{before.mean():.4g} → {after.mean():.4g}"
    return evidence.contrast(np.log(interaction[0]) - np.log(interaction[1]), rng, conditions, numbers)


CLAIM = Claim(
    id="c26",
    statement="Dropout reduces the co-adaptation of hidden units.",
    section="Dropout",
    estimand="log ratio of the pair-ablation interaction, none over dropout 0.5",
    unit="log ratio",
    needs="dropout: samples_500, none and dropout 0.5 with probes",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="co-adaptation",
    table="probes",
)
