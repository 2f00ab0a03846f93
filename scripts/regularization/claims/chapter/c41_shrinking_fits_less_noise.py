"""Weight decay shrinks the weights, and so less noise is fitted.

The noise that a run has fitted, from the exact account of its risk, without − with λ = 3, paired by seed: from zero
initial weights and with the text's noise, where there is most to fit. Conditions: the same in the other settings; and
it pays, that is, more than it costs in signal that is not learnt.
"""

import pandas as pd

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence
from regularization.claims.linear_models import FROM_ZERO, elsewhere, gain, pair, part

SETTINGS = ("textbook", "textbook_noise_0.1", "zero_init", "textbook_2023")


def evaluate(evidence: Evidence) -> Measurement:
    primary = less(evidence, FROM_ZERO)
    for setting, outcome, value in elsewhere(evidence, lambda name: less(evidence, name), SETTINGS):
        evidence.condition("elsewhere", outcome, setting=setting, value=value)
    pays = evidence.mean(gain(evidence, *pair(FROM_ZERO)))
    evidence.condition("pays", evidence.above(pays), value=pays)
    evidence.number("share", primary.mean() / part(evidence, pair(FROM_ZERO)[0], "fitted_noise").mean().item())
    return evidence.contrast(primary)


def less(evidence: Evidence, setting: str) -> pd.Series:
    """Fitted noise without − with weight decay, squared error, by seed."""
    none, decay = (part(evidence, key, "fitted_noise")["fitted_noise"] for key in pair(setting))
    return (none - decay).dropna()


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-account", table="account")
