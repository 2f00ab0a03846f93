"""A network has low bias and high variance, next to a linear model.

On Fashion-MNIST the linear model is softmax regression. Squared error on class probabilities, 500 images, retrained on
disjoint training sets; both parts are compared paired by jackknife pseudo-values. The bias contains the labels' noise,
the same for both.
"""

from contextlib import suppress

from regularization.analysis.statistics import two_way_bootstrap
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, network
from regularization.claims.replicates import of_networks


def evaluate(evidence: Evidence) -> Measurement:
    mlp, softmax = of_networks(evidence.tables, [network(), network(setting="softmax_500", p="")])
    variance, bias = mlp.variance - softmax.variance, mlp.bias - softmax.bias
    lower = evidence.mean(bias.mean(axis=1))
    _, over_images, _ = two_way_bootstrap(variance, rng=evidence.rng, n_resamples=1_000)
    evidence.condition("lower_bias", lower.high < 0)
    evidence.condition("other_images", over_images > 0)
    evidence.number("variance", mlp.variance.mean(), softmax=softmax.variance.mean())
    evidence.number("bias", mlp.bias.mean(), softmax=softmax.bias.mean())
    evidence.number("bias_difference", lower)
    for images in (2_000, 10_000):
        with suppress(NotMeasured):
            keys = network(setting=f"samples_{images}"), network(setting=f"softmax_{images}", p="")
            more, more_softmax = of_networks(evidence.tables, keys)
            found, found_bias = (
                evidence.mean(difference.mean(axis=1))
                for difference in (more.variance - more_softmax.variance, more.bias - more_softmax.bias)
            )
            evidence.number("variance_with_more", found, images=images)
            evidence.number("bias_with_more", found_bias, images=images)
            if images == 2_000:  # with 10,000 there are five replicates: descriptive
                evidence.condition("with_more", found.low > 0 and found_bias.high < 0)
    return evidence.contrast(variance.mean(axis=1))


CLAIM = Claim(
    __name__, AtLeast(), evaluate, figure="bias-variance-network", table="predictions_fashion_mnist, decomposition"
)
