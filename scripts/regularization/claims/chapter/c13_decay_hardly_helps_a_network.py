"""Usual values of λ, 0.001 and 0.01, help a network only a little.

"A little" as an equivalence: test accuracy within 0.3 points of no weight decay, at λ = 0.001.
"""

from regularization.analysis.statistics import Equivalence, equivalence
from regularization.claims.claim import Claim, Measurement, Within
from regularization.claims.evidence import Evidence, network

MARGIN = 0.003  # of accuracy
LOSS_MARGIN = 0.05  # of the cross-entropy without weight decay
PRIMARY, OTHER = 0.001, 0.01


def evaluate(evidence: Evidence) -> Measurement:
    baseline = evidence.values(network(), "test_loss").mean()
    accuracy = {lam: change(evidence, lam, "test_accuracy", MARGIN) for lam in (PRIMARY, OTHER)}
    loss = {lam: change(evidence, lam, "test_loss", LOSS_MARGIN, baseline) for lam in (PRIMARY, OTHER)}
    evidence.condition("accuracy_too", accuracy[OTHER].equivalent, lam=OTHER)
    evidence.number("accuracy", accuracy[OTHER].effect, lam=OTHER)
    for lam, found in loss.items():
        evidence.condition("loss_within", found.equivalent, lam=lam)
        evidence.number("loss", found.effect, lam=lam)
    return Measurement.of(accuracy[PRIMARY], evidence)


def change(evidence: Evidence, lam: float, metric: str, margin: float, unit: float = 1.0) -> Equivalence:
    """λ − no weight decay, in units of `unit`, against ± margin."""
    difference = evidence.differences(network("weight_decay", lam), network(), metric)
    return equivalence(difference / unit, low=-margin, high=margin)


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, figure="dropout-grid")
