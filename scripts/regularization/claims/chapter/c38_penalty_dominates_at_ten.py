"""At λ = 10 the penalty dominates the objective.

λ‖w‖²/2 as a share of the objective, training loss/2 + λ‖w‖²/2, after training; dominating is more than half. By then
the initial weights are forgotten, so conditions ask where they never were, and with the text's noise.
"""

import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, elsewhere

LAM, HALF = 10.0, 0.5
SETTINGS = ("textbook_noise_0.1", "zero_init", FROM_ZERO)


def evaluate(evidence: Evidence) -> Measurement:
    primary = share(evidence, "textbook")
    for setting, outcome, value in elsewhere(evidence, lambda name: share(evidence, name), SETTINGS, HALF):
        evidence.condition("elsewhere", outcome, setting=setting, value=value)
    evidence.number("share", primary.mean(), lam=LAM)
    evidence.number("share", share(evidence, "textbook", CHAPTER_LAM).mean(), lam=CHAPTER_LAM)
    return evidence.contrast(primary - HALF)


def share(evidence: Evidence, setting: str, lam: float = LAM) -> pd.Series:
    """The penalty's share of the objective of the trained runs, by seed."""
    key = linear("l2_penalty", lam, setting)
    penalty = lam * evidence.values(key, "weight_norm") ** 2
    return penalty / (penalty + evidence.values(key, "train_loss"))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-norm")
