"""Usual values of λ, 0.001 and 0.01, help a network only a little.

"A little" as an equivalence: test accuracy within 0.3 points of no weight decay, at λ = 0.001. Conditions: the same at
0.01, and the cross-entropy within 5 % at both.
"""

import numpy as np

from regularization.analysis.statistics import Equivalence, equivalence
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, Measurement, Notes, Within

MARGIN = 0.003  # of accuracy
LOSS_MARGIN = 0.05  # of the cross-entropy without weight decay
PRIMARY, OTHER = 0.001, 0.01


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    baseline = evidence.values(tables, evidence.network(), "test_loss").mean()
    accuracy = {lam: change(tables, lam, "test_accuracy", MARGIN) for lam in (PRIMARY, OTHER)}
    loss = {lam: change(tables, lam, "test_loss", LOSS_MARGIN, baseline) for lam in (PRIMARY, OTHER)}
    notes = Notes()
    notes.condition("accuracy_too", accuracy[OTHER].equivalent, lam=OTHER)
    notes.number("accuracy", accuracy[OTHER].effect, lam=OTHER)
    for lam, found in loss.items():
        notes.condition("loss_within", found.equivalent, lam=lam)
        notes.number("loss", found.effect, lam=lam)
    return Measurement.of(accuracy[PRIMARY], notes)


def change(tables: Tables, lam: float, metric: str, margin: float, unit: float = 1.0) -> Equivalence:
    """λ − no weight decay, in units of `unit`, against ± margin."""
    difference = evidence.differences(tables, evidence.network("weight_decay", lam), evidence.network(), metric)
    return equivalence(difference / unit, low=-margin, high=margin)


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, figure="dropout-grid")
