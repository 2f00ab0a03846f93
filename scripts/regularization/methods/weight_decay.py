"""Weight decay, the chapter's concise form: the optimiser shrinks the weights, w ← (1−ηλ)w − η∇loss(w).

This is what `torch.optim.SGD(weight_decay=λ)` does. For SGD it is the L2 penalty's step with the terms collected
(Krogh & Hertz 1991); for optimisers that rescale gradients it is not (Loshchilov & Hutter 2019).
"""

from typing import ClassVar

from regularization.methods import Method, Tensor


class WeightDecay(Method):
    keyed_by: ClassVar[tuple[str, ...]] = ("lam",)
    affine = only_scales = True

    def penalty(self, weights: Tensor) -> Tensor | float:
        return self.lam / 2 * weights.square()

    def shrinkage(self, learning_rate: float | Tensor) -> float | Tensor:
        return 1 - learning_rate * self.lam
