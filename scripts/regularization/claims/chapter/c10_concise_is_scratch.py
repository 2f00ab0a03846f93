"""The concise version gives the same results as the one from scratch.

Margin: 5 % of the risk. As published they differ: the concise loss lacks the ½, which doubles the learning rate and
halves λ, and its bias starts from N(0, 1), which alone adds about 1 to the risk until training has forgotten it. Mapped
(half the rate, 2λ, zero bias) they are the same algorithm: a condition, to rounding.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.statistics import equivalence
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, Measurement, Notes, NotMeasured, Within

MARGIN = 0.05
ROUNDING = 1e-9  # relative, of a run's risk


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    scratch = evidence.linear("l2_penalty", CHAPTER_LAM)
    published = evidence.linear("weight_decay", CHAPTER_LAM, "concise_published")
    risk, notes = evidence.values(tables, scratch, "risk"), Notes()
    relative = evidence.differences(tables, published, scratch, "risk") / risk.mean()
    notes.number("risk_scratch", risk.mean())
    notes.number("risk_concise", evidence.values(tables, published, "risk").mean())
    with suppress(NotMeasured):
        mapped = evidence.values(tables, evidence.linear("weight_decay", 2 * CHAPTER_LAM, "concise_mapped"), "risk")
        error = (mapped / risk - 1).abs().max()
        notes.number("mapped_error", error)
        notes.condition("mapped_agree", error <= ROUNDING)
    with suppress(NotMeasured):
        none, concise = (evidence.linear(setting=name) for name in ("textbook", "concise_published"))
        without, with_decay = (
            evidence.differences(tables, *pair, "risk").mean() for pair in ((concise, none), (published, scratch))
        )
        notes.number("differences", without=without, with_decay=with_decay)
    return Measurement.of(equivalence(relative, low=-MARGIN, high=MARGIN), notes)


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, figure="weight-decay-implementations")
