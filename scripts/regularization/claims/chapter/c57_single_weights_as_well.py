"""Dropout on single weights (DropConnect, Wan et al. 2013) does as well as dropout on units."""

from regularization.claims.families import as_good

CLAIM = as_good(__name__, "dropconnect", "dropout")
