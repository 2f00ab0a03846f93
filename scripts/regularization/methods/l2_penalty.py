"""L2 penalty, the chapter's from-scratch form: minimise loss + (λ/2)‖w‖². Biases are not penalised."""

from regularization.methods import Method, Tensor


class L2Penalty(Method):
    keyed_by = ("lam",)
    affine = only_scales = True

    def penalty(self, weights: Tensor) -> Tensor:
        return self.lam / 2 * weights.square()

    def penalty_gradient(self, weights: Tensor) -> Tensor:
        return self.lam * weights
