"""What the data cannot see: the part of the weights that is orthogonal to every training input (docs/theory.md)."""

import numpy as np


def row_space(x: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the span of the training inputs, as SGD sees them (not centred).

    Inputs (groups, n, features) → rows (groups, min(n, features), features), zero in place of missing directions.
    """
    n, n_features = x.shape[1:]
    if n > n_features:
        x = np.asarray(np.linalg.qr(x, mode="r"))  # the same row space in a square matrix
    _, s, basis = np.linalg.svd(x, full_matrices=False)
    independent = s > s.max(axis=1, keepdims=True) * max(n, n_features) * np.finfo(x.dtype).eps
    basis *= independent[:, :, None]
    return basis


def norm_outside(basis: np.ndarray, w: np.ndarray) -> np.ndarray:
    """‖w − BᵀBw‖₂ outside the orthonormal rows B of `row_space`: w (groups, features, columns) → (groups, columns)."""
    return np.linalg.norm(w - basis.swapaxes(1, 2) @ (basis @ w), axis=1)


def null_space_norm(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The norm in the null space of inputs (groups, n, features) of weights (groups, features, columns), by column."""
    return norm_outside(row_space(x), w)
