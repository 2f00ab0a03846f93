"""Large weights cause overfitting.

An intervention on the weights alone: the same data and noise, trained from large and from zero initial weights, at
λ = 0. Gap: exact risk − training loss. If size itself is the cause, weights that are large because the truth is large
must overfit more as well. So the condition raises w* tenfold, from zero initial weights, and compares the gap as a
share of what there is to predict, Var y = σ² + ‖w*‖².
"""

from contextlib import suppress

from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear

SMALL, LARGE = "zero_init_noise_0.1", "zero_init_large_weights"


def evaluate(evidence: Evidence) -> Measurement:
    large, zero = linear(), linear(setting="zero_init")
    difference = (evidence.gap(large) - evidence.gap(zero)).dropna()
    if len(difference) < 2:
        raise NotMeasured("lacks_seeds")
    evidence.number("norms", norm(evidence, "textbook"), from_zero=norm(evidence, "zero_init"))
    unseen = (evidence.values(large, "null_space_norm") ** 2).mean()
    evidence.number("unseen", unseen / difference.mean())
    variance = {name: evidence.tables.constant(name, "mean_predictor_risk") for name in (SMALL, LARGE)}
    with suppress(NotMeasured):
        gaps = {name: evidence.gap(linear(setting=name)) for name in (SMALL, LARGE)}
        if variance[SMALL] and variance[LARGE]:
            share = {name: gaps[name] / variance[name] for name in gaps}
            evidence.condition("larger_share", evidence.lowest((share[LARGE] - share[SMALL]).dropna()) > 0)
            evidence.number("shares", small=share[SMALL].mean(), large=share[LARGE].mean())
            evidence.number("true_norms", small=norm(evidence, SMALL), large=norm(evidence, LARGE))
    return evidence.contrast(difference)


def norm(evidence: Evidence, setting: str) -> float:
    """Mean ‖w‖ at λ = 0."""
    return float(evidence.values(linear(setting=setting), "weight_norm").mean())


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-account", table="runs, theory")
