"""Other regularizers that are ridge in disguise, for the linear model with a free intercept: see docs/theory.md."""

import math

import numpy as np

from regularization.theory.ridge import ridge_weights


def constraint_radius(x: np.ndarray, y: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """√θ = ‖ŵ_λ‖, in whose ball the constrained minimiser is ridge at λ, (groups, 1, columns); infinite at λ = 0."""
    weights, _ = ridge_weights(x, y, lam)
    return np.where(lam == 0, np.inf, np.linalg.norm(weights, axis=1, keepdims=True))


def constraint_multiplier(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The multiplier of ‖w‖² ≤ θ at a constrained minimiser w: the λ at which the penalty has the same minimiser.

    There the loss's gradient is −λw, so λ = −⟨w, ∇⟩/‖w‖², with b at its best for w; 0 where the constraint is slack.
    Inputs (groups, n, features), targets (groups, n, columns), w ≠ 0 (groups, features, columns) → (groups, columns).
    """
    x_centred, y_centred = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    gradient = x_centred.swapaxes(1, 2) @ (x_centred @ w - y_centred) / x.shape[1]
    return -(w * gradient).sum(axis=1) / (w**2).sum(axis=1)


def input_dropout_weights(x: np.ndarray, y: np.ndarray, p: float) -> tuple[np.ndarray, np.ndarray]:
    """Minimise the expected loss of dropout with probability p on the inputs: ridge with a penalty per feature.

    docs/theory.md derives it. Shapes as in `ridge_weights`; `ValueError` if p is not strictly between 0 and 1: at 0 the
    minimiser is not unique when features > n. Source: Wager, Wang & Liang 2013, §2.
    """
    if not 0 < p < 1:
        raise ValueError(f"p must lie strictly between 0 and 1, got {p}")
    # Scaling feature j by 1/√(XᵀX/n)_jj turns the penalty into plain ridge at λ = p/(1−p).
    scale = np.sqrt((x**2).mean(axis=1, keepdims=True))
    weights, intercepts = ridge_weights(x / scale, y, np.full((1, 1, 1), p / (1 - p)))
    return weights / scale.swapaxes(1, 2), intercepts


def input_dropout_risk(x: np.ndarray, true_weights: np.ndarray, p: float) -> np.ndarray:
    """Compute the expected risk of that minimiser beyond σ², given X, over the labels' noise.

    It is signal + σ²·noise: inputs (groups, n, features), w* (features,) → signal and noise, shape (groups, 2).
    """
    groups, n, _ = x.shape
    targets = np.concatenate([(x @ true_weights)[:, :, None], np.broadcast_to(np.eye(n), (groups, n, n))], axis=2)
    weights, intercepts = input_dropout_weights(x, targets, p)
    weights[:, :, 0] -= true_weights
    squares = (weights**2).sum(axis=1) + intercepts[:, 0] ** 2
    return np.stack([squares[:, 0], squares[:, 1:].sum(axis=1)], axis=1)


def early_stopping_steps(learning_rate: float, lam: float) -> int:
    """1/(ηλ), halves rounded down: gradient descent has shrunk about as ridge at λ then; `ValueError` unless λ > 0."""
    if lam <= 0:
        raise ValueError(f"lam must be positive for training ever to stop, got {lam}")
    return math.ceil(1 / (learning_rate * lam) - 0.5)
