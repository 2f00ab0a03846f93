"""Dropout probabilities around 0.5 are sensible; 0.1 does something, 0.9 is still usable.

Exercises of the chapter ask what other p do. Primary: p = 0.5 lowers the test cross-entropy.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    gains = {
        p: evidence.differences(tables, evidence.network(), evidence.network("dropout", p=f"{p:g}/{p:g}"), "test_loss")
        for p in (0.1, 0.5, 0.9)
    }
    conditions = [
        Condition("p = 0.1 helps too", bool(gains[0.1].mean() > 0)),
        Condition("p = 0.9 helps too", bool(gains[0.9].mean() > 0)),
    ]
    numbers: dict[str, float | str] = {f"nats gained at p = {p:g}": float(gain.mean()) for p, gain in gains.items()}
    return evidence.contrast(gains[0.5], rng, conditions, numbers)


CLAIM = Claim(
    id="c29",
    statement="Dropout probabilities from 0.1 to 0.9 are sensible, 0.5 above all.",
    section="Exercises: dropout",
    estimand="test cross-entropy, none − dropout 0.5, 500 images",
    unit="nats",
    needs="dropout: samples_500, none and dropout 0.1, 0.5, 0.9",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="dropout-strength",
)
