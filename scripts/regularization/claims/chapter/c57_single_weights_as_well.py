"""Dropout on single weights (DropConnect, Wan et al. 2013) does as well as dropout on units.

Each at the strength that validation data choose, 500 images: test accuracy within half a point. Cross-entropy and
tempered cross-entropy within 5 % are conditions, and so is that it does better than no regularization.
"""

from regularization.claims import measures
from regularization.claims.claim import Claim, Within
from regularization.claims.evidence import Differences, Evidence

METHOD, USUAL = "dropconnect", "dropout"


def evaluate(evidence: Evidence) -> Differences:
    return measures.as_good(evidence, METHOD, USUAL)


CLAIM = Claim(__name__, Within(-measures.CLOSE, measures.CLOSE), evaluate, table="runs, calibration")
