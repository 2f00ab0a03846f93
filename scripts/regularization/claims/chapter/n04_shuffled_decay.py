"""Null: the labels none and L2 penalty are swapped at random within every seed, so nothing is left to find.

Many times; an effect is then found in the claim's direction at the nominal rate. The control fails, that is, it comes
out supported, if the rule finds one more often.
"""

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.swaps import excess_support


def evaluate(evidence: Evidence) -> Measurement:
    return excess_support(evidence.differences(linear(), linear("l2_penalty", 3), "risk"), evidence.rng)


CLAIM = Claim(__name__, AtLeast(), evaluate)
