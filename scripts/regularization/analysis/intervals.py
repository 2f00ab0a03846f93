"""95 % t intervals of means. Imports no library but NumPy until it computes one: most figures need none."""

import numpy as np


def t_quantile(n: int | np.ndarray) -> np.ndarray:
    """Return half the width, in standard errors, of the 95 % t interval of a mean of n values (at least two)."""
    from scipy.special import stdtrit

    return stdtrit(np.maximum(n - 1, 1), 0.975)
