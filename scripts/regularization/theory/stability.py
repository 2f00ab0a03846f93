"""How large λ may be before gradient descent itself diverges: η(λ + L_max) must stay below 2."""

import numpy as np


def stability_boundary(x: np.ndarray, learning_rate: float) -> np.ndarray:
    """The λ at which full-batch gradient descent on (1/2n)‖y − Xw − b‖² + (λ/2)‖w‖² starts to diverge.

    In closed form (docs/theory.md), with the intercept eliminated. Inputs (groups, n, features) → (groups,); negative
    where it diverges without any penalty. `ValueError` unless 0 < η < 2: the intercept's own curvature is 1.
    """
    if not 0 < learning_rate < 2:
        raise ValueError(f"learning_rate must lie between 0 and 2 for the intercept to converge, got {learning_rate}")
    limit = 2 / learning_rate
    n = x.shape[1]
    x_mean = x.mean(axis=1, keepdims=True)
    # The non-zero eigenvalues of S + c·x̄x̄ᵀ are those of the Gram matrix of the rows (Xc/√n, √c·x̄).
    rows = np.concatenate([(x - x_mean) / np.sqrt(n), np.sqrt(limit / (limit - 1)) * x_mean], axis=1)
    gram = rows @ rows.swapaxes(1, 2) if n < x.shape[2] else rows.swapaxes(1, 2) @ rows
    return limit - np.linalg.eigvalsh(gram)[:, -1]
