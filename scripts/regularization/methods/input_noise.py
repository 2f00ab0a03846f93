"""Fresh Gaussian noise on the inputs: ridge in expectation, E‖y − (x+√λ·ε)ᵀw‖² = ‖y − xᵀw‖² + λ‖w‖² (Bishop 1995)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from regularization.methods import Method

if TYPE_CHECKING:
    from torch import Tensor

    from regularization.draws import Draws


class InputNoise(Method):
    keyed_by: ClassVar[tuple[str, ...]] = ("lam",)
    affine = True

    def perturb_inputs(self, x: Tensor, draws: Draws) -> Tensor:
        return draws.normal(x).mul_(self.lam**0.5).add_(x)
