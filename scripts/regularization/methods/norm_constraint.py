"""A hard constraint: minimise the loss subject to ‖w‖² ≤ θ, by projected gradient.

Keyed by λ through θ = ‖ŵ_λ‖², the squared norm of the ridge solution on the same data: by duality the constrained
minimiser is then ŵ_λ itself and the constraint's multiplier is λ (Hoerl & Kennard 1970).
"""

from regularization.methods import Method, Tensor
from regularization.theory.ridge import ridge_weights


class NormConstraint(Method):
    experiments = ("linear_regression",)
    keyed_by = ("lam",)

    def prepare(self, x: Tensor, y: Tensor, learning_rate: float) -> None:
        """Find the radius: x (groups, n, features), y (groups, n, columns), λ broadcast over (groups, 1, columns)."""
        assert not isinstance(self.lam, float), "a linear program holds λ as a tensor"
        weights, _ = ridge_weights(
            x.cpu().numpy(), y.cpu().numpy(), self.lam.expand(len(y), 1, y.shape[2]).cpu().numpy()
        )
        self.radius = x.new_tensor(weights).norm(dim=1, keepdim=True)

    def project(self, weights: Tensor) -> None:
        weights.mul_((self.radius / weights.norm(dim=1, keepdim=True)).clamp_(max=1))
