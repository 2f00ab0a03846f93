"""Regularization trades bias for variance: variance falls, bias rises.

Primary: dropout at p = 0.5 on the network (500 images), squared error on probabilities, paired by jackknife
pseudo-values. Conditions: the bias rises, and weight decay and the linear experiment show both as well; the variance
also falls on other test images. The trade is a good one where the sum, the risk, falls: a number, not a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from regularization.analysis.statistics import mean_interval, two_way_bootstrap
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.replicates import Split, of_linear_models, of_networks
from regularization.naming import Key

Splitter = Callable[[Tables, Sequence[Key]], list[Split]]


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    plain = evidence.network()
    before, after = of_networks(tables, [plain, evidence.dropped(0.5)])
    fall = before.variance - after.variance
    _, over_images, _ = two_way_bootstrap(fall, rng=rng, n_resamples=1_000)
    low, _, _ = mean_interval((after.bias - before.bias).mean(axis=1), rng=rng)
    conditions = [
        Condition("under dropout at p = 0.5 the bias rises", low > 0),
        Condition("the variance falls on other test images too", over_images > 0),
    ]
    numbers: dict[str, float | str] = {"dropout at p = 0.5": in_words(before, after)}
    linear, decayed = (
        evidence.linear(method, lam, "zero_init_noise_0.1")
        for method, lam in (("none", 0.0), ("l2_penalty", CHAPTER_LAM))
    )
    others: dict[str, tuple[Splitter, list[Key]]] = {
        "weight decay at λ = 0.01": (of_networks, [plain, evidence.network("weight_decay", 0.01)]),
        "the linear model's penalty at λ = 3": (of_linear_models, [linear, decayed]),
    }
    for name, (splits, keys) in others.items():
        try:
            before, after = splits(tables, keys)
        except NotMeasured:
            continue
        numbers[name] = in_words(before, after)
        bias_low, _, _ = mean_interval((after.bias - before.bias).mean(axis=1), rng=rng)
        variance_low, _, _ = mean_interval((before.variance - after.variance).mean(axis=1), rng=rng)
        conditions += [
            Condition(f"under {name} the bias rises", bias_low > 0),
            Condition(f"under {name} the variance falls", variance_low > 0),
        ]
    return evidence.contrast(fall.mean(axis=1), rng, conditions, numbers)


def in_words(before: Split, after: Split) -> str:
    """Bias², variance and their sum, without and with the regularizer."""
    parts = {"bias²": (before.bias, after.bias), "variance": (before.variance, after.variance)}
    parts["sum"] = before.bias + before.variance, after.bias + after.variance
    return ", ".join(f"{name} {old.mean():.4g} → {new.mean():.4g}" for name, (old, new) in parts.items())


CLAIM = Claim(
    id="c19",
    statement="Regularization trades bias for variance.",
    section="Overfitting",
    estimand="variance of the predicted probabilities (squared error), none − dropout 0.5, 500 images",
    unit="squared error",
    needs="fashion_mnist: samples_500, none and dropout 0.5 with predictions",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="bias-variance-network",
    table="predictions_fashion_mnist, predictions_linear_regression",
)
