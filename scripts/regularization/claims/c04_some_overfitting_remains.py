"""Even at λ = 3 some overfitting remains.

The gap, exact risk − training loss, as a share of the risk; less than 5 % would not be worth the word.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.tables import CHAPTER_LAM, Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    key = evidence.linear("l2_penalty", CHAPTER_LAM)
    risk, train = evidence.values(tables, key, "risk"), evidence.values(tables, key, "train_loss")
    numbers: dict[str, float | str] = {"risk": risk.mean(), "training loss": train.mean()}
    return evidence.contrast((risk - train) / risk, rng, (), numbers)


CLAIM = Claim(
    id="c04",
    statement="Some overfitting remains at λ = 3.",
    section="Weight decay",
    estimand="(exact risk − training loss)/risk at λ = 3 (textbook)",
    unit="share",
    needs="weight_decay: textbook, l2_penalty at λ = 3",
    rule=AtLeast(0.05),
    evaluate=evaluate,
    figure="weight-decay-curves",
)
