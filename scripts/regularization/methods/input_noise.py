"""Fresh Gaussian noise on the inputs: ridge in expectation, E‖y − (x+√λ·ε)ᵀw‖² = ‖y − xᵀw‖² + λ‖w‖² (Bishop 1995)."""

from typing import ClassVar

from regularization.methods import Draws, Method, Tensor


class InputNoise(Method):
    keyed_by: ClassVar[tuple[str, ...]] = ("lam",)
    affine = True

    def perturb_inputs(self, x: Tensor, draws: Draws) -> Tensor:
        return draws.normal(x).mul_(self.lam**0.5).add_(x)
