"""Mixup: train on mixtures of two samples of the minibatch, inputs and targets alike. Source: Zhang et al. 2018.

One share m ~ Beta(α, α) a step and run, and a partner for every sample.
"""

from regularization.methods import Draws, Method, Tensor
from regularization.settings import Positive


class Mixup(Method):
    alpha: Positive = 0.2

    def perturb_samples(self, x: Tensor, target: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        share = draws.of_seeds(lambda draw: draw.beta(self.alpha, self.alpha, (1, 1)), x).to(x.dtype)
        partner = draws.of_seeds(lambda draw: draw.permutation(x.shape[1]), x, part=1)[:, :, None]

        def mixed(values: Tensor) -> Tensor:
            return share * values + (1 - share) * values.gather(1, partner.expand_as(values))

        return mixed(x), mixed(target)
