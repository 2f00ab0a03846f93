"""Dropout on single weights (DropConnect, Wan et al. 2013) does as well as dropout on units.

Each at the strength that validation data choose, 500 images: test accuracy within half a point. Cross-entropy and
tempered cross-entropy within 5 % are conditions, and so is that it does better than no regularization.
"""

from functools import partial

from regularization.claims import measures
from regularization.claims.claim import Claim, Within

EVALUATE = partial(measures.as_good, method="dropconnect", usual="dropout")
CLAIM = Claim(__name__, Within(-measures.CLOSE, measures.CLOSE), EVALUATE, table="runs, calibration")
