"""Bias and variance: what would change with another training set, and what would not (docs/theory.md).

Every estimator takes the predictions of R *replicates*: runs that differ in their training set and in their seed. It
returns the parts of the mean risk as `Component`s with the delete-one jackknife's standard error over replicates and
a 95 % t interval. Raises `ValueError` with fewer than three replicates.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from regularization.analysis.intervals import mean_interval
from regularization.analysis.statistics import jackknife

MIN_REPLICATES = 3  # the jackknife takes one away, and a variance needs two
FLOOR = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Component:
    """A part of the risk, in the units of its loss."""

    value: float
    se: float
    ci_low: float
    ci_high: float


Components = dict[str, Component]  # by name: bias, variance, risk, …


def squared_error(predictions: np.ndarray, targets: np.ndarray, noise: float | None = None) -> Components:
    """Split the mean squared error, E‖target − prediction‖² = (noise +) bias² + variance, without bias in either part.

    Predictions are (replicates, items, outputs); targets, (items, outputs), are one-hot labels, whose noise then counts
    as bias², or the true function, around which new observations have the variance `noise` (None: not known). An
    estimated bias² can be below 0.
    """
    n = _n_replicates(predictions)
    n_items = predictions.shape[1]
    mean = predictions.mean(axis=0, dtype=np.float64)
    loss = np.array([np.square(one - targets, dtype=np.float64).sum() for one in predictions]) / n_items + (noise or 0)
    spread = np.array([np.square(one - mean).sum() for one in predictions]) / n_items

    # Without replicate r, Σ‖p − p̄‖² about the new mean is lower by R/(R−1)·‖pᵣ − p̄‖².
    parts = {"variance": spread.sum() / (n - 1), "risk": loss.mean()}
    without = {"variance": (spread.sum() - n / (n - 1) * spread) / (n - 2), "risk": (loss.sum() - loss) / (n - 1)}
    components = _with_bias(parts, without, noise or 0)
    return components if noise is None else {"noise": Component(noise, 0.0, noise, noise), **components}


def linear_model(
    weights: np.ndarray, biases: np.ndarray, true_weights: np.ndarray, true_bias: float, noise_std: float
) -> Components:
    """Split a linear model's risk exactly, from its weights: σ² + bias² + variance, no test sample needed.

    For x ~ N(0, I) the risk is σ² + ‖w − w*‖² + (b − b*)²: a squared error of the parameters (w, b), the intercept's
    part included. Shapes: w (replicates, features), b (replicates,), w* (features,).
    """
    parameters = np.concatenate([weights, biases[:, None]], axis=1)[:, None, :]
    return squared_error(parameters, np.append(true_weights, true_bias)[None], noise=noise_std**2)


def cross_entropy(p: np.ndarray, labels: np.ndarray) -> Components:
    """Split the mean cross-entropy (nats) into bias + variance (Heskes 1998).

    Shapes: p (replicates, items, classes), labels (items,). Probabilities below the smallest normal float32 number,
    1.2e-38, count as that, as networks' probabilities are stored: a wrong answer costs 87 nats at most.
    """
    n = _n_replicates(p)
    items = np.arange(len(labels))
    log_sum = sum((_log(one) for one in p), np.zeros(p.shape[1:]))
    loss = np.array([-_log(one[items, labels]).mean() for one in p])

    def variance(log_mean: np.ndarray, replicates: int) -> float:
        return float(-logsumexp(log_mean, axis=1).mean() * replicates / (replicates - 1))

    parts = {"variance": variance(log_sum / n, n), "risk": loss.mean()}
    without = {
        "variance": np.array([variance((log_sum - _log(one)) / (n - 1), n - 1) for one in p]),
        "risk": (loss.sum() - loss) / (n - 1),
    }
    return _with_bias(parts, without)


def zero_one(p: np.ndarray, labels: np.ndarray) -> Components:
    """Describe the error rate by Domingos' (2000) bias and variance, which do not add up to it.

    The main prediction is the majority's vote, in a tie the lowest class; bias is its error rate, variance the share of
    votes against it. Plug-in values: descriptive only. Shapes are those of `cross_entropy`.
    """
    n = _n_replicates(p)
    votes = p.argmax(axis=2)  # (replicates, items)
    items = np.arange(len(labels))
    counts = np.stack([(votes == k).sum(axis=0) for k in range(p.shape[2])], axis=1)

    def described(counts: np.ndarray, replicates: int) -> tuple[float, float, float]:
        main = counts.argmax(axis=1)
        against = 1 - counts[items, main] / replicates
        wrong = 1 - counts[items, labels] / replicates
        return float((main != labels).mean()), float(against.mean()), float(wrong.mean())

    names = ("bias", "variance", "risk")
    without = []
    for vote in votes:
        counts[items, vote] -= 1
        without.append(described(counts, n - 1))
        counts[items, vote] += 1
    return {
        name: _component(value, values, share=True)
        for name, value, values in zip(names, described(counts, n), np.array(without).T, strict=True)
    }


def crossed(predictions: np.ndarray, targets: np.ndarray) -> Components:
    """Split the variance of the squared error further: sampling, optimisation and their interaction (Neal et al. 2018).

    Unbiased, so a small component can come out below 0; variance is their sum, and bias² the rest of the mean risk.
    Predictions are (training sets, seeds, items, outputs), at least three of either; targets (items, outputs).
    """
    n_sets, n_seeds = _n_replicates(predictions), _n_replicates(predictions.swapaxes(0, 1))
    predictions = predictions.astype(np.float64)
    loss = np.array([[np.square(one - targets).sum() for one in row] for row in predictions]) / predictions.shape[2]

    parts = _two_way(predictions, loss)
    by_set = [_two_way(np.delete(predictions, d, axis=0), np.delete(loss, d, axis=0)) for d in range(n_sets)]
    by_seed = [_two_way(np.delete(predictions, s, axis=1), np.delete(loss, s, axis=1)) for s in range(n_seeds)]
    components = {}
    for name, value in parts.items():
        errors = [jackknife(np.array([one[name] for one in without])) for without in (by_set, by_seed)]
        components[name] = _interval(value, math.hypot(*errors), min(n_sets, n_seeds))
    return components


def one_hot(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Labels (items,) as target probabilities, shape (items, classes)."""
    return np.eye(n_classes)[labels]


def _two_way(p: np.ndarray, loss: np.ndarray) -> dict[str, float]:
    """The values of `crossed`, from predictions (sets, seeds, items, outputs) and losses (sets, seeds)."""
    n_sets, n_seeds, n_items, _ = p.shape
    mean = p.mean(axis=(0, 1))
    sets = n_seeds * np.square(p.mean(axis=1) - mean).sum() / n_items
    seeds = n_sets * np.square(p.mean(axis=0) - mean).sum() / n_items
    rest = np.square(p - mean).sum() / n_items - sets - seeds
    interaction = rest / ((n_sets - 1) * (n_seeds - 1))
    sampling = (sets / (n_sets - 1) - interaction) / n_seeds
    optimisation = (seeds / (n_seeds - 1) - interaction) / n_sets
    variance, risk = sampling + optimisation + interaction, loss.mean()
    return {
        "bias": risk - variance,
        "variance": variance,
        "variance_sampling": sampling,
        "variance_optimisation": optimisation,
        "variance_interaction": interaction,
        "risk": risk,
    }


def _log(p: np.ndarray) -> np.ndarray:
    logarithm: np.ndarray = np.log(np.maximum(p, FLOOR, dtype=np.float64))
    return logarithm


def _with_bias(parts: Mapping[str, float], without: Mapping[str, np.ndarray], noise: float = 0.0) -> Components:
    """Add bias = risk − variance − noise."""
    bias = _component(parts["risk"] - parts["variance"] - noise, without["risk"] - without["variance"] - noise)
    return {"bias": bias, **{name: _component(value, without[name]) for name, value in parts.items()}}


def _component(value: float, without: np.ndarray, share: bool = False) -> Component:
    return _interval(value, jackknife(without), len(without), share)


def _interval(value: float, se: float, replicates: int, share: bool = False) -> Component:
    low, high = mean_interval(value, se * replicates**0.5, replicates, share)
    return Component(float(value), se, float(low), float(high))


def _n_replicates(predictions: np.ndarray) -> int:
    if len(predictions) < MIN_REPLICATES:
        raise ValueError(f"bias and variance need {MIN_REPLICATES} replicates or more, got {len(predictions)}")
    return len(predictions)
