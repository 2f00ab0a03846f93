"""L1 penalty: minimise loss + λ‖w‖₁ by subgradients, 0 where a weight is 0. Biases are not penalised.

SGD leaves weights within ηλ of 0 instead of at 0. Source: Tibshirani 1996.
"""

from regularization.methods import Method, Tensor


class L1Penalty(Method):
    keyed_by = ("lam",)

    def penalty(self, weights: Tensor) -> Tensor:
        return self.lam * weights.abs()

    def penalty_gradient(self, weights: Tensor) -> Tensor:
        return self.lam * weights.sign()
