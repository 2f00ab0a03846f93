"""AdamW: weights decay by (1−ηλ) beside Adam's step, as under SGD (Loshchilov & Hutter 2019)."""

from regularization.methods import Tensor, adam, weight_decay


class AdamW(adam.Adam, weight_decay.WeightDecay):
    keyed_by = ("lam",)

    def penalty(self, weights: Tensor) -> Tensor | float:
        """Decoupled decay descends no penalty: a run has diverged by what its loss alone does."""
        return 0.0
