"""Dropout makes a network more robust to occluded inputs.

Robust: it loses less accuracy than a network without dropout when a black square covers a part of every image of 28 ×
28 pixels, on average over squares of three sizes and under each of them, on all test images.
"""

from regularization.claims import robustness

CLAIM = robustness.claim(__name__, "occlusion", levels=(6, 10, 14))
