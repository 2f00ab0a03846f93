"""The concise version gives the same results as the one from scratch.

As published they differ: the concise loss lacks the ½, which doubles the learning rate and halves λ, and its bias
starts at random. Mapped (half the rate, 2λ, zero bias) they are the same algorithm. Margin: 5 % of the risk.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, Measurement, NotMeasured, Within
from regularization.statistics import equivalence
from regularization.tables import CHAPTER_LAM, Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    scratch = evidence.linear("l2_penalty", CHAPTER_LAM)
    published = evidence.linear("weight_decay", CHAPTER_LAM, "concise_published")
    mapped = evidence.linear("weight_decay", 2 * CHAPTER_LAM, "concise_mapped")
    risk = evidence.values(tables, scratch, "risk").mean()
    numbers: dict[str, float | str] = {"risk from scratch": risk}
    try:
        error = np.abs(evidence.differences(tables, mapped, scratch, "risk")).max()
        numbers["mapped: largest difference of a run's risk"] = float(error)
        at_zero = evidence.linear("weight_decay", CHAPTER_LAM, "concise_published")
        numbers["risk of the concise version"] = evidence.values(tables, at_zero, "risk").mean()
    except NotMeasured:
        pass
    relative = evidence.differences(tables, published, scratch, "risk") / risk
    return Measurement.of(equivalence(relative, low=-0.05, high=0.05), numbers=numbers)


CLAIM = Claim(
    id="c10",
    statement="The concise implementation of weight decay gives the same results as the one from scratch.",
    section="Weight decay",
    estimand="relative difference of risk at λ = 3, concise as published − from scratch",
    unit="relative",
    needs="weight_decay: textbook l2_penalty and concise_published weight_decay at λ = 3",
    rule=Within(-0.05, 0.05),
    evaluate=evaluate,
)
