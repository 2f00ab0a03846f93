"""Dropout makes a network more robust to noise on its inputs.

Robust: it loses less accuracy than a network without dropout when Gaussian noise of standard deviation 0.3 is added to
pixels in [0, 1]: enough to cost accuracy, not enough to leave none.
"""

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import robustness
from regularization.claims.claim import AtLeast, Claim, Measurement


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    return robustness.saved(tables, rng, "noise_accuracy", primary=0.3, others=(0.1, 0.2, 0.5))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="robustness", table="probes")
