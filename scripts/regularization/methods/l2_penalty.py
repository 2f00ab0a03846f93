"""L2 penalty, the chapter's from-scratch form: minimise loss + (λ/2)‖w‖². Biases are not penalised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regularization.methods import Method

if TYPE_CHECKING:
    from torch import Tensor


class L2Penalty(Method):
    keyed_by = ("lam",)
    affine = only_scales = True

    def penalty(self, weights: Tensor) -> Tensor:
        return self.lam / 2 * weights.square()

    def penalty_gradient(self, weights: Tensor) -> Tensor:
        return self.lam * weights
