"""Dropout makes a network more robust to occluded inputs.

It loses less accuracy when a black square covers a part of the 28 × 28 pixels, on average over its sides.
"""

from regularization.claims import robustness

CLAIM = robustness.claim(__name__, "occlusion", levels=(6, 10, 14))
