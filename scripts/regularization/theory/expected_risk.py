"""The risk of full-batch gradient descent, given the inputs: averaged over initial weights and noise.

docs/theory.md derives the formulas. A measured run's account has the same parts for its own draws and batches.
"""

from dataclasses import dataclass

import numpy as np

from regularization.settings import LinearRegressionSetting, scheduled
from regularization.theory.trajectory import contraction, elapsed_time, gain


@dataclass(frozen=True)
class Spectra:
    """H = [X 1]ᵀ[X 1]/n + λD of many training sets and λ in its eigenvectors, as far as the inputs reach."""

    lam: np.ndarray  # λ of the half squared error, shape (number of λ,)
    n_train: int  # n
    curvature: np.ndarray  # eigenvalues of H, shape (number of λ, groups, k + 1) with k = min(n, features)
    intercept: np.ndarray  # coordinates of the intercept's axis e, same shape
    ones: np.ndarray  # coordinates of (1, …, 1, 0), along which w* lies, same shape
    unseen_ones: np.ndarray  # squared length of what of (1, …, 1) lies beyond the inputs' span, shape (groups,)
    n_unseen: int  # the number of directions beyond, features − k


@dataclass(frozen=True)
class RiskParts:
    """Parts of the risk, each of shape (groups, …) but `noise_floor`, a number; mean squared error.

    The first three are of the weights: what is left of w₀ and b₀, E‖w − w*‖² without noise, and fitted noise.
    """

    initialisation: np.ndarray
    signal: np.ndarray
    noise: np.ndarray
    bias_term: np.ndarray  # E(b − b*)², of all three
    noise_floor: float

    @property
    def total(self) -> np.ndarray:
        return self.initialisation + self.signal + self.noise + self.bias_term + self.noise_floor


def diagonalised(x: np.ndarray, lam: np.ndarray) -> Spectra:
    """Diagonalise H of training sets, shape (groups, n, features), at every λ ≥ 0, shape (number of λ,)."""
    groups, n, n_features = x.shape
    x, ones, unseen_ones = reduced(x)
    size = x.shape[2]
    design = np.concatenate([x, np.ones((groups, n, 1))], axis=2)
    penalised = np.diag(np.append(np.ones(size), 0.0))
    lam = np.asarray(lam, dtype=float)
    hessian = design.swapaxes(1, 2) @ design / n + lam[:, None, None, None] * penalised
    curvature, axes = np.linalg.eigh(hessian)
    along = np.einsum("lgik,gi->lgk", axes[:, :, :-1], ones)
    return Spectra(lam, n, curvature, axes[:, :, -1], along, unseen_ones, n_features - size)


def reduced(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write inputs and (1, …, 1) in the coordinates of n orthonormal directions that hold the inputs.

    Inputs (groups, n, features) → inputs (groups, n, k) with k = min(n, features); (1, …, 1), shape (groups, k); and
    the squared length of what of it lies beyond, shape (groups,).
    """
    groups, n, n_features = x.shape
    if n >= n_features:
        return x, np.ones((groups, n_features)), np.zeros(groups)
    basis, r = np.linalg.qr(x.swapaxes(1, 2))
    ones = basis.sum(axis=1)
    return r.swapaxes(1, 2), ones, n_features - (ones**2).sum(axis=1)


def gradient_descent_risk(spectra: Spectra, setting: LinearRegressionSetting, steps: np.ndarray | int) -> RiskParts:
    """Compute the expected risk, over initial weights and noise, of gradient descent at a setting's learning rate.

    The setting gives w*, b*, σ, initialisation and schedule too; `steps` are the times t (integers), (times,) or a
    number. The parts have the shape (groups, times, number of λ), infinite where floating-point range is left.
    """
    h, e, lam = spectra.curvature, spectra.intercept, spectra.lam[:, None, None]
    times, rates = np.atleast_1d(steps), learning_rates(setting)
    g = contraction(h, rates, times)  # (times, λ, groups, k + 1)
    phi = gain(h, g, elapsed_time(rates, times)[:, None, None, None])
    with np.errstate(over="ignore", invalid="ignore"):
        g_squared, phi_squared = g**2, phi**2
        # Of g(H) and φ(H): the squared length of column e, and its entry at e itself.
        g_column, g_entry = (g_squared * e**2).sum(axis=-1), (g * e**2).sum(axis=-1)
        phi_column, phi_entry = (phi_squared * e**2).sum(axis=-1), (phi * e**2).sum(axis=-1)
        unseen = contraction(spectra.lam, rates, times)[:, :, None] ** 2 * spectra.n_unseen

        of_weights = _scaled(g_squared.sum(axis=-1) - 2 * g_column + g_entry**2 + unseen, setting.init_std)
        of_bias = _scaled(g_column - g_entry**2, setting.bias_init_std)
        initial_bias = _scaled(g_column - g_entry**2, setting.init_std) + _scaled(g_entry**2, setting.bias_init_std)

        # ZᵀZ/n = H − λD, and the part of the noise that reaches the intercept.
        noise = (phi_squared * (h - lam)).sum(axis=-1) + lam[..., 0] * phi_column
        noise_bias = (phi_squared * e**2 * h).sum(axis=-1) - lam[..., 0] * (phi_column - phi_entry**2)
        fitted = _scaled(noise - noise_bias, setting.noise_std) / spectra.n_train
        fitted_bias = _scaled(noise_bias, setting.noise_std) / spectra.n_train

        w_true, b_true = setting.true_weight * spectra.ones, setting.true_bias * e
        error = -g * (w_true + b_true) - lam * phi * w_true
        error_bias = (error * e).sum(axis=-1)
        beyond = setting.true_weight**2 * spectra.unseen_ones
        signal = (error**2).sum(axis=-1) - error_bias**2 + beyond
        bias_term = initial_bias + error_bias**2 + fitted_bias
    return RiskParts(
        initialisation=_overflowed(of_weights + of_bias),
        signal=_overflowed(signal),
        noise=_overflowed(fitted),
        bias_term=_overflowed(bias_term),
        noise_floor=setting.noise_std**2,
    )


def expected_null_space_norm(setting: LinearRegressionSetting, lam: np.ndarray | float) -> np.ndarray:
    """Root mean square of the null-space norm after training from w₀ ~ N(0, init_std²·I), of the shape of λ.

    (E‖w_T‖²)^½ = |Π(1 − η_t·λ)| · init_std · √(d − n): a Gaussian has the energy init_std² in every direction, and
    d − n directions are free (n in general position). Exact for minibatches too. λ ≥ 0 is of the half squared error.
    """
    initial_norm = setting.init_std * max(setting.n_features - setting.n_train, 0) ** 0.5
    left = np.abs(contraction(lam, learning_rates(setting), setting.epochs * setting.steps_per_epoch))
    # Nothing stays nothing, also under a λ that makes everything else overflow.
    return left * initial_norm if initial_norm > 0 else np.zeros_like(left)


def learning_rates(setting: LinearRegressionSetting) -> float | np.ndarray:
    """η on the half squared error, one number or one a step, shape (steps,)."""
    factor = loss_factor(setting)
    if setting.schedule == "constant":
        return factor * setting.learning_rate
    steps = setting.epochs * setting.steps_per_epoch
    return np.array([factor * scheduled(setting.learning_rate, setting.schedule, step, steps) for step in range(steps)])


def loss_factor(setting: LinearRegressionSetting) -> int:
    """2 where SGD descends the squared error without the ½: (η, λ) there is (2η, λ/2) of the half squared error."""
    return 1 if setting.loss == "half_squared_error" else 2


def _scaled(variance: np.ndarray, std: float) -> np.ndarray:
    """Multiply; 0 stays 0 where the factor overflows."""
    return std**2 * variance if std > 0 else np.zeros_like(variance)


def _overflowed(part: np.ndarray) -> np.ndarray:
    """(times, λ, groups) → (groups, times, λ), with the difference of two infinities as infinite."""
    return np.moveaxis(np.where(np.isnan(part), np.inf, part), -1, 0)
