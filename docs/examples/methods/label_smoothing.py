"""Label smoothing: train towards (1 − s)·label + s/classes. Source: Szegedy et al. 2016."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regularization.methods import Method
from regularization.settings import Share

if TYPE_CHECKING:
    from torch import Tensor

    from regularization.draws import Draws


class LabelSmoothing(Method):
    experiments = ("fashion_mnist",)
    smoothing: Share = 0.1

    def perturb_samples(self, x: Tensor, target: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        return x, (1 - self.smoothing) * target + self.smoothing / target.shape[2]
