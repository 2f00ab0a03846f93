"""A linear model has high bias on y = x² and on an interaction x₁x₂, however much data, and low variance."""

import math

import numpy as np
from scipy import stats

from regularization.analysis.intervals import t_quantile
from regularization.claims.kit import AtLeast, Claim, Estimate, Evidence, Key, Measurement, together
from regularization.claims.replicates import Compared, examples

MARGIN = 0.9
STAYS = 0.9  # of the bias with the fewest samples, at least, with the most
FUNCTIONS = ("square", "interaction")


def evaluate(evidence: Evidence) -> Measurement:
    share, p_value = bias_share(evidence, "square")
    other, _ = bias_share(evidence, "interaction")
    evidence.shown("interaction_too", other, MARGIN)
    for function in FUNCTIONS:
        found = examples(evidence, function)
        outcomes = {one.place: evidence.above(one.bias) for one in found}
        evidence.condition("bias_above", together(outcomes.values()), function=function, outcomes=outcomes)
        outcomes = {one.place: evidence.below(one.variance) for one in found}
        evidence.condition("variance_below", together(outcomes.values()), function=function, outcomes=outcomes)
        fewest, most, left = kept(found)
        outcome = evidence.above(left) if most[0] > fewest[0] else "not tested"
        evidence.condition("bias_stays", outcome, function=function, fewest=fewest, most=most)
    return Measurement(share.mean, share.low, share.high, share.n, p_value=p_value, notes=evidence)


def kept(found: list[Compared]) -> tuple[tuple[int, float], tuple[int, float], Estimate]:
    """Under the least noise fewest and most samples with the bias², and how far the last is above 90 % of the first."""
    quiet = [one for one in found if one.noise_std == min(other.noise_std for other in found)]  # by n already
    few, many = quiet[0], quiet[-1]
    left = many.own_bias.mean - STAYS * few.own_bias.mean
    half = math.hypot(many.own_bias.high - many.own_bias.mean, STAYS * (few.own_bias.high - few.own_bias.mean))
    ends = ((one.n_train, one.own_bias.mean) for one in (few, many))
    return next(ends), next(ends), Estimate(left, left - half, left + half, many.own_bias.n)


def bias_share(evidence: Evidence, setting: str) -> tuple[Estimate, float]:
    """bias²/(bias² + variance) of the linear model over training sets, and the p of at most one half.

    The risk is noise + bias² + variance in every jackknife sample, so the three standard errors give the covariance:
    se(risk)² = se(bias)² + se(variance)² + 2·cov.
    """
    key = Key("example", setting, "linear_model", 0.0, "")
    bias, variance, risk = (evidence.component(key, name) for name in ("bias", "variance", "risk"))
    covariance = (risk["se"] ** 2 - bias["se"] ** 2 - variance["se"] ** 2) / 2
    total = bias["value"] + variance["value"]
    by_bias, by_variance = variance["value"] / total**2, -bias["value"] / total**2  # derivatives of the share
    square = (by_bias * bias["se"]) ** 2 + (by_variance * variance["se"]) ** 2 + 2 * by_bias * by_variance * covariance
    share, se, n = float(bias["value"] / total), math.sqrt(max(square, np.finfo(float).tiny)), int(bias["n_replicates"])
    half = float(t_quantile(n)) * se
    return Estimate(share, share - half, share + half, n), float(stats.t.sf((share - 0.5) / se, n - 1))


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate)
