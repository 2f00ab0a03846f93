"""Known to be false: weight decay makes weights larger."""

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear


def evaluate(evidence: Evidence) -> Measurement:
    difference = evidence.differences(linear("l2_penalty", 10), linear(), "weight_norm")
    return evidence.contrast(difference)


CLAIM = Claim(__name__, AtLeast(), evaluate)
