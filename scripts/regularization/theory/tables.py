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
from regularization.methods import method_class
from regularization.plan import Cell
from regularization.settings import LinearRegressionSetting
from regularization.streams import generator
from regularization.theory.asymptotic import asymptotic_ridge_risk
from regularization.theory.equivalences import early_stopping_steps
from regularization.theory.expected_risk import (
    RiskParts,
    diagonalised,
    expected_null_space_norm,
    gradient_descent_risk,
    learning_rates,
    loss_factor,
)
from regularization.theory.ridge_risk import PrincipalAxes, optimal_lam, principal_axes
from regularization.theory.sgd_risk import SgdMoments, sgd_moments
from regularization.theory.stability import stability_boundary

COLUMNS = ["experiment", "setting", "quantity", "lam", "n_train", "value", "ci_low", "ci_high"]
LINE = (0.0, *np.geomspace(0.01, 1000, 51).tolist())  # where lines are drawn through
DESCENDING = ("none", "l2_penalty", "weight_decay")  # SGD on the L2-penalised loss, nothing else
MAX_SEEDS = 200  # training sets that what is exact given X is averaged over, at most
FOLLOWED = {50: MAX_SEEDS, 100: 10}  # of those, how many SGD is followed for up to some n,
FEW = 4  # and beyond: a seed costs n times the square of min(n, d), and tells more the larger n is

Curves = dict[str, tuple[np.ndarray, np.ndarray]]  # quantity → λ, and its values there (a row a seed, if averaged)


def theory_table(configuration: Configuration, max_seeds: int = MAX_SEEDS) -> pd.DataFrame:
    """Theory for every studied setting of the `weight_decay` experiment, at its own λ and on a fine grid.

    Quantities (mean squared errors, not halved). Those that are exact given X are averaged, with a 95 % t interval,
    over the very X that the setting's runs see: seeds 0, 1, … as far as its largest cell reaches.
        ridge_risk = ridge_bias_squared + ridge_variance + ridge_intercept_error + noise_floor: the minimiser's risk,
            exact given X; at λ = 0 the minimum-norm solution.
        sgd_risk = sgd_initialisation + sgd_signal + sgd_noise + sgd_bias_term + noise_floor: the risk of SGD on the
            L2-penalised loss after the setting's steps, in the seeds' own minibatches, exact given X on average over
            initial weights and noise. At λ of plain SGD, a penalty or decay; over `n_followed` seeds at most.
        early_stopping_risk: the same without a penalty, stopped after 1/(ηλ) steps, at λ that early stopping is
            studied at.
        asymptotic_ridge_risk: ridge_risk as n and d grow together, with a free intercept.
        null_space_norm: root mean square norm of the weights the data cannot see, after the setting's SGD steps.
        optimal_lam: λ* for ridge.
        noise_floor: σ². mean_predictor_risk: σ² + ‖w*‖², of predicting b* whatever the inputs.
        stability_boundary: the λ at which full-batch gradient descent starts to diverge, η(λ + L) = 2 with L the
            largest curvature of the loss, over the same X. Where something is trained.

    λ is the setting's own: where SGD descends the squared error without the ½, λ stands
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
        for alike in _by_steps(members).values():
            trained = _trained_risk(alike)
            parts += [_setting_table(member, inputs, trained.get(member.name, {})) for member in alike]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str" if name in COLUMNS[:3] else "float64") for name in COLUMNS})
    table = pd.concat(parts, ignore_index=True).assign(experiment="weight_decay")
    return table[COLUMNS].sort_values(["setting", "quantity", "lam"], kind="stable", ignore_index=True)


def training_inputs(n_train: int, n_features: int, n_seeds: int) -> Iterator[np.ndarray]:
    """X of seeds 0, 1, … as the runs see them, each of shape (n_train, n_features)."""
    for seed in range(n_seeds):
        yield generator("data", seed, part=0).standard_normal((n_train, n_features))


def batch_orders(n_train: int, epochs: int, seed: int) -> np.ndarray:
    """The order of the samples in every epoch of a seed's runs, shape (epochs, n_train)."""
    return np.stack([generator("order", seed, step=epoch).permutation(n_train) for epoch in range(1, epochs + 1)])


def n_followed(n_train: int) -> int:
    """For how many seeds SGD in minibatches is followed, at most."""
    return next((seeds for largest, seeds in FOLLOWED.items() if n_train <= largest), FEW)


@dataclass(frozen=True)
class _Studied:
    """What the study does in one setting."""

    name: str
    setting: LinearRegressionSetting
    lam: np.ndarray  # the study's own λ and the line's, shape (number of λ,)
    descended: np.ndarray  # those at which plain SGD is trained
    stopped: np.ndarray  # those of early stopping
    trained: bool  # whether anything is
    n_seeds: int

    @classmethod
    def of(cls, name: str, setting: LinearRegressionSetting, cells: list[Cell], max_seeds: int) -> _Studied:
        own = {cell.lam for cell in cells}
        descended = {cell.lam for cell in cells if cell.method in DESCENDING}
        return cls(
            name,
            setting,
            np.array(sorted({*LINE, *own})),
            np.array(sorted(descended)),
            np.array(sorted({cell.lam for cell in cells if cell.method == "early_stopping"})),
            any(not method_class(cell.method).closed_form for cell in cells),
            min(max_seeds, max(cell.data_seeds or cell.seeds for cell in cells)),
        )

    @property
    def learning_rate(self) -> float:
        """η of the half squared error."""
        return loss_factor(self.setting) * self.setting.learning_rate

    @property
    def full_batch(self) -> bool:
        return self.setting.batch_size >= self.setting.n_train

    def steps(self, lam: float) -> int:
        """After how many steps early stopping at λ stops."""
        return early_stopping_steps(self.setting.learning_rate, lam)


@dataclass(frozen=True)
class _Inputs:
    """What theory needs of the inputs of seeds 0, 1, …; settings with one n and d share it."""

    axes: PrincipalAxes  # for w* = (1, …, 1)
    boundaries: dict[float, np.ndarray]  # the stability boundary by learning rate, each of shape (seeds,)

    @classmethod
    def of(cls, n_train: int, n_features: int, members: list[_Studied]) -> _Inputs:
        rates = {member.learning_rate for member in members if member.trained}
        axes, boundaries = [], []
        for x in training_inputs(n_train, n_features, max(member.n_seeds for member in members)):
            axes.append(principal_axes(x[None], np.ones(n_features)))
            boundaries.append([stability_boundary(x[None], rate)[0] for rate in rates])
        return cls(PrincipalAxes.joined(axes), dict(zip(rates, np.transpose(boundaries), strict=True)))


def _by_steps(members: list[_Studied]) -> dict[str, list[_Studied]]:
    """Settings whose SGD takes the same steps on the same inputs, together: they differ in the five numbers only."""
    groups = defaultdict(list)
    for member in members:
        setting = member.setting
        groups[str((member.learning_rate, setting.schedule, setting.batch_size, setting.epochs))].append(member)
    return groups


def _trained_risk(members: list[_Studied]) -> dict[str, Curves]:
    """Risk of SGD, and of SGD stopped early, by setting."""
    follow = _full_batches if members[0].full_batch else _minibatches
    return dict(follow([member for member in members if len(member.descended) + len(member.stopped) > 0]))


def _full_batches(members: list[_Studied]) -> Iterator[tuple[str, Curves]]:
    """In closed form."""
    if not members:
        return
    n_seeds, setting = max(member.n_seeds for member in members), members[0].setting
    x = np.stack(list(training_inputs(setting.n_train, setting.n_features, n_seeds)))
    for member in members:
        spectra = diagonalised(x, member.descended / loss_factor(member.setting))
        parts = gradient_descent_risk(spectra, member.setting, member.setting.epochs * member.setting.steps_per_epoch)
        curves = _sgd_curves(member, [part[:, 0] for part in _five(parts)])
        if len(member.stopped):
            steps = np.array([member.steps(lam) for lam in member.stopped])
            stopped = gradient_descent_risk(diagonalised(x, np.zeros(1)), member.setting, steps).total[:, :, 0]
            curves["early_stopping_risk"] = (member.stopped, stopped)
        yield member.name, curves


def _minibatches(members: list[_Studied]) -> Iterator[tuple[str, Curves]]:
    """Through the seeds' own batches."""
    if not members:
        return
    setting = members[0].setting
    lam = np.unique(np.concatenate([member.descended / loss_factor(member.setting) for member in members]))
    stops = sorted({member.steps(lam) for member in members for lam in member.stopped}, reverse=True)
    total = setting.epochs * setting.steps_per_epoch
    before = np.arange(total) < np.array([*(total for _ in lam), *stops])[:, None]
    rates = np.broadcast_to(learning_rates(setting), total) * before
    penalties = np.append(lam, np.zeros(len(stops)))
    n_seeds = min(n_followed(setting.n_train), max(member.n_seeds for member in members))
    moments = SgdMoments.joined(
        [
            sgd_moments(x, batch_orders(setting.n_train, setting.epochs, seed), setting.batch_size, rates, penalties)
            for seed, x in enumerate(training_inputs(setting.n_train, setting.n_features, n_seeds))
        ]
    )
    for member in members:
        own = np.searchsorted(lam, member.descended / loss_factor(member.setting))
        curves = _sgd_curves(member, _five(moments.at(own).risk(member.setting)))
        if len(member.stopped):
            columns = np.array([len(lam) + stops.index(member.steps(value)) for value in member.stopped])
            curves["early_stopping_risk"] = (member.stopped, moments.at(columns).risk(member.setting).total)
        yield member.name, curves


def _five(parts: RiskParts) -> list[np.ndarray]:
    return [parts.total, parts.initialisation, parts.signal, parts.noise, parts.bias_term]


def _sgd_curves(member: _Studied, parts: list[np.ndarray]) -> Curves:
    names = ("sgd_risk", "sgd_initialisation", "sgd_signal", "sgd_noise", "sgd_bias_term")
    return {name: (member.descended, part) for name, part in zip(names, parts, strict=True) if len(member.descended)}


def _setting_table(studied: _Studied, inputs: _Inputs, trained: Curves) -> pd.DataFrame:
    averaged = _ridge(studied, inputs) | trained
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
    curves = {
        "ridge_risk": (lam, risk.total),
        "ridge_bias_squared": (lam, risk.bias_squared),
        "ridge_variance": (lam, risk.variance),
        "ridge_intercept_error": (lam, risk.intercept),
    }
    if studied.trained:
        boundary = factor * inputs.boundaries[studied.learning_rate]
        curves["stability_boundary"] = (np.array([np.nan]), boundary[:, None])
    return curves


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
