"""Too large a λ may underfit: at λ = 10 the weights learn less than at a smaller λ, chosen on validation data.

What share they lose of what was learnt there, ‖w*‖² − ‖w − w*‖²; less than 5 % would not be worth the word. From zero
initial weights: otherwise a larger λ erases more of them, whatever it does to learning. "May": the setting with most to
lose decides, that with large true weights. Where else it underfits, and where not, are conditions.
"""

import pandas as pd

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, chosen, elsewhere, lost

LAM, MARGIN = 10.0, 0.05
SETTING = "zero_init_large_weights"
ELSEWHERE = ("zero_init", FROM_ZERO, "zero_init_large_weights_same_snr")


def evaluate(evidence: Evidence) -> Measurement:
    best = chosen(evidence, SETTING, below=LAM)
    primary = lost_at_ten(evidence, SETTING)
    train = evidence.mean(evidence.differences(linear("l2_penalty", LAM, SETTING), best, "train_loss"))
    evidence.condition("train_loss_higher", evidence.above(train), value=train)
    for setting, outcome, value in elsewhere(evidence, lambda name: lost_at_ten(evidence, name), ELSEWHERE, MARGIN):
        evidence.condition("elsewhere", outcome, setting=setting, value=value)
    evidence.number("chosen", best.lam, among_all=chosen(evidence, SETTING).lam)
    return evidence.contrast(primary)


def lost_at_ten(evidence: Evidence, setting: str) -> pd.Series:
    """What share of what was learnt at the chosen smaller λ is lost at λ = 10, by seed."""
    return lost(evidence, linear("l2_penalty", LAM, setting), chosen(evidence, setting, below=LAM))


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate, figure="weight-decay-risk", table="runs, account, settings")
