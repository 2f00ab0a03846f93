"""Gaussian noise on the inputs amounts to an L2 penalty (Bishop 1995).

Exact in expectation for the linear model: noise of variance λ against ridge at λ, trained to the end with a decaying
rate. The weights decide: their distance from ridge's is below a tenth of ridge's norm (a hundredth of ‖w‖²), by a
one-sided test over seeds. Conditions: the same at the other λ, and no ridge fit of the grid is nearer than the one at
the noise's own λ. The risk, which hardly depends on λ here, is told beside. So is, descriptively, another noise on the
inputs: how far weights trained with dropout are from what it minimises in expectation, which is ridge with a penalty
for each input (Wager et al. 2013), and from ridge at λ = p/(1 − p). For a network Bishop's equivalence is an
approximation, and it is with a penalty on the Jacobian ∂output/∂input, not on the weights: what the noise does to both
is among the numbers. Changed after a first look: see `amended`.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd

from regularization.analysis.statistics import equivalence, mean_interval
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence, minimisers
from regularization.claims.claim import Claim, Condition, Measurement, NotMeasured, Within

WEIGHTS = 0.1  # of ‖w‖
SETTING = "converged_cosine"
Numbers = dict[str, float | str]


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    ridge = {
        lam: evidence.weights(tables, evidence.linear("ridge", lam, SETTING))
        for lam in (0.0, *evidence.lams(tables, "linear_regression", SETTING, "ridge"))
    }
    primary = distances(evidence.weights(tables, evidence.linear("input_noise", CHAPTER_LAM, SETTING)), ridge)
    conditions: list[Condition] = []
    numbers: Numbers = {far(CHAPTER_LAM, lam): float(apart.mean()) for lam, apart in primary.items()}
    if CHAPTER_LAM not in primary:
        raise NotMeasured(f"the weights of input_noise and ridge at λ = {CHAPTER_LAM:g} in {SETTING} with common seeds")
    own = primary.pop(CHAPTER_LAM)
    further = [mean_interval((apart - own).dropna(), rng=rng)[0] > 0 for apart in primary.values()]
    if further:
        conditions.append(Condition("every other ridge fit of the grid is further away", all(further)))
    for lam in evidence.lams(tables, "linear_regression", SETTING, "input_noise"):
        noise = evidence.linear("input_noise", lam, SETTING)
        if (diverged := len(tables.select(noise)) - len(tables.ok(noise))) > 0:
            numbers[f"runs that the noise made diverge at λ = {lam:g}"] = diverged
        with suppress(NotMeasured):
            numbers[f"relative difference of the risk at λ = {lam:g}"] = float(relative_risk(tables, lam).mean())
        if (
            lam != CHAPTER_LAM
            and lam in ridge
            and (others := distances(evidence.weights(tables, noise), {lam: ridge[lam]}))
        ):
            apart = others[lam]
            numbers[far(lam, lam)] = float(apart.mean())
            near = equivalence(apart, low=-math.inf, high=WEIGHTS).equivalent
            conditions.append(Condition(f"the weights agree to a tenth of their norm at λ = {lam:g} too", near))
    for p, (apart, from_ridge) in minimisers.dropout_distances(tables, SETTING).items():
        numbers[f"descriptive: dropout with p = {p}, mean ‖w − its minimiser‖/‖minimiser‖"] = float(apart.mean())
        numbers[f"descriptive: the same from ridge at λ = {p}/(1 − {p})"] = float(from_ridge.mean())
    network(tables, numbers)
    found = equivalence(own, low=-math.inf, high=WEIGHTS)
    return replace(Measurement.of(found, conditions=tuple(conditions), numbers=numbers), test="one-sided t test")


def far(variance: float, lam: float) -> str:
    """The name of a mean distance."""
    return f"noise of variance {variance:g}, mean ‖w − ridge at λ = {lam:g}‖/‖ridge‖"


def relative_risk(tables: Tables, lam: float) -> np.ndarray:
    """Risk under input noise − ridge's, over ridge's mean, by seed."""
    noise, ridge = (evidence.linear(method, lam, SETTING) for method in ("input_noise", "ridge"))
    return evidence.differences(tables, noise, ridge, "risk") / evidence.values(tables, ridge, "risk").mean()


def distances(noisy: pd.DataFrame, ridge: dict[float, pd.DataFrame]) -> dict[float, pd.Series]:
    """‖w − ridge‖/‖ridge‖ of weights under noise from every fit of ridge, by λ and seed; none without common seeds."""
    found = {}
    for lam, weights in ridge.items():
        common = noisy.index.intersection(weights.index)
        if len(common) > 1:
            apart, norm = (np.linalg.norm(w.loc[common], axis=1) for w in (noisy - weights, weights))
            found[lam] = pd.Series(apart / norm, index=common)
    return found


def network(tables: Tables, numbers: Numbers) -> None:
    """What input noise does to the network: Jacobian and weight norm against the baseline's, paired by seed."""
    plain = evidence.network()
    for lam in evidence.lams(tables, "fashion_mnist", plain.setting, "input_noise"):
        noisy = evidence.network("input_noise", lam)
        try:
            jacobian = evidence.probe(tables, noisy, "jacobian_norm") / evidence.probe(tables, plain, "jacobian_norm")
            norm = evidence.values(tables, noisy, "weight_norm") / evidence.values(tables, plain, "weight_norm")
        except NotMeasured:
            continue
        text = f"Jacobian norm {jacobian.mean():.3f}, weight norm {norm.mean():.3f}"
        numbers[f"network with noise of variance {lam:g} / without"] = text


CLAIM = Claim(
    id="c24",
    statement="Noise on the inputs is equivalent to an L2 (Tikhonov) penalty.",
    section="Dropout",
    estimand="‖w − ridge‖/‖ridge‖ at λ = 3, w trained with input noise of variance 3, at convergence",
    unit="relative",
    needs="linear_regression: converged_cosine, input_noise and ridge at λ = 3 with weights (other λ as conditions)",
    rule=Within(-math.inf, WEIGHTS),
    evaluate=evaluate,
    figure="weight-decay-equivalences",
    table="predictions_linear_regression, runs, probes",
    amended="First a condition about the weights was added, to a tenth of their norm. Then they took the place of"
    " the risk, which had decided within a margin: it hardly depends on λ there and could not have "
    "failed.",
)
