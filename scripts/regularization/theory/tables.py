"""The theory of every linear setting of a study as one long table, to be drawn over the measurements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from regularization import plan
from regularization.configuration import Configuration
from regularization.settings import LinearRegressionSetting
from regularization.streams import generator
from regularization.theory.asymptotic import asymptotic_ridge_risk
from regularization.theory.null_space import expected_null_space_norm
from regularization.theory.ridge_risk import optimal_lam, ridge_risk
from regularization.theory.stability import stability_boundary

COLUMNS = ["experiment", "setting", "quantity", "lam", "n_train", "value", "ci_low", "ci_high"]
LINE = (0.0, *np.geomspace(0.01, 1000, 51).tolist())  # where lines are drawn through
N_SEEDS = 50  # training sets that what is exact given X is averaged over


def theory_table(configuration: Configuration, n_seeds: int = N_SEEDS) -> pd.DataFrame:
    """Theory for every studied setting of the `weight_decay` experiment, at its own λ and on a fine grid.

    Quantities (mean squared errors, not halved):
        ridge_risk = ridge_bias_squared + ridge_variance + ridge_intercept_error + noise_floor: the minimiser's risk,
            exact given X, averaged over the X of seeds 0 … n_seeds − 1 with a 95 % t interval; at λ = 0 the
            minimum-norm solution.
        asymptotic_ridge_risk: the same as n and d grow together, with a free intercept.
        null_space_norm: root mean square norm of the weights the data cannot see, after the setting's SGD steps.
        optimal_lam: λ* for ridge.
        noise_floor: σ². mean_predictor_risk: σ² + ‖w*‖², of predicting b* whatever the inputs.
        stability_boundary: the λ at which full-batch gradient descent starts to diverge, over the same X.

    λ is the setting's own: where SGD descends the squared error without the ½, λ stands for λ/2 of the formulas and η
    for 2η. `lam` is NaN for quantities that have none.

    Args:
        configuration: the study.
        n_seeds: training sets to average over.

    Returns:
        Columns `COLUMNS`; ci_low and ci_high are NaN where nothing was averaged.
    """
    studied = defaultdict(set)
    for cell in plan.cells(configuration)[0]:
        if cell.experiment == "weight_decay":
            studied[cell.setting].add(cell.lam)
    parts = [
        _setting_table(setting, sorted({*LINE, *studied[name]}), n_seeds).assign(setting=name)
        for name, setting in configuration.settings["weight_decay"].items()
        if name in studied and isinstance(setting, LinearRegressionSetting)
    ]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str" if name in COLUMNS[:3] else "float64") for name in COLUMNS})
    table = pd.concat(parts, ignore_index=True).assign(experiment="weight_decay")
    return table[COLUMNS].sort_values(["setting", "quantity", "lam"], kind="stable", ignore_index=True)


def _setting_table(setting: LinearRegressionSetting, lam: list[float], n_seeds: int) -> pd.DataFrame:
    n, d, noise_std = setting.n_train, setting.n_features, setting.noise_std
    norm = abs(setting.true_weight) * d**0.5
    factor = 1 if setting.loss == "half_squared_error" else 2  # concise(η, λ) is scratch(2η, λ/2)
    learning_rate, scratch_lam = factor * setting.learning_rate, np.array(lam) / factor
    constant = np.array([np.nan])

    values = {
        "asymptotic_ridge_risk": (lam, asymptotic_ridge_risk(n, d, norm**2, noise_std, scratch_lam)),
        "null_space_norm": (
            lam,
            expected_null_space_norm(
                n, d, setting.init_std, learning_rate, scratch_lam, setting.epochs * setting.steps_per_epoch
            ),
        ),
        "optimal_lam": (constant, np.array([factor * optimal_lam(n, d, norm, noise_std)])),
        "noise_floor": (constant, np.array([noise_std**2])),
        "mean_predictor_risk": (constant, np.array([noise_std**2 + norm**2])),
    }
    averaged = {
        **{quantity: (lam, samples) for quantity, samples in _ridge(setting, scratch_lam, n_seeds).items()},
        "stability_boundary": (constant, factor * _boundaries(n, d, learning_rate, n_seeds)[:, None]),
    }
    exact = [
        pd.DataFrame({"quantity": quantity, "lam": at, "value": value, "ci_low": np.nan, "ci_high": np.nan})
        for quantity, (at, value) in values.items()
    ]
    means = [
        pd.DataFrame({"quantity": quantity, "lam": at, **_mean_and_interval(samples)})
        for quantity, (at, samples) in averaged.items()
    ]
    return pd.concat([*exact, *means], ignore_index=True).assign(n_train=n)


def _ridge(setting: LinearRegressionSetting, lam: np.ndarray, n_seeds: int) -> dict[str, np.ndarray]:
    """The parts of ridge's exact risk, each of shape (seeds, number of λ)."""
    true_weights = np.full(setting.n_features, setting.true_weight)
    inputs = training_inputs(setting.n_train, setting.n_features, n_seeds)
    risks = [ridge_risk(x[None], true_weights, setting.noise_std, lam) for x in inputs]
    return {
        "ridge_risk": np.concatenate([risk.total for risk in risks]),
        "ridge_bias_squared": np.concatenate([risk.bias_squared for risk in risks]),
        "ridge_variance": np.concatenate([risk.variance for risk in risks]),
        "ridge_intercept_error": np.concatenate([risk.intercept for risk in risks]),
    }


@cache
def _boundaries(n_train: int, n_features: int, learning_rate: float, n_seeds: int) -> np.ndarray:
    """The stability boundary for each seed's inputs, shape (seeds,)."""
    inputs = training_inputs(n_train, n_features, n_seeds)
    return np.concatenate([stability_boundary(x[None], learning_rate) for x in inputs])


def training_inputs(n_train: int, n_features: int, n_seeds: int) -> Iterator[np.ndarray]:
    """X of seeds 0, 1, … as the runs see them, each of shape (n_train, n_features)."""
    for seed in range(n_seeds):
        yield generator("data", seed, part=0).standard_normal((n_train, n_features))


def _mean_and_interval(samples: np.ndarray) -> dict[str, np.ndarray]:
    """Mean and 95 % t interval over the first axis."""
    mean = samples.mean(axis=0)
    half = stats.t.ppf(0.975, len(samples) - 1) * stats.sem(samples, axis=0)
    return {"value": mean, "ci_low": mean - half, "ci_high": mean + half}
