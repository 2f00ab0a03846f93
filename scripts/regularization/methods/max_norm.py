"""Max-norm: after every step each unit's incoming weights are projected onto the ball ‖w‖² ≤ 1/λ.

Keyed by λ so that more is stronger and λ = 0 constrains nothing; the radius c = 1/√λ (Srivastava et al. 2014 use c of
3 to 4: λ of about 0.06 to 0.1).
"""

from regularization.methods import Method, Tensor


class MaxNorm(Method):
    experiments = ("fashion_mnist",)
    keyed_by = ("lam",)

    def project(self, weights: Tensor) -> None:
        weights.mul_((self.lam**-0.5 / weights.norm(dim=1, keepdim=True)).clamp_(max=1))
