"""The baseline: plain SGD, no regularization. Trained once per setting and seed and joined into every grid."""

from regularization.methods import Method


class NoRegularization(Method):
    affine = only_scales = True
