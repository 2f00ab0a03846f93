"""Calibration of a classifier: does it say how often it is right, and what would one temperature make of its loss?

In float64 and NumPy, from one run's logits alone: its numbers depend on no other run, and on no number of threads.
Source: Guo, Pleiss, Sun & Weinberger 2017, "On calibration of modern neural networks".
"""

import numpy as np

BINS = 15  # of equal width, of the confidence
HOTTEST = 1000.0  # the largest temperature that is looked for; its inverse is the smallest
PRECISION = 1e-9  # of a temperature, relative


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Find T > 0 that minimises the mean cross-entropy of softmax(logits/T), logits (images, classes).

    Newton's method for 1/T, in which the cross-entropy is convex, inside a bracket. NaN if a logit is not finite.
    """
    if not np.isfinite(logits).all():
        return np.nan
    z, own = _relative(logits, labels)
    low, high, inverse = 1 / HOTTEST, HOTTEST, 1.0
    while high - low > PRECISION * low:
        p = np.exp(inverse * z)
        p /= p.sum(axis=0)
        mean = (p * z).sum(axis=0)
        slope = float((mean - own).mean())
        curvature = float(((p * z * z).sum(axis=0) - mean * mean).mean())
        low, high = (low, inverse) if slope > 0 else (inverse, high)
        newton = inverse - slope / curvature if curvature > 0 else np.inf
        if slope == 0 or abs(newton - inverse) <= PRECISION * inverse:
            break
        inverse = newton if low < newton < high else float(np.sqrt(low * high))
    return 1 / inverse


def cross_entropy(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """Mean cross-entropy in nats of softmax(logits/temperature), logits (images, classes)."""
    z, own = (values / temperature for values in _relative(logits, labels))
    return float((np.log(np.exp(z).sum(axis=0)) - own).mean())


def scores(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Compute accuracy, confidence, loss, Brier score and ECE of predictions softmax(logits), logits (images, classes).

    Confidence is the mean largest probability, the Brier score Σₖ(pₖ − yₖ)² a mean over images, the expected
    calibration error the mean |accuracy − confidence| over `BINS` bins of the largest probability, weighted by images.
    """
    p = np.exp(_relative(logits, labels)[0])
    p /= p.sum(axis=0)
    confidence, right = p.max(axis=0), logits.argmax(axis=1) == labels
    of_label = p[labels, np.arange(len(labels))]
    known = np.nan_to_num(confidence)  # of a run that diverged it may be no number
    bins = np.minimum((known * BINS).astype(int), BINS - 1)
    return {
        "accuracy": float(right.mean()),
        "confidence": float(confidence.mean()),
        "loss": cross_entropy(logits, labels),
        "brier": float(((p * p).sum(axis=0) - 2 * of_label + 1).mean()),
        "ece": float(np.abs(np.bincount(bins, right - confidence, BINS)).sum() / len(labels)),
    }


def _relative(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits less each image's largest, in float64, (classes, images), and those of the labels, (images,)."""
    z = np.ascontiguousarray(logits.T, dtype=np.float64)
    z = z - z.max(axis=0)
    return z, z[labels, np.arange(len(labels))]
