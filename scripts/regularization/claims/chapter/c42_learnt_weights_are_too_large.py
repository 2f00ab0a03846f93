"""The learnt weights are larger than the best ones, and shrinking them brings them closer.

‖w‖/‖w*‖ − 1 without regularization, from zero initial weights and with the text's noise, so that size is what was
learnt. Conditions: the same with as many samples as features, where noise inflates most, and in the chapter's own
setting; and weight decay at λ = 3 brings w closer to w* in each.
"""

import pandas as pd

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, elsewhere, gain, pair, task

SETTINGS = ("samples_200", "textbook")


def evaluate(evidence: Evidence) -> Measurement:
    primary = excess(evidence, FROM_ZERO)
    for setting, outcome, value in elsewhere(evidence, lambda name: excess(evidence, name), SETTINGS):
        evidence.condition("elsewhere", outcome, setting=setting, value=value)
    for setting, outcome, value in elsewhere(
        evidence, lambda name: gain(evidence, *pair(name)), (FROM_ZERO, *SETTINGS)
    ):
        evidence.condition("closer", outcome, setting=setting, value=value)
    return evidence.contrast(primary)


def excess(evidence: Evidence, setting: str) -> pd.Series:
    """‖w‖/‖w*‖ − 1 at λ = 0, by seed."""
    one = task(evidence, setting)
    norm = evidence.values(linear(setting=setting), "weight_norm")
    return norm / (one.n_features**0.5 * abs(one.true_weight)) - 1


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-norm", table="runs, account, settings")
