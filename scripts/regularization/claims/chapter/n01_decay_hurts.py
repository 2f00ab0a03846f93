"""Known to be false: weight decay raises the test error."""

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear


def evaluate(evidence: Evidence) -> Measurement:
    difference = evidence.differences(linear("l2_penalty", 3), linear(), "risk")
    return evidence.contrast(difference)


CLAIM = Claim(__name__, AtLeast(), evaluate)
