"""A penalty on the sum of the weights' sizes, L1, does as well for a network as weight decay.

Within half a point of accuracy, each tuned; that it beats no regularization is a condition.
"""

from functools import partial

from regularization.claims import measures
from regularization.claims.claim import Claim, Within

EVALUATE = partial(measures.as_good, method="l1_penalty", usual="weight_decay")
CLAIM = Claim(
    __name__, Within(-measures.CLOSE, measures.CLOSE), EVALUATE, figure="smoothness", table="runs, calibration"
)
