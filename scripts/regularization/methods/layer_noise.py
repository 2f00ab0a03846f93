"""Gaussian noise of variance λ on the inputs and of variance p on every hidden layer, fresh at every step.

One p a hidden layer; with p = 0 it is input noise. Noise injected into each layer, not only at the input, is the idea
that led to dropout (Srivastava et al. 2014).
"""

from regularization.methods import Draws, Tensor, input_noise


class LayerNoise(input_noise.InputNoise):
    experiments = ("fashion_mnist",)
    keyed_by = ("lam", "p")

    @classmethod
    def reduces_to(cls, lam: float, p: tuple[float, ...]) -> str:
        return cls.name() if any(p) else input_noise.InputNoise.reduces_to(lam, p)

    def perturb_hidden(self, h: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        std = self.p[layer] ** 0.5
        return draws.normal(h, part=layer + 1).mul_(std if isinstance(std, float) else std.to(h.dtype)).add_(h), None
