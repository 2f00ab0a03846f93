"""A linear model has high bias on y = x² and on an interaction x₁x₂, and low variance.

The share of squared bias in what a linear model loses beyond the noise, on the chapter's example. The margin of 0.9
says "mostly bias". That a share is above 0 says nothing, so p is of the hypothesis that bias is at most half.
"""

import math
from contextlib import suppress

import numpy as np
from scipy import stats

from regularization.analysis.intervals import t_quantile
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence
from regularization.claims.replicates import examples
from regularization.naming import Key

MARGIN = 0.9


def evaluate(evidence: Evidence) -> Measurement:
    share, se, n = bias_share(evidence, "square")
    half = float(t_quantile(n)) * se
    with suppress(NotMeasured):
        other, other_se, _ = bias_share(evidence, "interaction")
        evidence.number("share_of_interaction", other, se=other_se)
        evidence.condition("interaction_too", other - float(t_quantile(n)) * other_se >= MARGIN)
    for setting, bias_above, variance_below in examples(evidence):
        evidence.condition("bias_above", bias_above, setting=setting)
        evidence.condition("variance_below", variance_below, setting=setting)
    decomposed = evidence.tables.decomposition[evidence.tables.decomposition["experiment"] == "example"]
    for (setting, method), _ in decomposed.groupby(["setting", "method"], sort=False):
        key = Key("example", str(setting), str(method), 0.0, "")
        bias, variance = (evidence.component(key, name)["value"] for name in ("bias", "variance"))
        evidence.number("components", setting=setting, method=method, bias=bias, variance=variance)
    p_value = float(stats.t.sf((share - 0.5) / se, n - 1))
    return Measurement(share, share - half, share + half, n, p_value=p_value, notes=evidence)


def bias_share(evidence: Evidence, setting: str) -> tuple[float, float, int]:
    """bias²/(bias² + variance) of the linear model, its standard error and the number of training sets.

    The risk is noise + bias² + variance in every jackknife sample, so the three standard errors give the covariance:
    se(risk)² = se(bias)² + se(variance)² + 2·cov.
    """
    key = Key("example", setting, "linear_model", 0.0, "")
    bias, variance, risk = (evidence.component(key, name) for name in ("bias", "variance", "risk"))
    covariance = (risk["se"] ** 2 - bias["se"] ** 2 - variance["se"] ** 2) / 2
    total = bias["value"] + variance["value"]
    by_bias, by_variance = variance["value"] / total**2, -bias["value"] / total**2  # derivatives of the share
    square = (by_bias * bias["se"]) ** 2 + (by_variance * variance["se"]) ** 2 + 2 * by_bias * by_variance * covariance
    return float(bias["value"] / total), math.sqrt(max(square, np.finfo(float).tiny)), int(bias["n_replicates"])


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate, figure="bias-variance-example", table="decomposition")
