"""Dropout makes a network more robust to noise on its inputs.

Robust: it loses less accuracy than a network without dropout when Gaussian noise is added to pixels in [0, 1], on
average over four standard deviations and at each of them, on all test images.
"""

from regularization.claims import robustness

CLAIM = robustness.claim(__name__, "noise", levels=(0.1, 0.2, 0.3, 0.5))
