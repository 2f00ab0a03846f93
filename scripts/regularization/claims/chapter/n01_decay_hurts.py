"""Known to be false: weight decay raises the test error."""

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    difference = evidence.differences(tables, evidence.linear("l2_penalty", 3), evidence.linear(), "risk")
    return evidence.contrast(difference, rng)


CLAIM = Claim(__name__, AtLeast(), evaluate)
