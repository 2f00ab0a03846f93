"""Large weights cause overfitting.

An intervention on the weights alone: the same data and noise, trained from large and from zero initial weights, at
λ = 0. Condition: weights that are large because the truth is large overfit as well, which would make size the cause and
not its origin. Gap: exact risk − training loss, for the condition as a share of the signal's energy ‖w*‖².
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.tables import Key, Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    difference = (gap(tables, evidence.linear()) - gap(tables, evidence.linear(setting="zero_init"))).dropna()
    conditions = []
    numbers: dict[str, float | str] = {}
    try:
        keys = {name: evidence.linear(setting=name) for name in ("zero_init_noise_0.1", "zero_init_large_weights")}
        share, norm = {}, {}
        for name, key in keys.items():
            task = tables.setting("weight_decay", name)
            share[name] = gap(tables, key).mean() / (task["n_features"] * task["true_weight"] ** 2)
            norm[name] = evidence.values(tables, key, "weight_norm").mean()
        small, large = keys
        conditions.append(
            Condition("large true weights overfit more in proportion to the signal", bool(share[large] > share[small]))
        )
        numbers["gap/‖w*‖² with small, large true weights"] = f"{share[small]:.3g}, {share[large]:.3g}"
        numbers["‖w‖ with small, large true weights"] = f"{norm[small]:.3g}, {norm[large]:.3g}"
    except NotMeasured:
        pass
    return evidence.contrast(difference, rng, conditions, numbers)


def gap(tables: Tables, key: Key) -> pd.Series:
    """Risk − training loss, by seed."""
    return evidence.values(tables, key, "risk") - evidence.values(tables, key, "train_loss")


CLAIM = Claim(
    id="c11",
    statement="Large weights cause overfitting.",
    section="Weight decay",
    estimand="gap (exact risk − training loss) at λ = 0, initial weights N(0, 1) − zero",
    unit="squared error",
    needs="weight_decay: textbook and zero_init, method none",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-initialisation",
)
