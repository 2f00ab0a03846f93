"""Gaussian noise of variance λ on the inputs and on every hidden layer, fresh at every step.

Noise injected into each layer, not only at the input, is the idea that led to dropout (Srivastava et al. 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regularization.methods import input_noise

if TYPE_CHECKING:
    from torch import Tensor

    from regularization.draws import Draws


class LayerNoise(input_noise.InputNoise):
    experiments = ("fashion_mnist",)

    def perturb_hidden(self, h: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        return draws.normal(h, part=layer + 1).mul_(self.lam**0.5).add_(h), None
