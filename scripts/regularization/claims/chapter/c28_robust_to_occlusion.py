"""Dropout makes a network more robust to occluded inputs."""

from regularization.claims import robustness

CLAIM = robustness.claim(__name__, "occlusion", levels=(6, 10, 14))
