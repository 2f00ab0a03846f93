"""Null: the labels none and dropout are swapped at random within every seed, so nothing is left to find.

Many times; an effect is then found in the claim's direction at the nominal rate. The control fails, that is, it comes
out supported, if the rule finds one more often.
"""

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, dropped, network
from regularization.claims.swaps import excess_support


def evaluate(evidence: Evidence) -> Measurement:
    return excess_support(evidence.differences(network(), dropped(0.5), "test_loss"), evidence.rng)


CLAIM = Claim(__name__, AtLeast(), evaluate)
