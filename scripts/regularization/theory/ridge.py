"""Ridge regression with a free intercept, in closed form, for many data sets and many λ at once."""

import numpy as np


def ridge_weights(x: np.ndarray, y: np.ndarray, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Minimise (1/2n)‖y − Xw − b‖² + (λ/2)‖w‖² over w and b: ŵ = (S + λI)⁻¹ Xcᵀyc/n.

    Solved through the singular value decomposition of the centred inputs, Xc = U·diag(s)·Vᵀ:
    ŵ = V·diag(s/(s² + nλ))·Uᵀyc. At λ = 0 zero singular values are dropped: the minimum-norm solution.

    Inputs are (groups, n, features), targets (groups, n, columns), each column a regression of its own, and λ ≥ 0
    broadcastable to (groups, 1, columns); weights are (groups, features, columns), intercepts (groups, 1, columns).
    Source: Hoerl & Kennard 1970.
    """
    n = x.shape[1]
    x_mean, y_mean = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    u, s, vt = np.linalg.svd(x - x_mean, full_matrices=False)
    s = s[:, :, None]
    # Singular values at rounding level are zero: centring removes one direction of the sample space.
    kept = s > s.max(axis=1, keepdims=True) * max(x.shape[1:]) * np.finfo(x.dtype).eps
    gain = np.where(kept, s, 0.0) / np.where(kept, s**2 + n * lam, 1.0)
    weights = vt.swapaxes(1, 2) @ (gain * (u.swapaxes(1, 2) @ (y - y_mean)))
    return weights, y_mean - x_mean @ weights
