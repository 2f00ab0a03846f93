"""What several claims ask of the linear experiment: its gap, what its weights learnt, and its data, drawn once more.

Nearly all of the chapter's test error at λ = 0 is initial weights that no sample sees. What is said of it is therefore
asked in `OTHERS` too: with the text's noise, from zero initial weights, and with the values of the 2023 edition.
"""

import math

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, chosen_on_validation, setting_of
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import PAIR, Evidence, attempt, linear
from regularization.naming import Key
from regularization.settings import LinearRegressionSetting
from regularization.theory.data import training_sets
from regularization.theory.equivalences import constraint_multiplier, input_dropout_weights
from regularization.theory.ridge import ridge_weights

FROM_ZERO = "zero_init_noise_0.1"
OTHERS = ("textbook_noise_0.1", "zero_init", FROM_ZERO, "textbook_2023")


def pair(setting: str) -> tuple[Key, Key]:
    """Without weight decay, and at the chapter's λ."""
    return linear(setting=setting), linear("l2_penalty", CHAPTER_LAM, setting)


def task(evidence: Evidence, setting: str) -> LinearRegressionSetting:
    """A setting as it was trained; `NotMeasured` if it was not."""
    try:
        return setting_of(evidence.tables.setting("linear_regression", setting))
    except KeyError:
        raise NotMeasured("lacks_setting", setting=setting) from None


def excess_gap(evidence: Evidence, key: Key) -> pd.Series:
    """(Exact risk − training loss)/Var y − 2/n, by (seed, data_seed).

    A constant, the mean of n targets, has a gap of 2/n of Var y = σ² + ‖w*‖²: nobody would call that overfitting.
    """
    one = task(evidence, key.setting)
    if not (variance := one.noise_std**2 + one.n_features * one.true_weight**2):
        raise NotMeasured("lacks_variance", setting=key.setting)
    return evidence.gap(key) / variance - 2 / one.n_train


def part(evidence: Evidence, key: Key, *names: str) -> pd.DataFrame:
    """Columns of the account of a cell's risks, by (seed, data_seed)."""
    account = evidence.tables.known(("account", key), lambda: _account(evidence, key))
    if len(account) < 2:
        raise NotMeasured("lacks_part", key=key)
    return account.set_index(PAIR)[list(names)].sort_index()


def _account(evidence: Evidence, key: Key) -> pd.DataFrame:
    account = evidence.tables.account
    return account if account.empty else account[account["run_id"].isin(evidence.tables.ok(key)["run_id"])]


def weights_error(evidence: Evidence, key: Key) -> pd.Series:
    """‖w − w*‖², what the weights add to the risk, by (seed, data_seed); the intercept's error is left out."""
    found = part(evidence, key, "risk", "noise_floor", "bias_term_error")
    return found["risk"] - found["noise_floor"] - found["bias_term_error"]


def gain(evidence: Evidence, worse: Key, better: Key) -> pd.Series:
    """How much closer to w* the second cell's weights are, ‖w − w*‖², paired by seed."""
    return (weights_error(evidence, worse) - weights_error(evidence, better)).dropna()


def gain_of_decay(evidence: Evidence, setting: str) -> pd.Series:
    """How much closer to w* the weights are with weight decay."""
    return gain(evidence, *pair(setting))


def lost(evidence: Evidence, key: Key, reference: Key) -> pd.Series:
    """What share a cell lost of what the reference's weights learnt, ‖w*‖² − mean ‖w − w*‖², paired by seed."""
    one = task(evidence, reference.setting)
    learnt = one.n_features * one.true_weight**2 - weights_error(evidence, reference).mean()
    if learnt <= 0:
        raise NotMeasured("nothing_learnt", key=reference)
    return gain(evidence, key, reference) / learnt


def above_truth(evidence: Evidence, setting: str, method: str = "none") -> pd.Series:
    """‖w‖/‖w*‖ − 1 at λ = 0, by seed; ridge's is that of the minimum-norm fit."""
    one, key = task(evidence, setting), linear(method, setting=setting)
    if not one.true_weight:
        raise NotMeasured("lacks_truth", setting=setting)
    return evidence.values(key, "weight_norm") / (one.n_features**0.5 * abs(one.true_weight)) - 1


def chosen(evidence: Evidence, setting: str, method: str = "l2_penalty", below: float = math.inf) -> Key:
    """The method's λ, 0 included, whose mean validation loss is lowest; cells with a diverged run are left out."""
    cells = evidence.tables.path(setting, method, "validation_loss")
    cells = cells[cells["lam"] < below]
    if method not in set(cells["method"]) or (best := chosen_on_validation(cells, cells)) is None:
        raise NotMeasured("lacks_validation", method=method, setting=setting)
    return linear(best["method"], float(best["lam"]), setting)


def training_data(evidence: Evidence, setting: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (seeds, n, features) and targets (seeds, n, 1) of the seeds that were trained without regularization."""
    key = linear(setting=setting)
    if len(runs := evidence.tables.ok(key)) < 2:
        raise NotMeasured("lacks_values", metric="weight", key=key)
    return training_sets(task(evidence, setting), runs["data_seed"])


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
