"""The risk of ridge regression, exactly, given the training inputs: only the noise is averaged over.

With y = Xw* + b* + ε, ε ~ N(0, σ²I), and a new x ~ N(0, I), the risk E(y − ŷ)² = σ² + ‖ŵ − w*‖² + (b̂ − b*)² splits into

    bias²      ‖λ(S + λI)⁻¹w*‖²            what the penalty shrinks away (at λ = 0: what the data cannot see)
    variance   (σ²/n) Σ s/(s + λ)²         noise that was fitted, s the eigenvalues of S = XcᵀXc/n
    intercept  E(b̂ − b*)²                  b̂ − b* = x̄ᵀ(w* − ŵ) + ε̄, about 1/n of the rest
    noise      σ²                          the floor under every predictor

Source: Hoerl & Kennard 1970; the intercept by the same algebra (ε̄ is independent of the centred noise).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RidgeRisk:
    """The parts of the risk, each of shape (groups, number of λ) but `noise`, a number; mean squared error."""

    bias_squared: np.ndarray
    variance: np.ndarray
    intercept: np.ndarray
    noise: float

    @property
    def total(self) -> np.ndarray:
        total: np.ndarray = self.bias_squared + self.variance + self.intercept + self.noise
        return total


def ridge_risk(x: np.ndarray, true_weights: np.ndarray, noise_std: float, lam: np.ndarray) -> RidgeRisk:
    """Expected risk, over the noise, of the minimiser of (1/2n)‖y − Xw − b‖² + (λ/2)‖w‖².

    Args:
        x: training inputs, shape (groups, n, features).
        true_weights: w*, shape (features,).
        noise_std: σ.
        lam: λ ≥ 0, shape (number of λ,); at 0 the minimum-norm solution.
    """
    n, n_features = x.shape[1:]
    x_mean = x.mean(axis=1)
    centred = x - x_mean[:, None, :]
    if n > n_features:
        centred = np.linalg.qr(centred, mode="r")  # the same S in a square matrix
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    seen = singular > singular.max(axis=1, keepdims=True) * max(n, n_features) * np.finfo(x.dtype).eps
    directions = directions * seen[:, :, None]
    s = np.where(seen, singular**2 / n, 1.0)[:, None, :]  # (groups, 1, directions)
    lam = np.asarray(lam, dtype=float)[:, None]

    # Along the k-th direction of the inputs the estimate loses λ/(s + λ) of w*; across them all it loses w* whole.
    lost = lam / (s + lam)
    noise_gain = np.where(seen[:, None, :], s / (s + lam) ** 2, 0.0)
    w_along, x_along = directions @ true_weights, np.einsum("gkd,gd->gk", directions, x_mean)
    w_across = true_weights - np.einsum("gkd,gk->gd", directions, w_along)

    bias_squared = (lost**2 @ (w_along**2)[:, :, None])[:, :, 0] + (w_across**2).sum(axis=1, keepdims=True)
    variance = noise_std**2 / n * noise_gain.sum(axis=2)
    mean_bias = (lost @ (x_along * w_along)[:, :, None])[:, :, 0] + (x_mean * w_across).sum(axis=1, keepdims=True)
    mean_variance = noise_std**2 / n * ((noise_gain @ (x_along**2)[:, :, None])[:, :, 0] + 1)
    return RidgeRisk(bias_squared, variance, mean_bias**2 + mean_variance, noise_std**2)


def optimal_lam(n_train: int, n_features: int, true_weight_norm: float, noise_std: float) -> float:
    """λ* = dσ²/(n‖w*‖²): ridge's best λ for isotropic inputs and w* of any direction; inf where there is no signal.

    It is the posterior mean's λ under w* ~ N(0, ‖w*‖²/d·I), the best any linear estimator can do on average over
    directions of w*, for every n and d. Source: Hastie et al. 2022 (there λ* = σ²γ/r²).
    """
    if true_weight_norm == 0:
        return np.inf
    return n_features * noise_std**2 / (n_train * true_weight_norm**2)
