"""Large weights cause overfitting.

An intervention on the weights alone: the same data and noise, trained from large and from zero initial weights, at
λ = 0. Gap: exact risk − training loss. If size itself is the cause, weights that are large because the truth is large
must overfit more as well. So the condition raises w* tenfold, from zero initial weights, and compares the gap as a
share of what there is to predict, Var y = σ² + ‖w*‖².
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.overfitting import gap

SMALL, LARGE = "zero_init_noise_0.1", "zero_init_large_weights"


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    large, zero = evidence.linear(), evidence.linear(setting="zero_init")
    difference = (gap(tables, large) - gap(tables, zero)).dropna()
    if len(difference) < 2:
        raise NotMeasured("textbook and zero_init at λ = 0 with common seeds")
    numbers: dict[str, float | str] = {
        "‖w‖ from N(0, 1), from zero": f"{norm(tables, 'textbook'):.3g}, {norm(tables, 'zero_init'):.3g}"
    }
    unseen = (evidence.values(tables, large, "null_space_norm") ** 2).mean()
    numbers["what no sample can see of the weights, as a share of the difference"] = unseen / difference.mean()
    conditions = []
    variance = {name: tables.constant(name, "mean_predictor_risk") for name in (SMALL, LARGE)}
    try:
        gaps = {name: gap(tables, evidence.linear(setting=name)) for name in (SMALL, LARGE)}
    except NotMeasured:
        gaps = {}
    if gaps and variance[SMALL] and variance[LARGE]:
        share = {name: gaps[name] / variance[name] for name in gaps}
        low, _, _ = mean_interval((share[LARGE] - share[SMALL]).dropna(), rng=rng)
        conditions.append(Condition("with large true weights the gap is a larger share of Var y", bool(low > 0)))
        numbers["gap/Var y with small, large true weights"] = f"{share[SMALL].mean():.3f}, {share[LARGE].mean():.3f}"
        numbers["‖w‖ with small, large true weights"] = f"{norm(tables, SMALL):.3g}, {norm(tables, LARGE):.3g}"
    return evidence.contrast(difference, rng, conditions, numbers)


def norm(tables: Tables, setting: str) -> float:
    """Mean ‖w‖ at λ = 0."""
    return float(evidence.values(tables, evidence.linear(setting=setting), "weight_norm").mean())


CLAIM = Claim(
    id="c11",
    statement="Large weights cause overfitting.",
    section="Weight decay",
    estimand="gap (exact risk − training loss) at λ = 0, initial weights N(0, 1) − zero",
    unit="squared error",
    needs="linear_regression: textbook and zero_init, method none",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-account",
    table="runs, theory",
)
