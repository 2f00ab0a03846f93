"""Gaussian noise on the inputs amounts to an L2 penalty (Bishop 1995).

Exact in expectation for the linear model: noise of variance λ against ridge at λ, trained to the end with a decaying
rate. The weights decide: their distance from ridge's is below a tenth of ridge's norm (a hundredth of ‖w‖²), by a
one-sided test over seeds. The risk, which hardly depends on λ here, is told beside. So is, descriptively, another noise
on the inputs: how far weights trained with dropout are from what it minimises in expectation, which is ridge with a
penalty for each input (Wager et al. 2013), and from ridge at λ = p/(1 − p). For a network Bishop's equivalence is an
approximation, and it is with a penalty on the Jacobian ∂output/∂input, not on the weights: what the noise does to both
is among the numbers.
"""

import math
from contextlib import suppress

import numpy as np
import pandas as pd

from regularization.analysis.statistics import equivalence
from regularization.analysis.tables import CHAPTER_LAM
from regularization.claims import minimisers
from regularization.claims.claim import Claim, Measurement, NotMeasured, Within
from regularization.claims.evidence import Evidence, linear, network

WEIGHTS = 0.1  # of ‖w‖
SETTING = "converged_cosine"


def evaluate(evidence: Evidence) -> Measurement:
    ridge = {
        lam: evidence.weights(linear("ridge", lam, SETTING))
        for lam in (0.0, *evidence.lams("linear_regression", SETTING, "ridge"))
    }
    primary = distances(evidence.weights(linear("input_noise", CHAPTER_LAM, SETTING)), ridge)
    for lam, apart in primary.items():
        evidence.number("distance", apart.mean(), variance=CHAPTER_LAM, lam=lam)
    if CHAPTER_LAM not in primary:
        raise NotMeasured("lacks_weights", lam=CHAPTER_LAM, setting=SETTING)
    own = primary.pop(CHAPTER_LAM)
    further = [evidence.lowest((apart - own).dropna()) > 0 for apart in primary.values()]
    if further:
        evidence.condition("nearest", all(further))
    for lam in evidence.lams("linear_regression", SETTING, "input_noise"):
        noise = linear("input_noise", lam, SETTING)
        if (diverged := len(evidence.tables.select(noise)) - len(evidence.tables.ok(noise))) > 0:
            evidence.number("diverged", diverged, lam=lam)
        with suppress(NotMeasured):
            evidence.number("relative_risk", relative_risk(evidence, lam).mean(), lam=lam)
        if lam != CHAPTER_LAM and lam in ridge:
            for apart in distances(evidence.weights(noise), {lam: ridge[lam]}).values():
                evidence.number("distance", apart.mean(), variance=lam, lam=lam)
                near = equivalence(apart, low=-math.inf, high=WEIGHTS).equivalent
                evidence.condition("weights_agree", near, lam=lam)
    for p, (apart, from_ridge) in minimisers.dropout_distances(evidence, SETTING).items():
        evidence.number("dropout_distance", apart.mean(), p=p)
        evidence.number("dropout_distance_from_ridge", from_ridge.mean(), p=p)
    of_a_network(evidence)
    return Measurement.of(equivalence(own, low=-math.inf, high=WEIGHTS), evidence)


def relative_risk(evidence: Evidence, lam: float) -> np.ndarray:
    """Risk under input noise − ridge's, over ridge's mean, by seed."""
    noise, ridge = (linear(method, lam, SETTING) for method in ("input_noise", "ridge"))
    return evidence.differences(noise, ridge, "risk") / evidence.values(ridge, "risk").mean()


def distances(noisy: pd.DataFrame, ridge: dict[float, pd.DataFrame]) -> dict[float, pd.Series]:
    """‖w − ridge‖/‖ridge‖ of weights under noise from every fit of ridge, by λ and seed; none without common seeds."""
    found = {}
    for lam, weights in ridge.items():
        common = noisy.index.intersection(weights.index)
        if len(common) > 1:
            apart, norm = (np.linalg.norm(w.loc[common], axis=1) for w in (noisy - weights, weights))
            found[lam] = pd.Series(apart / norm, index=common)
    return found


def of_a_network(evidence: Evidence) -> None:
    """What input noise does to the network: Jacobian and weight norm against the baseline's, paired by seed."""
    plain = network()
    for lam in evidence.lams("fashion_mnist", plain.setting, "input_noise"):
        noisy = network("input_noise", lam)
        with suppress(NotMeasured):
            jacobian = evidence.probe(noisy, "jacobian_norm") / evidence.probe(plain, "jacobian_norm")
            norm = evidence.values(noisy, "weight_norm") / evidence.values(plain, "weight_norm")
            evidence.number("network", lam=lam, jacobian=jacobian.mean(), norm=norm.mean())


CLAIM = Claim(
    __name__,
    Within(-math.inf, WEIGHTS),
    evaluate,
    figure="weight-decay-equivalences",
    table="predictions_linear_regression, runs, probes",
)
