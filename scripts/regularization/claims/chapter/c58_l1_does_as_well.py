"""A penalty on the sum of the weights' sizes, L1, does as well for a network as weight decay."""

from regularization.claims.families import as_good

CLAIM = as_good(__name__, "l1_penalty", "weight_decay")
