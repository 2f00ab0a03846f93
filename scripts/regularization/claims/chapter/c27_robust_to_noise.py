"""Dropout makes a network more robust to noise on its inputs.

Robust: it loses less accuracy than a network without dropout when Gaussian noise of standard deviation 0.3 is added to
pixels in [0, 1]: enough to cost accuracy, not enough to leave none.
"""

from regularization.claims import robustness
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence


def evaluate(evidence: Evidence) -> Measurement:
    return robustness.saved(evidence, "noise_accuracy", primary=0.3, others=(0.1, 0.2, 0.5))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="robustness", table="probes")
