"""95 % intervals of means. Imports neither scipy.stats, which takes half a second, nor statsmodels."""

import numpy as np
from scipy.special import expit, logit, stdtrit


def t_quantile(n: int | np.ndarray) -> np.ndarray:
    """Return half the width, in standard errors, of the 95 % t interval of a mean of n values (at least two)."""
    return stdtrit(np.maximum(n - 1, 1), 0.975)


def mean_interval(
    mean: np.ndarray | float, sd: np.ndarray | float, n: np.ndarray | int, share: np.ndarray | bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the 95 % interval of means of n values, with their sample standard deviation; NaN where n < 2.

    Student's t interval; where the values are shares of a whole, as accuracies are, the t interval of the log odds of
    the mean (delta method), transformed back. That never leaves [0, 1], which clipping would only hide: it moves the
    whole interval away from an end that is near, and tends to the t interval where none is. Shares that are all 0, or
    all 1, have an interval without width.
    """
    mean, half = np.asarray(mean, dtype=float), t_quantile(n) * sd / np.sqrt(np.maximum(n, 1))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half_of_odds = np.where(half == 0, 0.0, half / (mean * (1 - mean)))
        low, high = (expit(logit(mean) + sign * half_of_odds) for sign in (-1, 1))
    return np.where(share, low, mean - half), np.where(share, high, mean + half)
