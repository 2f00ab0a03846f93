"""Networks with and without a regularizer at the same training loss, so that one is not smoother by fitting less."""

import numpy as np
import pandas as pd

from regularization.analysis.matching import of_other_length
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import Evidence, attempt, network
from regularization.naming import Key

MATCHED = 0.05  # how far beyond the lengths trained a training loss may lie, as a share
LOGITS, PROBABILITIES = "logit_jacobian_norm", "jacobian_norm"  # the norm of ∂output/∂input of either output


def log_ratio(evidence: Evidence, regularized: Key, quantity: str) -> pd.Series:
    """log(without/with) of a probe, or of the weights' norm, at the regularized network's training loss, by seed.

    Without: networks trained for several numbers of epochs, everything else the same; between them the logarithm is
    interpolated linearly in the log training loss, seed by seed. Raises `NotMeasured` where fewer than half of the
    seeds lie within the training losses reached.
    """
    measured, setting = _log(evidence, regularized, quantity), regularized.setting
    trained = evidence.tables.known(("lengths", setting, quantity), lambda: _lengths(evidence, setting, quantity))
    lengths = [one.reindex(measured.index).to_numpy() for one in trained]
    found = {}
    for i, (pair, goal, value) in enumerate(zip(measured.index, *measured.to_numpy().T, strict=True)):
        points = np.array([one[i] for one in lengths if np.isfinite(one[i]).all()])
        if len(points) and points[:, 0].min() - MATCHED <= goal <= points[:, 0].max() + MATCHED:
            found[pair] = np.interp(goal, *points[points[:, 0].argsort()].T) - value
    if len(found) < max(2, len(measured) / 2):
        raise NotMeasured("lacks_match", key=regularized)
    return pd.Series(found)


def smoothness(evidence: Evidence, key: Key, other: Key, output: str = PROBABILITIES) -> float:
    """The norm of one cell's Jacobian over another's, by their means."""
    return float(evidence.probe(key, output).mean() / evidence.probe(other, output).mean())


def _lengths(evidence: Evidence, setting: str, quantity: str) -> list[pd.DataFrame]:
    settings = (setting, *of_other_length(evidence.tables.settings, setting))
    found = [attempt(_log, evidence, network(setting=one), quantity) for one in settings]
    return [one for one in found if one is not None]


def _log(evidence: Evidence, key: Key, quantity: str) -> pd.DataFrame:
    """Log training loss and log quantity of a cell's runs."""
    found = [evidence.quantity(key, name) for name in ("train_loss", quantity)]
    return np.log(pd.concat(found, axis=1, join="inner"))
