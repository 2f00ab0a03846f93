"""Gaussian noise on the inputs amounts to an L2 penalty (Bishop 1995).

Exact in expectation for the linear model, at every step: averaged over the noise, SGD under noise of variance λ moves
as SGD on the penalised loss. One run is scattered around that by its own noise; so the mean over noise draws decides.
By how much of ridge's weights at λ do weights trained under noise exceed it? (w − ridge)·ridge/‖ridge‖², averaged over
runs, each with noise of its own, lies within ± 2 %. That no other ridge fit of the grid is nearer, and the same at the
other λ, are conditions.

For a network Bishop's equivalence is an approximation, and it is with a penalty on the Jacobian ∂output/∂input, not on
the weights. That reservation is a condition: where weight decay makes the Jacobian about as small as the noise does,
the weights are about as large.
"""

from contextlib import suppress

import numpy as np
import pandas as pd

from regularization.analysis.statistics import equivalence
from regularization.analysis.tables import CHAPTER_LAM
from regularization.claims import measures, minimisers
from regularization.claims.claim import Claim, Measurement, NotMeasured, Within
from regularization.claims.evidence import Evidence, linear, network

MARGIN = 0.02  # of ridge's weights
ALIKE = 0.1  # of the weights' norm, in the network
SETTING = "converged_cosine"
NOISE = 0.3  # variance on the pixels


def evaluate(evidence: Evidence) -> Measurement:
    lams = (0.0, *evidence.lams("linear_regression", SETTING, "ridge"))
    ridge = {lam: evidence.weights(linear("ridge", lam, SETTING)) for lam in lams}
    noisy = evidence.weights(linear("input_noise", CHAPTER_LAM, SETTING))
    own = excess(noisy, ridge.get(CHAPTER_LAM, pd.DataFrame()), lam=CHAPTER_LAM)
    distances = {lam: apart(noisy, weights) for lam, weights in ridge.items()}
    for lam, distance in distances.items():
        evidence.number("distance", distance.mean(), variance=CHAPTER_LAM, lam=lam)
    nearest = distances.pop(CHAPTER_LAM)
    if distances:
        further = [evidence.above((distance - nearest).dropna()) for distance in distances.values()]
        evidence.condition(
            "nearest", "holds" if set(further) == {"holds"} else "fails" if "fails" in further else "not shown"
        )
    for lam in evidence.lams("linear_regression", SETTING, "input_noise"):
        with suppress(NotMeasured):
            if lam != CHAPTER_LAM and lam in ridge:
                other = excess(evidence.weights(linear("input_noise", lam, SETTING)), ridge[lam], lam=lam)
                evidence.condition(
                    "at_other_lam", measures.near(other.to_numpy(), MARGIN), lam=lam, excess=other.mean()
                )
    in_a_network(evidence)
    for p, (distance, from_ridge) in minimisers.dropout_distances(evidence, SETTING).items():
        evidence.number("dropout_distance", distance.mean(), p=p, from_ridge=from_ridge.mean())
    return Measurement.of(equivalence(own, low=-MARGIN, high=MARGIN), evidence)


def excess(noisy: pd.DataFrame, ridge: pd.DataFrame, lam: float) -> pd.Series:
    """(w − ridge)·ridge/‖ridge‖², by seed."""
    common = noisy.index.intersection(ridge.index)
    if len(common) < 2:
        raise NotMeasured("lacks_weights", lam=lam, setting=SETTING)
    w, r = noisy.loc[common], ridge.loc[common]
    return ((w - r) * r).sum(axis=1) / (r**2).sum(axis=1)


def apart(noisy: pd.DataFrame, ridge: pd.DataFrame) -> pd.Series:
    """‖w − ridge‖/‖ridge‖, by seed."""
    return np.sqrt(((noisy - ridge).dropna() ** 2).sum(axis=1)) / np.sqrt((ridge**2).sum(axis=1))


def in_a_network(evidence: Evidence) -> None:
    """Note whether the decay that is as smooth as input noise leaves weights as large."""
    noisy = network("input_noise", NOISE)
    try:
        smoothness = evidence.probe(noisy, "jacobian_norm").mean()
        decays = [network("weight_decay", lam) for lam in evidence.lams("fashion_mnist", "samples_500", "weight_decay")]
        norms = {key: evidence.probe(key, "jacobian_norm").mean() for key in decays}
    except NotMeasured:
        norms = {}
    if not norms:
        evidence.condition("network_not_probed", "not tested", lam=NOISE)
        return
    alike = min(norms, key=lambda key: abs(np.log(norms[key] / smoothness)))
    ratio = (evidence.values(noisy, "weight_norm") / evidence.values(alike, "weight_norm")).dropna()
    outcome = measures.near(ratio.to_numpy() - 1, ALIKE)
    facts = {"noise": smoothness, "decay": norms[alike]}
    evidence.condition("in_a_network", outcome, variance=NOISE, lam=alike.lam, ratio=ratio.mean(), jacobians=facts)


CLAIM = Claim(
    __name__,
    Within(-MARGIN, MARGIN),
    evaluate,
    figure="weight-decay-equivalences",
    table="predictions_linear_regression, runs, probes",
)
