"""Dropout on single weights (DropConnect, Wan et al. 2013) does as well as dropout on units.

Within half a point of accuracy, each tuned; that it beats no regularization is a condition.
"""

from functools import partial

from regularization.claims import measures
from regularization.claims.claim import Claim, Within

EVALUATE = partial(measures.as_good, method="dropconnect", usual="dropout")
CLAIM = Claim(
    __name__, Within(-measures.CLOSE, measures.CLOSE), EVALUATE, figure="noise-injection", table="runs, calibration"
)
