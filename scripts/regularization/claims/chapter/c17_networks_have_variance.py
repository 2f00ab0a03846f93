"""A network has low bias and high variance, next to a linear model.

On Fashion-MNIST the linear model is softmax regression. Squared error on class probabilities, 500 images, retrained on
disjoint training sets; both parts are compared paired by jackknife pseudo-values. The bias contains the labels' noise,
the same for both. The chapter's own example (y = x², y = x₁x₂) has to say the same.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import mean_interval, two_way_bootstrap
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.replicates import example_difference, of_networks


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    network, softmax = of_networks(tables, [evidence.network(), evidence.network(setting="softmax_500", p="")])
    variance, bias = network.variance - softmax.variance, network.bias - softmax.bias
    bias_interval = interval(bias, rng)
    _, over_images, _ = two_way_bootstrap(variance, rng=rng, n_resamples=1_000)
    conditions = [
        Condition("the network's bias is lower than softmax regression's", bias_interval[2] < 0),
        Condition("its variance is higher on other test images too", over_images > 0),
    ]
    numbers: dict[str, float | str] = {
        "variance of network, softmax regression": f"{network.variance.mean():.4f}, {softmax.variance.mean():.4f}",
        "bias² of network, softmax regression": f"{network.bias.mean():.4f}, {softmax.bias.mean():.4f}",
        "difference of bias²": "{:.4f} [{:.4f}, {:.4f}]".format(*bias_interval),
    }
    for n_images in (2_000, 10_000):
        try:
            keys = (
                evidence.network(setting=f"samples_{n_images}"),
                evidence.network(setting=f"softmax_{n_images}", p=""),
            )
            more, more_softmax = of_networks(tables, keys)
        except NotMeasured:
            continue
        found = interval(more.variance - more_softmax.variance, rng)
        numbers[f"difference of variance with {n_images:,} images"] = "{:.4f} [{:.4f}, {:.4f}]".format(*found)
        found_bias = interval(more.bias - more_softmax.bias, rng)
        numbers[f"difference of bias² with {n_images:,} images"] = "{:.4f} [{:.4f}, {:.4f}]".format(*found_bias)
        if n_images == 2_000:  # with 10,000 there are five replicates: descriptive
            conditions.append(Condition("both hold with 2,000 images too", found[1] > 0 and found_bias[2] < 0))
    for setting, words in (("square", "y = x²"), ("interaction", "y = x₁x₂")):
        try:
            _, bias_low, _ = example_difference(tables, setting, "bias")
            _, _, variance_high = example_difference(tables, setting, "variance")
        except NotMeasured:
            continue
        conditions += [
            Condition(f"on {words} a network's bias is lower than a linear model's", bias_low > 0),
            Condition(f"on {words} a network's variance is higher than a linear model's", variance_high < 0),
        ]
    return evidence.contrast(variance.mean(axis=1), rng, conditions, numbers)


def interval(difference: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Mean difference of pseudo-values, shape (replicates, items), and its 95 % interval over replicates."""
    by_replicate = difference.mean(axis=1)
    low, high, _ = mean_interval(by_replicate, rng=rng)
    return float(by_replicate.mean()), low, high


CLAIM = Claim(
    id="c17",
    statement="A network has low bias and high variance, compared with a linear model.",
    section="Overfitting",
    estimand="variance of the predicted probabilities (squared error), network − softmax regression, 500 images",
    unit="squared error",
    needs="fashion_mnist: samples_500 and softmax_500, method none, with predictions",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="bias-variance-network",
    table="predictions_fashion_mnist, decomposition",
)
