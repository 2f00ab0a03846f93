"""Adam on loss + (λ/2)‖w‖²: the penalty's gradient is rescaled with the rest, so weights do not decay by (1−ηλ)."""

from regularization.methods import adam, l2_penalty


class AdamL2(adam.Adam, l2_penalty.L2Penalty):
    keyed_by = ("lam",)
