"""Dropout makes a network more robust to occluded inputs."""

from regularization.claims.families import robust

CLAIM = robust(__name__, "occlusion", levels=(6, 10, 14))
