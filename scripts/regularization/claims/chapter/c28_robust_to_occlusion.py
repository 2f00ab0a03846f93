"""Dropout makes a network more robust to occluded inputs.

Robust: it loses less accuracy than a network without dropout when a black square covers a part of every image of 28 ×
28 pixels, on average over squares of three sizes and under each of them, on all test images.
"""

from functools import partial

from regularization.claims import robustness
from regularization.claims.claim import AtLeast, Claim
from regularization.claims.evidence import Differences, Evidence

LEVELS = (6, 10, 14)


def evaluate(evidence: Evidence, levels: tuple[float, ...] = LEVELS, score: str = "accuracy") -> Differences:
    return robustness.saved(evidence, "occlusion", levels, score)


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="robustness",
    table="probes",
    variations={"cross_entropy": partial(evaluate, score="loss")}
    | {f"level_{level}": partial(evaluate, levels=(level,)) for level in LEVELS},
)
