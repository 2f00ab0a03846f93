"""Gaussian noise on the inputs amounts to an L2 penalty (Bishop 1995)."""

from contextlib import suppress

import numpy as np
import pandas as pd

from regularization.claims import linear_models, measures
from regularization.claims.evidence import Differences, Evidence, linear, network
from regularization.claims.kit import CHAPTER_LAM, Claim, NotMeasured, Within, together
from regularization.claims.matched import PROBABILITIES

MARGIN = 0.02  # of ridge's weights
ALIKE = 0.1  # of the weights' norm, in the network
SETTING = "converged_cosine"
NOISE = 0.3  # variance on the pixels


def evaluate(evidence: Evidence) -> Differences:
    lams = (0.0, *evidence.lams("linear_regression", SETTING, "ridge"))
    ridge = {lam: weights for lam in lams if len(weights := evidence.weights(linear("ridge", lam, SETTING)))}
    noisy = evidence.weights(linear("input_noise", CHAPTER_LAM, SETTING))
    own = excess(noisy, ridge.get(CHAPTER_LAM, pd.DataFrame()), lam=CHAPTER_LAM)
    distances = {lam: apart(noisy, weights) for lam, weights in ridge.items()}
    for lam, distance in distances.items():
        evidence.number("distance", distance.mean(), variance=CHAPTER_LAM, lam=lam)
    nearest = distances.pop(CHAPTER_LAM)
    if distances:
        further = [evidence.above((distance - nearest).dropna()) for distance in distances.values()]
        evidence.condition("nearest", together(further))
    for lam in evidence.lams("linear_regression", SETTING, "input_noise"):
        with suppress(NotMeasured):
            if lam != CHAPTER_LAM and lam in ridge:
                other = excess(evidence.weights(linear("input_noise", lam, SETTING)), ridge[lam], lam=lam)
                evidence.condition(
                    "at_other_lam", measures.near(other.to_numpy(), MARGIN), lam=lam, excess=other.mean()
                )
    in_a_network(evidence)
    for p, (distance, from_ridge) in linear_models.dropout_distances(evidence, SETTING).items():
        evidence.number("dropout_distance", distance.mean(), p=p, from_ridge=from_ridge.mean())
    return own


def excess(noisy: pd.DataFrame, ridge: pd.DataFrame, lam: float) -> pd.Series:
    """(w − ridge)·ridge/‖ridge‖², by seed."""
    common = noisy.index.intersection(ridge.index) if len(noisy) and len(ridge) else ()
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
    known = {}
    for lam in evidence.lams("fashion_mnist", "samples_500", "weight_decay"):
        with suppress(NotMeasured):
            decayed, perturbed = (evidence.probe(key, PROBABILITIES) for key in (network("weight_decay", lam), noisy))
            known[lam] = float(decayed.mean() / perturbed.mean())
    if not known:
        evidence.condition("in_a_network", "not tested", variance=NOISE, lam=None, ratio=None, jacobians=None)
        return
    lam = min(known, key=lambda lam: abs(np.log(known[lam])))
    weights = [evidence.values(key, "weight_norm") for key in (noisy, network("weight_decay", lam))]
    ratio = (weights[0] / weights[1]).dropna().to_numpy()
    outcome = measures.near(ratio - 1, ALIKE)
    evidence.condition("in_a_network", outcome, variance=NOISE, lam=lam, ratio=ratio.mean(), jacobians=known[lam])


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate)
