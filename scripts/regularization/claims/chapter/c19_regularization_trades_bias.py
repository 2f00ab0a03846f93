"""Regularization trades bias for variance: variance falls, bias rises.

Primary: dropout at p = 0.5 on the network (500 images), squared error on probabilities, paired by jackknife
pseudo-values. The trade is a good one where the sum, the risk, falls: a number, not a condition.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from regularization.analysis.statistics import two_way_bootstrap
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, dropped, linear, network
from regularization.claims.replicates import Split, of_linear_models, of_networks
from regularization.naming import Key

Splitter = Callable[[Tables, Sequence[Key]], list[Split]]


def evaluate(evidence: Evidence) -> Measurement:
    plain = network()
    before, after = of_networks(evidence.tables, [plain, dropped(0.5)])
    fall = before.variance - after.variance
    _, over_images, _ = two_way_bootstrap(fall, rng=evidence.rng, n_resamples=1_000)
    evidence.condition("bias_rises", evidence.lowest((after.bias - before.bias).mean(axis=1)) > 0, method="dropout")
    evidence.condition("other_images", over_images > 0)
    evidence.number("components", method="dropout", before=means(before), after=means(after))
    unpenalised, decayed = (
        linear(method, lam, "zero_init_noise_0.1") for method, lam in (("none", 0.0), ("l2_penalty", CHAPTER_LAM))
    )
    others: dict[str, tuple[Splitter, list[Key]]] = {
        "weight_decay": (of_networks, [plain, network("weight_decay", 0.01)]),
        "l2_penalty": (of_linear_models, [unpenalised, decayed]),
    }
    for method, (splits, keys) in others.items():
        with suppress(NotMeasured):
            before, after = splits(evidence.tables, keys)
            evidence.number("components", method=method, before=means(before), after=means(after))
            bias, variance = (after.bias - before.bias).mean(axis=1), (before.variance - after.variance).mean(axis=1)
            evidence.condition("bias_rises", evidence.lowest(bias) > 0, method=method)
            evidence.condition("variance_falls", evidence.lowest(variance) > 0, method=method)
    return evidence.contrast(fall.mean(axis=1))


def means(split: Split) -> dict[str, float]:
    """Bias², variance and their sum."""
    return {"bias²": split.bias.mean(), "variance": split.variance.mean(), "sum": (split.bias + split.variance).mean()}


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="bias-variance-network",
    table="predictions_fashion_mnist, predictions_linear_regression",
)
