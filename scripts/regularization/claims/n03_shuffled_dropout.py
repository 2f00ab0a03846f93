"""Null: the labels none and dropout are swapped at random within every seed, so nothing is left to find."""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    difference = evidence.differences(tables, evidence.network(), evidence.network("dropout", p="0.5/0.5"), "test_loss")
    return evidence.contrast(evidence.shuffled(difference, rng), rng)


CLAIM = Claim(
    id="n03",
    statement="A shuffled label “dropout” lowers the test error.",
    section="Negative controls",
    estimand="test cross-entropy, none − dropout 0.5 with labels shuffled within seeds",
    unit="nats",
    needs="dropout: samples_500, none and dropout 0.5",
    rule=AtLeast(),
    evaluate=evaluate,
)
