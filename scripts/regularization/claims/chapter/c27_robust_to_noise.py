"""Dropout makes a network more robust to noise on its inputs.

Robust: it loses less accuracy than a network without dropout when Gaussian noise is added to pixels in [0, 1], on
average over four standard deviations and at each of them, on all test images.
"""

from functools import partial

from regularization.claims import robustness
from regularization.claims.claim import AtLeast, Claim
from regularization.claims.evidence import Differences, Evidence

LEVELS = (0.1, 0.2, 0.3, 0.5)


def evaluate(evidence: Evidence, levels: tuple[float, ...] = LEVELS, score: str = "accuracy") -> Differences:
    return robustness.saved(evidence, "noise", levels, score)


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="robustness",
    table="probes",
    variations={"cross_entropy": partial(evaluate, score="loss")}
    | {f"level_{level}": partial(evaluate, levels=(level,)) for level in LEVELS},
)
