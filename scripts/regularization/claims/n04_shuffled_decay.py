"""Null: the labels none and L2 penalty are swapped at random within every seed, so nothing is left to find."""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    difference = evidence.differences(tables, evidence.linear(), evidence.linear("l2_penalty", 3), "risk")
    return evidence.contrast(evidence.shuffled(difference, rng), rng)


CLAIM = Claim(
    id="n04",
    statement="A shuffled label “weight decay” lowers the risk.",
    section="Negative controls",
    estimand="risk, λ = 0 − λ = 3 with labels shuffled within seeds (textbook)",
    unit="squared error",
    needs="weight_decay: textbook, none and l2_penalty at 3",
    rule=AtLeast(),
    evaluate=evaluate,
)
