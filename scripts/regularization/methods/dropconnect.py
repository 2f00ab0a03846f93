"""DropConnect: dropout on single weights, W′ = W·1[u > p]/(1−p), on those that lead out of hidden units; E[W′] = W.

One mask serves a whole minibatch, so that each run has its own; Wan et al. 2013 draw one for every sample. Where
dropout silences a unit of a hidden layer for the layer above, this cuts each of its connections by itself.
"""

from regularization.methods import Draws, Method, Tensor


class DropConnect(Method):
    experiments = ("fashion_mnist",)
    keyed_by = ("p",)

    def perturb_weights(self, weights: Tensor, layer: int, draws: Draws) -> tuple[Tensor, Tensor | None]:
        if layer == 0:
            return weights, None
        mask = draws.dropout_mask(self.p[layer - 1], weights, part=layer - 1)
        return weights * mask, mask
