"""Dropout makes a network more robust to occlusion.

Robust: it loses less accuracy than a network without dropout when a black square of 10 × 10 of the 28 × 28 pixels
covers a random place.
"""

from regularization.claims import robustness
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence


def evaluate(evidence: Evidence) -> Measurement:
    return robustness.saved(evidence, "occlusion_accuracy", primary=10, others=(6, 14))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="robustness", table="probes")
