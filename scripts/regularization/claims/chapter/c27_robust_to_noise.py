"""Dropout makes a network more robust to noise on its inputs."""

from regularization.claims.families import robust

CLAIM = robust(__name__, "noise", levels=(0.1, 0.2, 0.3, 0.5))
