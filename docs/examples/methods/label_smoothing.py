"""Label smoothing: train towards (1 − s)·label + s/classes. Source: Szegedy et al. 2016."""

from regularization.methods import Draws, Method, Tensor
from regularization.settings import Share


class LabelSmoothing(Method):
    experiments = ("fashion_mnist",)
    smoothing: Share = 0.1

    def perturb_samples(self, x: Tensor, target: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        return x, (1 - self.smoothing) * target + self.smoothing / target.shape[2]
