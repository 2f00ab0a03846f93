"""Dropout makes a network more robust to occlusion.

Robust: it loses less accuracy than a network without dropout when a black square of 10 × 10 of the 28 × 28 pixels
covers a random place.
"""

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import robustness
from regularization.claims.claim import AtLeast, Claim, Measurement


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    return robustness.saved(tables, rng, "occlusion_accuracy", primary=10, others=(6, 14))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="robustness", table="probes")
