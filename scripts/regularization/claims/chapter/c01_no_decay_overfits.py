"""Without weight decay the chapter's model overfits: it does much worse on new data than on its training data.

Gap: exact risk − training loss, both mean squared errors. Any positive gap decides; that it is "much" worse is a
condition: in every seed the gap is at least half of the risk. Nearly all of it is initial weights, so the other
conditions ask where those are small or none: there the gap has to be above that of a constant.
"""

from functools import partial

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.linear_models import elsewhere, excess_gap

MOST = 0.5  # of the risk


def evaluate(evidence: Evidence, metric: str = "risk") -> Measurement:
    error = evidence.values(linear(), metric)
    primary = error - evidence.values(linear(), "train_loss")
    share = primary / error
    evidence.condition("most", (share >= MOST).all(), lowest=share.min())
    for setting, outcome, value in elsewhere(evidence, lambda name: excess_gap(evidence, linear(setting=name))):
        evidence.condition("elsewhere", outcome, setting=setting, value=value)
    evidence.number("train_loss", evidence.values(linear(), "train_loss").mean())
    return evidence.contrast(primary)


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="weight-decay-curves",
    table="runs, settings",
    variations={"test_loss": partial(evaluate, metric="test_loss")},
)
