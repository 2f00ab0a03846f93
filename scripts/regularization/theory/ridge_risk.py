"""The risk of ridge regression, exactly, given the training inputs: only the noise is averaged over.

bias² + variance + the intercept's error + σ²: docs/theory.md. Source: Hoerl & Kennard 1970.
"""

from dataclasses import dataclass

import numpy as np

from regularization.theory.by_group import ByGroup


@dataclass(frozen=True)
class RidgeRisk:
    """The parts of the risk, each of shape (groups, number of λ) but `noise`, a number; mean squared error."""

    bias_squared: np.ndarray
    variance: np.ndarray
    intercept: np.ndarray
    noise: float

    @property
    def total(self) -> np.ndarray:
        return self.bias_squared + self.variance + self.intercept + self.noise


@dataclass(frozen=True)
class PrincipalAxes(ByGroup):
    """What the risk needs of training inputs and w*, along the eigenvectors v of S = XcᵀXc/n that the data see."""

    n_train: int  # n
    variance: np.ndarray  # eigenvalues s of S, shape (groups, axes); 0 in place of those the data do not see
    weights: np.ndarray  # v·w*, same shape
    mean: np.ndarray  # v·x̄, same shape
    weights_across: np.ndarray  # ‖what of w* is orthogonal to them‖², shape (groups, 1)
    mean_across: np.ndarray  # the product of that with x̄, shape (groups, 1)

    def risk(self, noise_std: float, lam: np.ndarray, scale: float = 1.0) -> RidgeRisk:
        """Compute ridge's risk at w* times `scale`; arguments and result as in `ridge_risk`."""
        s, lam = self.variance[:, None, :], np.asarray(lam, dtype=float)[:, None]
        seen = s > 0
        # Along an axis the estimate loses λ/(s + λ) of w*; across them all it loses w* whole.
        lost = np.where(seen, lam / np.where(seen, s + lam, 1.0), 1.0)
        noise_gain = np.where(seen, s / np.where(seen, s + lam, 1.0) ** 2, 0.0)
        bias_squared = (lost**2 @ (self.weights**2)[:, :, None])[:, :, 0] + self.weights_across
        variance = noise_std**2 / self.n_train * noise_gain.sum(axis=2)
        mean_bias = (lost @ (self.mean * self.weights)[:, :, None])[:, :, 0] + self.mean_across
        mean_variance = noise_std**2 / self.n_train * ((noise_gain @ (self.mean**2)[:, :, None])[:, :, 0] + 1)
        intercept = (scale * mean_bias) ** 2 + mean_variance
        return RidgeRisk(scale**2 * bias_squared, variance, intercept, noise_std**2)


def principal_axes(x: np.ndarray, true_weights: np.ndarray) -> PrincipalAxes:
    """Find the principal axes of training inputs, shape (groups, n, features), and w*, shape (features,), in them."""
    n, n_features = x.shape[1:]
    x_mean = x.mean(axis=1)
    centred = x - x_mean[:, None, :]
    rounding = max(n, n_features) * np.finfo(x.dtype).eps
    if n > n_features:
        variance, axes = np.linalg.eigh(centred.swapaxes(1, 2) @ centred / n)
        directions = axes.swapaxes(1, 2)
        seen = variance > variance.max(axis=1, keepdims=True) * rounding
    else:
        _, singular, directions = np.linalg.svd(centred, full_matrices=False)
        variance = singular**2 / n
        seen = singular > singular.max(axis=1, keepdims=True) * rounding
    directions = directions * seen[:, :, None]
    along, mean = directions @ true_weights, np.einsum("gkd,gd->gk", directions, x_mean)
    across = true_weights - np.einsum("gkd,gk->gd", directions, along)
    lengths = ((part * across).sum(axis=1, keepdims=True) for part in (across, x_mean))
    return PrincipalAxes(n, np.where(seen, variance, 0.0), along, mean, *lengths)


def ridge_risk(x: np.ndarray, true_weights: np.ndarray, noise_std: float, lam: np.ndarray) -> RidgeRisk:
    """Ridge's expected risk: x (groups, n, features), w* (features,), λ (number of λ,); at λ = 0 of minimum norm."""
    return principal_axes(x, true_weights).risk(noise_std, lam)


def optimal_lam(n_train: int, n_features: int, true_weight_norm: float, noise_std: float) -> float:
    """λ* = dσ²/(n‖w*‖²): ridge's best λ for isotropic inputs and w* of any direction; inf where there is no signal.

    It is the posterior mean's λ under w* ~ N(0, ‖w*‖²/d·I), the best any linear estimator can do on average over
    directions of w*, for every n and d. Source: Hastie et al. 2022 (there λ* = σ²γ/r²).
    """
    if true_weight_norm == 0:
        return np.inf
    return n_features * noise_std**2 / (n_train * true_weight_norm**2)
