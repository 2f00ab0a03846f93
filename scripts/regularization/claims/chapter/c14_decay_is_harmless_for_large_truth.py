"""Weight decay does no harm even when the true weights are large."""

import math

from regularization.claims.kit import Claim, Differences, Evidence, Within
from regularization.claims.linear_models import gain_of_decay, lost, pair

ALLOWED = 0.05  # of what was learnt
SETTING = "zero_init_large_weights"
ELSEWHERE = ("zero_init_large_weights_same_snr", "large_weights_500")


def evaluate(evidence: Evidence) -> Differences:
    none, decay = (evidence.values(key, "risk") for key in pair(SETTING))
    evidence.number("relative", (decay - none).mean() / none.mean())
    evidence.elsewhere("elsewhere", harm, ELSEWHERE, ALLOWED, below=True)
    evidence.elsewhere("from_initial_weights", gain_of_decay, ["large_weights"])
    return harm(evidence, SETTING)


def harm(evidence: Evidence, setting: str) -> Differences:
    """What share of what was learnt without weight decay is lost with it, by seed."""
    return lost(evidence, *reversed(pair(setting)))


CLAIM = Claim(__name__, Within(-math.inf, ALLOWED), evaluate)
