"""The theory of every linear setting of a study as one long table, to be drawn over the measurements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from regularization import plan
from regularization.configuration import Configuration
from regularization.identity import parse_p
from regularization.methods import method_class
from regularization.plan import Cell
from regularization.settings import LinearRegressionSetting
from regularization.streams import generator
from regularization.theory.asymptotic import asymptotic_ridge_risk
from regularization.theory.equivalences import early_stopping_steps, input_dropout_risk
from regularization.theory.expected_risk import (
    Spectra,
    diagonalised,
    expected_null_space_norm,
    gradient_descent_risk,
    loss_factor,
)
from regularization.theory.ridge_risk import PrincipalAxes, optimal_lam, principal_axes
from regularization.theory.stability import stability_boundary

COLUMNS = ["experiment", "setting", "quantity", "lam", "n_train", "value", "ci_low", "ci_high"]
LINE = (0.0, *np.geomspace(0.01, 1000, 51).tolist())  # where lines are drawn through
LINE_N_TRAIN = 50  # gradient descent's H is diagonalised anew for every λ: beyond this n at the study's own λ only
MAX_SEEDS = 200  # training sets that what is exact given X is averaged over, at most

Curves = dict[str, tuple[np.ndarray, np.ndarray]]  # quantity → λ, and its values there (a row a seed, if averaged)


def theory_table(configuration: Configuration, max_seeds: int = MAX_SEEDS) -> pd.DataFrame:
    """Theory for every studied setting of the `weight_decay` experiment, at its own λ and on a fine grid.

    Quantities (mean squared errors, not halved). Those that are exact given X are averaged, with a 95 % t interval,
    over the very X that the setting's runs see: seeds 0, 1, … as far as its largest cell reaches.
        ridge_risk = ridge_bias_squared + ridge_variance + ridge_intercept_error + noise_floor: the minimiser's risk,
            exact given X; at λ = 0 the minimum-norm solution.
        gradient_descent_risk = gradient_descent_initialisation + gradient_descent_signal + gradient_descent_noise +
            gradient_descent_bias_term + noise_floor: the risk of full-batch gradient descent on the L2-penalised loss
            after the setting's steps, exact given X on average over initial weights and noise. For settings in which
            something is trained; beyond n = LINE_N_TRAIN at the study's own λ only.
        early_stopping_risk: the same without a penalty, stopped after 1/(ηλ) steps. For settings in which
            early_stopping is studied, at λ that the budget reaches.
        input_dropout_risk: the minimiser of the expected loss under dropout on the inputs, exact given X, at
            lam = p/(1 − p), the λ it is ridge at where every feature has the same power. For settings in which dropout
            is studied.
        asymptotic_ridge_risk: ridge_risk as n and d grow together, with a free intercept.
        null_space_norm: root mean square norm of the weights the data cannot see, after the setting's SGD steps.
        optimal_lam: λ* for ridge.
        noise_floor: σ². mean_predictor_risk: σ² + ‖w*‖², of predicting b* whatever the inputs.
        stability_boundary: the λ at which full-batch gradient descent starts to diverge, over the same X.

    λ is the setting's own (but for input_dropout_risk): where SGD descends the squared error without the ½, λ stands
    for λ/2 of the formulas and η for 2η. `lam` is NaN for quantities that have none.

    Args:
        configuration: the study.
        max_seeds: training sets to average over, at most.

    Returns:
        Columns `COLUMNS`; ci_low and ci_high are NaN where nothing was averaged.
    """
    studied = defaultdict(list)
    for cell in plan.cells(configuration)[0]:
        if cell.experiment == "weight_decay":
            studied[cell.setting].append(cell)
    tasks = defaultdict(list)
    for name, cells in studied.items():
        setting = configuration.settings["weight_decay"][name]
        assert isinstance(setting, LinearRegressionSetting)
        tasks[setting.n_train, setting.n_features].append(_Studied.of(name, setting, cells, max_seeds))
    parts = []
    for (n_train, n_features), members in tasks.items():
        inputs = _Inputs.of(n_train, n_features, members)
        parts += [_setting_table(member, inputs) for member in members]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str" if name in COLUMNS[:3] else "float64") for name in COLUMNS})
    table = pd.concat(parts, ignore_index=True).assign(experiment="weight_decay")
    return table[COLUMNS].sort_values(["setting", "quantity", "lam"], kind="stable", ignore_index=True)


def training_inputs(n_train: int, n_features: int, n_seeds: int) -> Iterator[np.ndarray]:
    """X of seeds 0, 1, … as the runs see them, each of shape (n_train, n_features)."""
    for seed in range(n_seeds):
        yield generator("data", seed, part=0).standard_normal((n_train, n_features))


@dataclass(frozen=True)
class _Studied:
    """What the study does in one setting."""

    name: str
    setting: LinearRegressionSetting
    lam: np.ndarray  # the study's own λ and the line's, shape (number of λ,)
    descended: np.ndarray  # those at which gradient descent's risk is computed
    p: tuple[float, ...]  # of dropout
    stopped: bool  # whether early stopping is studied
    n_seeds: int

    @classmethod
    def of(cls, name: str, setting: LinearRegressionSetting, cells: list[Cell], max_seeds: int) -> _Studied:
        own = {cell.lam for cell in cells}
        trained = {cell.method for cell in cells if not method_class(cell.method).closed_form}
        line = {*LINE, *own}
        descended = (line if setting.n_train <= LINE_N_TRAIN else own) if trained else set()
        return cls(
            name,
            setting,
            np.array(sorted(line)),
            np.array(sorted(descended)),
            tuple(sorted({parse_p(cell.p)[0] for cell in cells if cell.method == "dropout"})),
            "early_stopping" in trained,
            min(max_seeds, max(cell.data_seeds or cell.seeds for cell in cells)),
        )

    @property
    def learning_rate(self) -> float:
        """η of the half squared error."""
        return loss_factor(self.setting) * self.setting.learning_rate


@dataclass(frozen=True)
class _Inputs:
    """What theory needs of the inputs of seeds 0, 1, …; settings with one n and d share it."""

    axes: PrincipalAxes  # for w* = (1, …, 1)
    boundaries: dict[float, np.ndarray]  # the stability boundary by learning rate, each of shape (seeds,)
    spectra: Spectra

    @classmethod
    def of(cls, n_train: int, n_features: int, members: list[_Studied]) -> _Inputs:
        rates = {member.learning_rate for member in members}
        lams = [member.descended / loss_factor(member.setting) for member in members]
        lam = np.unique(np.concatenate([*lams, [0.0] if any(member.stopped for member in members) else []]))
        axes, boundaries, spectra = [], [], []
        for x in training_inputs(n_train, n_features, max(member.n_seeds for member in members)):
            axes.append(principal_axes(x[None], np.ones(n_features)))
            boundaries.append([stability_boundary(x[None], rate)[0] for rate in rates])
            spectra.append(diagonalised(x[None], lam))
        return cls(
            PrincipalAxes.joined(axes), dict(zip(rates, np.transpose(boundaries), strict=True)), Spectra.joined(spectra)
        )


def _setting_table(studied: _Studied, inputs: _Inputs) -> pd.DataFrame:
    averaged = _ridge(studied, inputs)
    if len(studied.descended):
        averaged |= _gradient_descent(studied, inputs)
    if studied.stopped:
        averaged |= _early_stopping(studied, inputs)
    if studied.p:
        averaged |= _input_dropout(studied)
    tables = [
        pd.DataFrame({"quantity": quantity, "lam": at, "value": value, "ci_low": np.nan, "ci_high": np.nan})
        for quantity, (at, value) in _without_data(studied).items()
    ]
    tables += [
        pd.DataFrame({"quantity": quantity, "lam": at, **_mean_and_interval(samples[: studied.n_seeds])})
        for quantity, (at, samples) in averaged.items()
    ]
    return pd.concat(tables, ignore_index=True).assign(setting=studied.name, n_train=studied.setting.n_train)


def _without_data(studied: _Studied) -> Curves:
    """What depends on the setting's numbers alone."""
    setting, lam, none = studied.setting, studied.lam, np.array([np.nan])
    n, d, noise_std = setting.n_train, setting.n_features, setting.noise_std
    norm, factor = abs(setting.true_weight) * d**0.5, loss_factor(setting)
    return {
        "asymptotic_ridge_risk": (lam, asymptotic_ridge_risk(n, d, norm**2, noise_std, lam / factor)),
        "null_space_norm": (lam, expected_null_space_norm(setting, lam / factor)),
        "optimal_lam": (none, np.array([factor * optimal_lam(n, d, norm, noise_std)])),
        "noise_floor": (none, np.array([noise_std**2])),
        "mean_predictor_risk": (none, np.array([noise_std**2 + norm**2])),
    }


def _ridge(studied: _Studied, inputs: _Inputs) -> Curves:
    setting, lam, factor = studied.setting, studied.lam, loss_factor(studied.setting)
    risk = inputs.axes.risk(setting.noise_std, lam / factor, scale=setting.true_weight)
    return {
        "ridge_risk": (lam, risk.total),
        "ridge_bias_squared": (lam, risk.bias_squared),
        "ridge_variance": (lam, risk.variance),
        "ridge_intercept_error": (lam, risk.intercept),
        "stability_boundary": (np.array([np.nan]), factor * inputs.boundaries[studied.learning_rate][:, None]),
    }


def _gradient_descent(studied: _Studied, inputs: _Inputs) -> Curves:
    setting, lam = studied.setting, studied.descended
    steps = setting.epochs * setting.steps_per_epoch
    risk = gradient_descent_risk(inputs.spectra.at(lam / loss_factor(setting)), setting, steps)
    return {
        "gradient_descent_risk": (lam, risk.total[:, 0]),
        "gradient_descent_initialisation": (lam, risk.initialisation[:, 0]),
        "gradient_descent_signal": (lam, risk.signal[:, 0]),
        "gradient_descent_noise": (lam, risk.noise[:, 0]),
        "gradient_descent_bias_term": (lam, risk.bias_term[:, 0]),
    }


def _early_stopping(studied: _Studied, inputs: _Inputs) -> Curves:
    setting = studied.setting
    defined = [lam for lam in studied.lam if method_class("early_stopping").undefined(setting, lam, ()) is None]
    steps = np.array([early_stopping_steps(setting.learning_rate, lam) for lam in defined], dtype=int)
    risk = gradient_descent_risk(inputs.spectra.at(np.array([0.0])), setting, steps)
    return {"early_stopping_risk": (np.array(defined), risk.total[:, :, 0])}


def _input_dropout(studied: _Studied) -> Curves:
    setting = studied.setting
    p_of = {**{lam: lam / (1 + lam) for lam in LINE if lam > 0}, **{p / (1 - p): p for p in studied.p}}
    lam, true_weights = sorted(p_of), np.full(setting.n_features, setting.true_weight)
    p = np.array([p_of[value] for value in lam])
    inputs = training_inputs(setting.n_train, setting.n_features, studied.n_seeds)
    risks = [input_dropout_risk(x[None], true_weights, setting.noise_std, p).total for x in inputs]
    return {"input_dropout_risk": (np.array(lam), np.concatenate(risks))}


def _mean_and_interval(samples: np.ndarray) -> dict[str, np.ndarray]:
    """Mean and 95 % t interval over the first axis; no interval for a single seed or an infinite mean."""
    scale = np.abs(samples).max(axis=0)  # the squares of what diverged would overflow
    scale = np.where((scale > 0) & np.isfinite(scale), scale, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = scale * (samples / scale).mean(axis=0)
        half = np.full_like(mean, np.nan)
        if len(samples) > 1:
            half = stats.t.ppf(0.975, len(samples) - 1) * scale * stats.sem(samples / scale, axis=0)
        half = np.where(np.isfinite(mean), half, np.nan)
        return {"value": mean, "ci_low": mean - half, "ci_high": mean + half}
