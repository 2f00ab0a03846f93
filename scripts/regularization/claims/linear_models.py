"""What several claims ask of the linear experiment: its gap, what its weights learnt, and its data, drawn once more.

Nearly all of the chapter's test error at λ = 0 is initial weights that no sample sees. What is said of it is therefore
asked in `OTHERS` too: with the text's noise, from zero initial weights, and with the values of the 2023 edition.
"""

import math

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, chosen_on_validation, setting_of
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import PAIR, Evidence, linear
from regularization.naming import Key
from regularization.settings import LinearRegressionSetting
from regularization.theory.data import training_sets

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


def to_predict(evidence: Evidence, setting: str) -> float:
    """Var y = σ² + ‖w*‖²: the mean squared error of the best constant."""
    one = task(evidence, setting)
    return one.noise_std**2 + one.n_features * one.true_weight**2


def excess_gap(evidence: Evidence, key: Key) -> pd.Series:
    """(Exact risk − training loss)/Var y − 2/n, by (seed, data_seed).

    A constant, the mean of n targets, has a gap of 2/n of Var y: nobody would call that overfitting.
    """
    return evidence.gap(key) / to_predict(evidence, key.setting) - 2 / task(evidence, key.setting).n_train


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
