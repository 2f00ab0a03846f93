"""The risk of ridge regression when samples and features grow together: γ = d/n fixed, isotropic inputs.

Source: Hastie, Montanari, Rosset & Tibshirani 2022, "Surprises in high-dimensional ridgeless least squares
interpolation" (isotropic features; ridge and its limit λ → 0).
"""

import numpy as np


def excess_risk(gamma: float, norm_squared: float, noise_std: float, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Asymptotic bias and variance of ridge without an intercept, R − σ² = bias + variance: see docs/theory.md.

    Limits at λ = 0 (infinite at γ = 1). γ = d/n > 0, r² = ‖w*‖² and σ are numbers; the result has the shape of λ ≥ 0.
    """
    lam = np.asarray(lam, dtype=float)
    a = 1 - gamma + lam
    d = np.sqrt(a**2 + 4 * gamma * lam)
    with np.errstate(divide="ignore", invalid="ignore"):
        if gamma < 1:
            m = 2 / (a + d)
            lam_m = lam * m
            variance = gamma * m * (a + d - 2 * lam) / (2 * d)
        else:
            lam_m = (d - a) / (2 * gamma)
            variance = 2 * gamma * lam_m / (d * (d + lam + gamma - 1))
        bias = lam_m * (lam + gamma * lam_m) / d
    if gamma == 1:  # D = 0 at λ = 0: interpolation exactly at the threshold
        bias, variance = np.where(lam == 0, 0.0, bias), np.where(lam == 0, np.inf, variance)
    return norm_squared * bias, (noise_std**2 * variance if noise_std > 0 else np.zeros_like(variance))


def asymptotic_ridge_risk(
    n_train: int, n_features: int, norm_squared: float, noise_std: float, lam: np.ndarray
) -> np.ndarray:
    """Asymptotic risk E(y − ŷ)² of ridge *with a free intercept*, of the shape of λ ≥ 0; inf at the pole.

    Centring costs one sample (n → n − 1, and λ → λn/(n − 1) because S keeps its 1/n), and the intercept's own error
    multiplies the risk by 1 + 1/n. Good to a few per cent at this study's sizes; at n ≈ d and λ ≈ 0, where it has its
    pole, use `ridge_risk`. Raises `ValueError` if n_train < 2: a centred sample of one is empty.
    """
    if n_train < 2:
        raise ValueError(f"n_train must be at least 2 to have an intercept and a slope, got {n_train}")
    rescaled = np.asarray(lam, dtype=float) * n_train / (n_train - 1)
    bias, variance = excess_risk(n_features / (n_train - 1), norm_squared, noise_std, rescaled)
    return (noise_std**2 + bias + variance) * (1 + 1 / n_train)
