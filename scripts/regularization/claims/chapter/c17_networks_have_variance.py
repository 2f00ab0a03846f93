"""A network has low bias and high variance, next to a linear model: softmax regression, on Fashion-MNIST."""

from regularization.analysis.statistics import two_way_interval
from regularization.claims.kit import AtLeast, Claim, Differences, Estimate, Evidence, attempt, each, network
from regularization.claims.replicates import Split, of_networks

MORE = (2_000, 10_000)


def evaluate(evidence: Evidence) -> Differences:
    mlp, softmax = pair(evidence, 500)
    variance = mlp.variance - softmax.variance
    evidence.shown("other_images", Estimate(*two_way_interval(variance), len(variance)))
    evidence.shown("lower_bias", (mlp.bias - softmax.bias).mean(axis=1), below=True)
    evidence.number("variance", mlp.variance.mean(), softmax=softmax.variance.mean())
    evidence.number("bias", mlp.bias.mean(), softmax=softmax.bias.mean())
    compare(evidence, 500, tempered=True)
    for n in MORE:
        compare(evidence, n, tempered=False)
    return variance.mean(axis=1)


def pair(evidence: Evidence, images: int, tempered: bool = False) -> list[Split]:
    """Network and softmax regression, split on common replicates."""
    keys = network(setting=f"samples_{images}"), network(setting=f"softmax_{images}", p="")
    return of_networks(evidence.tables, keys, tempered)


def compare(evidence: Evidence, images: int, tempered: bool) -> None:
    """Note whether variance is higher and bias lower elsewhere, too."""
    variance, bias, parts = None, None, attempt(pair, evidence, images, tempered)
    if parts is None and not tempered:
        return  # a study without so many images asks the claim of fewer
    if parts:
        mlp, softmax = parts
        variance, bias = (mlp.variance - softmax.variance).mean(axis=1), (mlp.bias - softmax.bias).mean(axis=1)
    evidence.shown("variance_too", variance, tempered=tempered, images=images)
    evidence.shown("bias_too", bias, below=True, tempered=tempered, images=images)


def at(evidence: Evidence, images: int = 500, tempered: bool = False) -> Differences:
    mlp, softmax = pair(evidence, images, tempered)
    return (mlp.variance - softmax.variance).mean(axis=1)


VARIATIONS = each(at, tempered={"tempered": True}, images={f"images_{n}": n for n in MORE})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS)
