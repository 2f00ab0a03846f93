"""Gaussian dropout, h′ = h·(1 + √(p/(1−p))·ε), ε ~ N(0, 1): dropout's mean and variance (Srivastava et al. 2014)."""

from regularization.methods import Draws, Method, Setting, Tensor


class GaussianDropout(Method):
    experiments = ("fashion_mnist",)
    keyed_by = ("p",)

    @classmethod
    def undefined(cls, setting: Setting, lam: float, p: tuple[float, ...]) -> str | None:
        return "p = 1 means noise of infinite variance" if 1 in p else super().undefined(setting, lam, p)

    def perturb_hidden(self, h: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        p = self.p[layer]
        std = (p / (1 - p)) ** 0.5
        factor = draws.normal(h, part=layer + 1).mul_(std if isinstance(std, float) else std.to(h.dtype)).add_(1)
        return h * factor, factor
