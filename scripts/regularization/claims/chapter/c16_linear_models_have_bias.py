"""A linear model has high bias on y = x² and on an interaction x₁x₂, and low variance.

The share of squared bias in what a linear model loses beyond the noise, on the chapter's example. The margin of 0.9
says "mostly bias". That a share is above 0 says nothing, so p is of the hypothesis that bias is at most half. Bias and
variance are also compared with a small network's, fitted to the same training sets.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.replicates import example_difference
from regularization.naming import Key

MARGIN = 0.9


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    share, se, n = bias_share(tables, "square")
    half = float(stats.t.ppf(0.975, n - 1)) * se
    conditions, numbers = [], dict[str, float | str]()
    try:
        other, other_se, _ = bias_share(tables, "interaction")
        numbers["bias share on x₁x₂"] = f"{other:.3f} ± {other_se:.3f} (standard error)"
        holds = other - float(stats.t.ppf(0.975, n - 1)) * other_se >= MARGIN
        conditions.append(Condition("on the interaction the interval of bias' share is at or above 0.9, too", holds))
    except NotMeasured:
        pass
    for setting, words in (("square", "x²"), ("interaction", "x₁x₂")):
        try:
            _, bias_low, _ = example_difference(tables, setting, "bias")
            _, _, variance_high = example_difference(tables, setting, "variance")
        except NotMeasured:
            continue
        conditions += [
            Condition(f"on {words} its bias is above a network's", bias_low > 0),
            Condition(f"on {words} its variance is below a network's", variance_high < 0),
        ]
    numbers |= {f"bias², variance: {name}": text for name, text in every_example(tables)}
    p_value = float(stats.t.sf((share - 0.5) / se, n - 1))
    test = "t interval by the delta method from the jackknife over training sets, one-sided t test against one half"
    return Measurement(
        share, share - half, share + half, n, test, p_value=p_value, conditions=tuple(conditions), numbers=numbers
    )


def bias_share(tables: Tables, setting: str) -> tuple[float, float, int]:
    """bias²/(bias² + variance) of the linear model, its standard error and the number of training sets.

    The risk is noise + bias² + variance in every jackknife sample, so the three standard errors give the covariance:
    se(risk)² = se(bias)² + se(variance)² + 2·cov.
    """
    key = Key("example", setting, "linear_model", 0.0, "")
    bias, variance, risk = (evidence.component(tables, key, name) for name in ("bias", "variance", "risk"))
    covariance = (risk["se"] ** 2 - bias["se"] ** 2 - variance["se"] ** 2) / 2
    total = bias["value"] + variance["value"]
    by_bias, by_variance = variance["value"] / total**2, -bias["value"] / total**2  # derivatives of the share
    square = (by_bias * bias["se"]) ** 2 + (by_variance * variance["se"]) ** 2 + 2 * by_bias * by_variance * covariance
    return float(bias["value"] / total), math.sqrt(max(square, np.finfo(float).tiny)), int(bias["n_replicates"])


def every_example(tables: Tables) -> list[tuple[str, str]]:
    """Bias² and variance of both models at every noise level, in words."""
    rows = tables.decomposition[tables.decomposition["experiment"] == "example"]
    found = []
    for (setting, method), _ in rows.groupby(["setting", "method"], sort=False):
        key = Key("example", str(setting), str(method), 0.0, "")
        bias, variance = (evidence.component(tables, key, name)["value"] for name in ("bias", "variance"))
        found.append((f"{setting} {method}".replace("_", " "), f"{bias:.3g}, {variance:.3g}"))
    return found


CLAIM = Claim(
    id="c16",
    statement="A linear model has high bias on y = x² and on an interaction x₁x₂, and low variance.",
    section="Overfitting",
    estimand="share of squared bias in bias² + variance of the linear model on y = x²",
    unit="share",
    needs="the chapter's example",
    rule=AtLeast(MARGIN),
    evaluate=evaluate,
    figure="bias-variance-example",
    table="decomposition",
)
