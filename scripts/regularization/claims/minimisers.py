"""Trained weights against what their method minimises, computed from the runs' own training sets."""

import numpy as np
import pandas as pd

from regularization.claims.evidence import Evidence, attempt, linear
from regularization.claims.linear_models import task
from regularization.theory.data import training_sets
from regularization.theory.equivalences import constraint_multiplier, input_dropout_weights
from regularization.theory.ridge import ridge_weights


def dropout_distances(evidence: Evidence, setting: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """How far weights trained with dropout of the inputs are from what it minimises in expectation, and from ridge.

    By p (as text): ‖w − ŵ‖/‖ŵ‖ of every run that did not diverge, shape (runs,), for the minimiser and for ridge at
    λ = p/(1 − p). Only where weights were kept.
    """
    found = {}
    for text in evidence.ps(setting, experiment="linear_regression"):
        p = float(text)
        w = evidence.weights(linear("dropout", 0.0, setting, text))
        if (sets := _sets(evidence, setting, w)) and 0 < p < 1:
            minimiser, _ = input_dropout_weights(*sets, p)
            ridge, _ = ridge_weights(*sets, np.full((1, 1, 1), p / (1 - p)))
            found[text] = _apart(w, minimiser), _apart(w, ridge)
    return found


def multipliers(evidence: Evidence, setting: str, lam: float) -> np.ndarray:
    """The multiplier of the norm constraint at the trained weights of every run, shape (runs,); none if not kept."""
    w = evidence.weights(linear("norm_constraint", lam, setting))
    sets = _sets(evidence, setting, w)
    return constraint_multiplier(*sets, w.to_numpy()[:, :, None])[:, 0] if sets else np.empty(0)


def _sets(evidence: Evidence, setting: str, weights: pd.DataFrame) -> tuple[np.ndarray, np.ndarray] | None:
    """Inputs and targets of the runs whose weights these are; None where weights or setting are not known."""
    known = attempt(task, evidence, setting)
    if weights.empty or known is None:
        return None
    return training_sets(known, weights.index.get_level_values("data_seed"))


def _apart(weights: pd.DataFrame, reference: np.ndarray) -> np.ndarray:
    """‖w − ŵ‖/‖ŵ‖; ŵ of shape (runs, features, 1)."""
    w = reference[:, :, 0]
    return np.linalg.norm(weights.to_numpy() - w, axis=1) / np.linalg.norm(w, axis=1)
