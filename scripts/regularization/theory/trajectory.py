"""Where full-batch gradient descent is after t steps, in closed form; docs/theory.md derives it."""

import numpy as np


def contraction(h: np.ndarray | float, learning_rate: float | np.ndarray, steps: np.ndarray | int) -> np.ndarray:
    """g_t(h) = Π_{s<t} (1 − η_s·h): what t steps leave of the distance to the minimum where the curvature is h.

    η is a number, or one a step for at least the largest t; the times t ≥ 0 are integers. Curvatures and times of any
    shape → (*steps.shape, *h.shape); infinite beyond 10³⁰⁸.
    """
    h, times = np.asarray(h, dtype=float), np.asarray(steps)
    with np.errstate(over="ignore", invalid="ignore"):
        if np.ndim(learning_rate) == 0:
            factor: np.ndarray = (1 - learning_rate * h) ** times.reshape(times.shape + (1,) * h.ndim)
            return factor
        left, found = np.ones_like(h), np.empty(times.shape + h.shape)
        found[times == 0] = left
        for step, rate in enumerate(np.asarray(learning_rate)[: times.max()], start=1):
            left *= 1 - rate * h
            found[times == step] = left
    return found


def elapsed_time(learning_rate: float | np.ndarray, steps: np.ndarray | int) -> np.ndarray:
    """Σ_{s<t} η_s, the time of gradient flow that t steps are; arguments as in `contraction`, shape of `steps`."""
    if np.ndim(learning_rate) == 0:
        return learning_rate * np.asarray(steps, dtype=float)
    return np.append(0.0, np.cumsum(learning_rate))[np.asarray(steps)]


def gain(h: np.ndarray, left: np.ndarray, time: np.ndarray) -> np.ndarray:
    """φ_t(h) = (1 − g_t(h))/h, and its limit Σ η_s = `time` at h = 0, of curvatures h of shape (…, k).

    Those at rounding level count as 0; `left` = g_t(h) and `time` broadcast with h.
    """
    curved = h > h.max(axis=-1, keepdims=True) * h.shape[-1] * np.finfo(h.dtype).eps
    return np.where(curved, (1 - left) / np.where(curved, h, 1.0), time)
