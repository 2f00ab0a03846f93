"""A network has low bias and high variance, next to a linear model.

On Fashion-MNIST the linear model is softmax regression. Squared error on class probabilities, 500 images, retrained on
disjoint training sets; both parts are compared paired by jackknife pseudo-values. The bias contains the labels' noise,
the same for both. The chapter's own example (y = x², y = x₁x₂) has to say the same.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.statistics import two_way_bootstrap
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.claims.replicates import examples, of_networks


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    network, softmax = of_networks(tables, [evidence.network(), evidence.network(setting="softmax_500", p="")])
    variance, bias, notes = network.variance - softmax.variance, network.bias - softmax.bias, Notes()
    lower = evidence.mean(bias.mean(axis=1), rng)
    _, over_images, _ = two_way_bootstrap(variance, rng=rng, n_resamples=1_000)
    notes.condition("lower_bias", lower.high < 0)
    notes.condition("other_images", over_images > 0)
    notes.number("variance", network.variance.mean(), softmax=softmax.variance.mean())
    notes.number("bias", network.bias.mean(), softmax=softmax.bias.mean())
    notes.number("bias_difference", lower)
    for images in (2_000, 10_000):
        with suppress(NotMeasured):
            keys = evidence.network(setting=f"samples_{images}"), evidence.network(setting=f"softmax_{images}", p="")
            more, more_softmax = of_networks(tables, keys)
            found, found_bias = (
                evidence.mean(difference.mean(axis=1), rng)
                for difference in (more.variance - more_softmax.variance, more.bias - more_softmax.bias)
            )
            notes.number("variance_with_more", found, images=images)
            notes.number("bias_with_more", found_bias, images=images)
            if images == 2_000:  # with 10,000 there are five replicates: descriptive
                notes.condition("with_more", found.low > 0 and found_bias.high < 0)
    for setting, bias_above, variance_below in examples(tables):
        notes.condition("example_bias", bias_above, setting=setting)
        notes.condition("example_variance", variance_below, setting=setting)
    return evidence.contrast(variance.mean(axis=1), rng, notes)


CLAIM = Claim(
    __name__, AtLeast(), evaluate, figure="bias-variance-network", table="predictions_fashion_mnist, decomposition"
)
