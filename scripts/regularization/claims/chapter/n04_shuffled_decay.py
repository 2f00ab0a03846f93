"""Null: the labels none and L2 penalty are swapped at random within every seed, so nothing is left to find.

Many times; an effect is then found in the claim's direction at the nominal rate. The control fails, that is, it comes
out supported, if the rule finds one more often.
"""

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.swaps import excess_support


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    return excess_support(
        evidence.differences(tables, evidence.linear(), evidence.linear("l2_penalty", 3), "risk"), rng
    )


CLAIM = Claim(__name__, AtLeast(), evaluate)
