"""AdamW: weights decay by (1−ηλ) beside Adam's step, as under SGD (Loshchilov & Hutter 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regularization.methods import adam, weight_decay

if TYPE_CHECKING:
    from torch import Tensor


class AdamW(adam.Adam, weight_decay.WeightDecay):
    keyed_by = ("lam",)

    def penalty(self, weights: Tensor) -> Tensor | float:
        """Decoupled decay descends no penalty: a run has diverged by what its loss alone does."""
        return 0.0
