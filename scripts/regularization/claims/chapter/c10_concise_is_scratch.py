"""The concise version gives the same results as the one from scratch.

Margin: 5 % of the risk. As published they differ: the concise loss lacks the ½, which doubles the learning rate and
halves λ, and its bias starts from N(0, 1), which alone adds about 1 to the risk until training has forgotten it. Mapped
(half the rate, 2λ, zero bias) they are the same algorithm: a condition, to rounding.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import equivalence
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, NotMeasured, Within

MARGIN = 0.05
ROUNDING = 1e-9  # relative, of a run's risk


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    scratch = evidence.linear("l2_penalty", CHAPTER_LAM)
    published = evidence.linear("weight_decay", CHAPTER_LAM, "concise_published")
    risk = evidence.values(tables, scratch, "risk")
    relative = evidence.differences(tables, published, scratch, "risk") / risk.mean()
    numbers: dict[str, float | str] = {
        "risk from scratch": risk.mean(),
        "risk of the concise version": evidence.values(tables, published, "risk").mean(),
    }
    conditions = []
    try:
        mapped = evidence.values(tables, evidence.linear("weight_decay", 2 * CHAPTER_LAM, "concise_mapped"), "risk")
        error = float((mapped / risk - 1).abs().max())
        numbers["mapped: largest relative difference of a run's risk"] = error
        conditions.append(Condition("mapped, the two agree to rounding", error <= ROUNDING))
    except NotMeasured:
        pass
    try:
        none, concise = (evidence.linear(setting=name) for name in ("textbook", "concise_published"))
        differences = [evidence.differences(tables, *pair, "risk") for pair in ((concise, none), (published, scratch))]
        numbers["difference of the risk at λ = 0, at λ = 3"] = ", ".join(f"{d.mean():.3g}" for d in differences)
    except NotMeasured:
        pass
    return Measurement.of(
        equivalence(relative, low=-MARGIN, high=MARGIN), conditions=tuple(conditions), numbers=numbers
    )


CLAIM = Claim(
    id="c10",
    statement="The concise implementation of weight decay gives the same results as the one from scratch.",
    section="Weight decay",
    estimand="relative difference of risk at λ = 3, concise as published − from scratch",
    unit="relative",
    needs="linear_regression: textbook l2_penalty and concise_published weight_decay at λ = 3",
    rule=Within(-MARGIN, MARGIN),
    evaluate=evaluate,
    figure="weight-decay-implementations",
)
