"""Even at λ = 3 some overfitting remains.

The gap, exact risk − training loss, as a share of the risk; less than 5 % would not be worth the word. Condition: as
much remains from zero initial weights, so that it is not only what λ = 3 has not erased of them yet.
"""

from contextlib import suppress

import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear

MARGIN = 0.05
OTHERS = ("zero_init", "zero_init_noise_0.1")


def evaluate(evidence: Evidence) -> Measurement:
    key = linear("l2_penalty", CHAPTER_LAM)
    primary = share(evidence, "textbook")
    evidence.number("risk", evidence.values(key, "risk").mean())
    evidence.number("train_loss", evidence.values(key, "train_loss").mean())
    with suppress(NotMeasured):
        evidence.number("of_that_without", evidence.gap(key).mean() / evidence.gap(linear()).mean())
    for setting in OTHERS:
        with suppress(NotMeasured):
            other = share(evidence, setting)
            evidence.condition("elsewhere", evidence.lowest(other) >= MARGIN, setting=setting)
            evidence.number("share", other.mean(), setting=setting)
    return evidence.contrast(primary)


def share(evidence: Evidence, setting: str) -> pd.Series:
    """(Risk − training loss)/risk at λ = 3, by seed."""
    key = linear("l2_penalty", CHAPTER_LAM, setting)
    return evidence.gap(key) / evidence.values(key, "risk")


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate, figure="weight-decay-curves")
