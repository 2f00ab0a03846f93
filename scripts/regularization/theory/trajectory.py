"""Where full-batch gradient descent is after t steps, in closed form.

For u = (w, b), H = [X 1]ᵀ[X 1]/n + λ·diag(1, …, 1, 0) and ∇(u) = Hu − [X 1]ᵀy/n every step multiplies the distance
to the minimum by I − ηH:

    u_t = u_∞ + (I − ηH)^t (u₀ − u_∞) = u₀ − φ_t(H)∇(u₀),    φ_t(h) = (1 − (1 − ηh)^t)/h,  φ_t(0) = ηt.

The second form needs no minimum: at λ = 0 with more features than samples there are many.
"""

from __future__ import annotations

import numpy as np


def gradient_descent(
    x: np.ndarray,
    y: np.ndarray,
    w0: np.ndarray,
    b0: np.ndarray,
    learning_rate: float,
    lam: float,
    steps: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and intercepts of gradient descent on (1/2n)‖y − Xw − b‖² + (λ/2)‖w‖².

    Args:
        x: inputs, shape (groups, n, features).
        y: targets, shape (groups, n).
        w0: initial weights, shape (groups, features).
        b0: initial intercepts, shape (groups,).
        learning_rate: η.
        lam: λ ≥ 0.
        steps: the times t ≥ 0 (integers), shape (times,).

    Returns:
        Weights (groups, times, features) and intercepts (groups, times).
    """
    groups, n, n_features = x.shape
    design = np.concatenate([x, np.ones((groups, n, 1))], axis=2)
    penalised = np.append(np.ones(n_features), 0.0)
    hessian = design.swapaxes(1, 2) @ design / n + lam * np.diag(penalised)
    u0 = np.concatenate([w0, b0[:, None]], axis=1)
    gradient = np.einsum("gij,gj->gi", hessian, u0) - np.einsum("gni,gn->gi", design, y) / n

    h, axes = np.linalg.eigh(hessian)  # axes[:, :, k] belongs to h[:, k]
    curved = h > h.max(axis=1, keepdims=True) * (n_features + 1) * np.finfo(h.dtype).eps
    h, t = np.where(curved, h, 1.0)[:, None, :], np.asarray(steps)[:, None]
    phi = np.where(curved[:, None, :], (1 - (1 - learning_rate * h) ** t) / h, learning_rate * t)
    along = np.einsum("gik,gi->gk", axes, gradient)
    u = u0[:, None, :] - np.einsum("gik,gtk->gti", axes, phi * along[:, None, :])
    return u[:, :, :-1], u[:, :, -1]
