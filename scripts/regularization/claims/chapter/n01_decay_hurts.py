"""Known to be false: weight decay raises the test error."""

from __future__ import annotations

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    difference = evidence.differences(tables, evidence.linear("l2_penalty", 3), evidence.linear(), "risk")
    return evidence.contrast(difference, rng)


CLAIM = Claim(
    id="n01",
    statement="Weight decay at λ = 3 raises the risk.",
    section="Negative controls",
    estimand="risk, λ = 3 − λ = 0 (textbook)",
    unit="squared error",
    needs="linear_regression: textbook, none and l2_penalty at 3",
    rule=AtLeast(),
    evaluate=evaluate,
)
