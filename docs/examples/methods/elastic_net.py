"""Elastic net: minimise loss + λ(s‖w‖₁ + (1−s)‖w‖²/2). Source: Zou & Hastie 2005."""

from regularization.methods import Method, Tensor
from regularization.settings import Share


class ElasticNet(Method):
    keyed_by = ("lam",)
    share: Share = 0.5

    def penalty(self, weights: Tensor) -> Tensor:
        return self.lam * (self.share * weights.abs() + (1 - self.share) / 2 * weights.square())

    def penalty_gradient(self, weights: Tensor) -> Tensor:
        return self.lam * (self.share * weights.sign() + (1 - self.share) * weights)
