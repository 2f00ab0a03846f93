"""The theory of every linear setting of a study as one long table, to be drawn over the measurements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from regularization.analysis.catalogue import TABLES
from regularization.analysis.intervals import t_quantile
from regularization.methods import method_class
from regularization.naming import parse_p
from regularization.settings import LinearRegressionSetting
from regularization.study import plan
from regularization.study.configuration import Configuration
from regularization.study.plan import Cell
from regularization.theory.asymptotic import asymptotic_ridge_risk
from regularization.theory.data import batch_orders, training_inputs
from regularization.theory.equivalences import early_stopping_steps, input_dropout_risk
from regularization.theory.expected_risk import (
    RiskParts,
    diagonalised,
    expected_null_space_norm,
    gradient_descent_risk,
    learning_rates,
    loss_factor,
)
from regularization.theory.perturbed_sgd import PerturbedMoments, masked_moments, noisy_moments
from regularization.theory.ridge_risk import PrincipalAxes, optimal_lam, principal_axes
from regularization.theory.sgd_risk import SgdMoments, sgd_moments
from regularization.theory.stability import stability_boundary

COLUMNS = TABLES["theory"].columns
MAX_SEEDS = 200  # training sets that what is exact given X is averaged over, at most
FOLLOWED = {50: MAX_SEEDS, 100: 10}  # of those, how many SGD is followed for up to some n,
FEW = 4  # and beyond: a seed costs n times the square of min(n, d), and tells more the larger n is
PERTURBED = {"input_noise": 30, "dropout": 5}  # the same for SGD on perturbed inputs, whose seeds cost more,
MOST_PERTURBED = 10_000  # and which is followed up to so many steps times samples only
LINE = (0.0, *np.geomspace(0.01, 1000, 51).tolist())  # where lines are drawn through
DESCENDING = ("none", "l2_penalty", "weight_decay")  # SGD on the L2-penalised loss, nothing else

Curves = dict[str, tuple[np.ndarray, np.ndarray]]  # quantity → λ, and its values there (a row a seed, if averaged)


@dataclass(frozen=True)
class Studied:
    """What the study trains in one linear setting."""

    name: str
    setting: LinearRegressionSetting
    lam: np.ndarray  # the study's own λ and the line's, shape (number of λ,)
    descended: np.ndarray  # those at which plain SGD is trained
    stopped: np.ndarray  # those of early stopping
    noised: np.ndarray  # the variances of input noise
    dropped: np.ndarray  # the p of dropout on the inputs
    constrained: np.ndarray  # those of the norm constraint
    trained: bool  # whether anything is
    n_seeds: int
    seeds: dict[str, int]  # by method

    @classmethod
    def of(cls, name: str, setting: LinearRegressionSetting, cells: list[Cell], max_seeds: int) -> Studied:
        def lams(*methods: str) -> np.ndarray:
            return np.array(sorted({cell.lam for cell in cells if cell.method in methods}))

        seeds: dict[str, int] = {}
        for cell in cells:
            seeds[cell.method] = min(max_seeds, max(seeds.get(cell.method, 0), cell.data_seeds or cell.seeds))
        return cls(
            name,
            setting,
            np.array(sorted({*LINE, *(cell.lam for cell in cells)})),
            lams(*DESCENDING),
            lams("early_stopping"),
            lams("input_noise"),
            np.array(sorted({p for cell in cells if cell.method == "dropout" for p in parse_p(cell.p) if p < 1})),
            lams("norm_constraint"),
            any(not method_class(cell.method).closed_form for cell in cells),
            max(seeds.values()),
            seeds,
        )

    @property
    def learning_rate(self) -> float:
        """η of the half squared error."""
        return loss_factor(self.setting) * self.setting.learning_rate

    @property
    def full_batch(self) -> bool:
        return self.setting.batch_size >= self.setting.n_train

    def steps(self, lam: float) -> int:
        """Return the step at which early stopping at λ stops."""
        return early_stopping_steps(self.setting.learning_rate, lam)


def by_steps(members: list[Studied]) -> dict[str, list[Studied]]:
    """Group the settings whose SGD takes the same steps on the same inputs: they differ in the five numbers only."""
    groups = defaultdict(list)
    for member in members:
        setting = member.setting
        groups[str((member.learning_rate, setting.schedule, setting.batch_size, setting.epochs))].append(member)
    return groups


def lam_of(method: str, strengths: np.ndarray) -> np.ndarray:
    """Translate a method's strength to λ; dropout's is that of the ridge it equals where every feature has power 1."""
    return strengths / (1 - strengths) if method == "dropout" else strengths


def theory_table(configuration: Configuration, max_seeds: int = MAX_SEEDS) -> pd.DataFrame:
    """Compute the theory of every studied linear setting, at its own λ and on a fine grid.

    The data dictionary (`results/README.md`) says what each quantity is; squared errors are not halved.
    Those that are exact given X are averaged, with a 95 % t interval, over the very X that the setting's runs see:
    seeds 0, 1, … as far as its largest cell reaches, at most `max_seeds`, SGD's over fewer (`n_followed`, `PERTURBED`).

    λ is the setting's own: where SGD descends the squared error without the ½, λ stands for λ/2 of the formulas and η
    for 2η. `lam` is NaN for quantities that have none; ci_low and ci_high are NaN where nothing was averaged.
    """
    studied = defaultdict(list)
    for cell in plan.cells(configuration)[0]:
        if cell.experiment == "linear_regression":
            studied[cell.setting].append(cell)
    tasks = defaultdict(list)
    for name, cells in studied.items():
        setting = configuration.settings["linear_regression"][name]
        assert isinstance(setting, LinearRegressionSetting)
        tasks[setting.n_train, setting.n_features].append(Studied.of(name, setting, cells, max_seeds))
    parts = []
    for (n_train, n_features), members in tasks.items():
        inputs = _Inputs.of(n_train, n_features, members)
        for alike in by_steps(members).values():
            descended = [member for member in alike if len(member.descended) + len(member.stopped) > 0]
            follow = _full_batches if alike[0].full_batch else _minibatches
            trained, perturbed = dict(follow(descended)) if descended else {}, _perturbed_risk(alike)
            for member in alike:
                found = trained.get(member.name, {}) | perturbed.get(member.name, {})
                parts.append(_setting_table(member, inputs, found))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str" if name in COLUMNS[:3] else "float64") for name in COLUMNS})
    table = pd.concat(parts, ignore_index=True).assign(experiment="linear_regression")
    return table[COLUMNS].sort_values(["setting", "quantity", "lam"], kind="stable", ignore_index=True)


def n_followed(n_train: int) -> int:
    """Return for how many seeds, at most, theory follows SGD in minibatches."""
    return next((seeds for largest, seeds in FOLLOWED.items() if n_train <= largest), FEW)


@dataclass(frozen=True)
class _Inputs:
    """What theory needs of the inputs of seeds 0, 1, …; settings with the same n and d share it."""

    axes: PrincipalAxes  # for w* = (1, …, 1)
    boundaries: dict[float, np.ndarray]  # the stability boundary by learning rate, each of shape (seeds,)
    dropout: dict[float, np.ndarray]  # risk of dropout's minimiser by p, of unit signal and noise, shape (seeds, 2)

    @classmethod
    def of(cls, n_train: int, n_features: int, members: list[Studied]) -> _Inputs:
        rates = {member.learning_rate for member in members if member.trained}
        masked = max((member.seeds.get("dropout", 0) for member in members), default=0)
        dropout: dict[float, list[np.ndarray]] = {p: [] for member in members for p in member.dropped}
        axes, boundaries = [], []
        for seed, x in enumerate(training_inputs(n_train, n_features, max(member.n_seeds for member in members))):
            axes.append(principal_axes(x[None], np.ones(n_features)))
            # From a rate of 2 on the intercept alone diverges, at every λ.
            boundaries.append([stability_boundary(x[None], rate)[0] if rate < 2 else -np.inf for rate in rates])
            for p, risks in dropout.items() if seed < masked else ():
                risks.append(input_dropout_risk(x[None], np.ones(n_features), p)[0])
        return cls(
            PrincipalAxes.joined(axes),
            dict(zip(rates, np.transpose(boundaries), strict=True)),
            {p: np.stack(risks) for p, risks in dropout.items()},
        )


def _full_batches(members: list[Studied]) -> Iterator[tuple[str, Curves]]:
    """Compute the risk in closed form: full batches."""
    n_seeds, setting = max(member.n_seeds for member in members), members[0].setting
    x = np.stack(list(training_inputs(setting.n_train, setting.n_features, n_seeds)))
    for member in members:
        spectra = diagonalised(x, member.descended / loss_factor(member.setting))
        parts = gradient_descent_risk(spectra, member.setting, member.setting.epochs * member.setting.steps_per_epoch)
        curves = _sgd_curves(member, parts)
        if len(member.stopped):
            steps = np.array([member.steps(lam) for lam in member.stopped])
            stopped = gradient_descent_risk(diagonalised(x, np.zeros(1)), member.setting, steps).total[:, :, 0]
            curves["early_stopping_risk"] = (member.stopped, stopped)
        yield member.name, curves


def _minibatches(members: list[Studied]) -> Iterator[tuple[str, Curves]]:
    """Compute the risk through the seeds' own batches."""
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
        curves = _sgd_curves(member, moments.at(own).risk(member.setting))
        if len(member.stopped):
            columns = np.array([len(lam) + stops.index(member.steps(value)) for value in member.stopped])
            curves["early_stopping_risk"] = (member.stopped, moments.at(columns).risk(member.setting).total)
        yield member.name, curves


def _perturbed_risk(members: list[Studied]) -> dict[str, Curves]:
    """Compute the risk of SGD on inputs that every step perturbs, by setting."""
    setting = members[0].setting
    steps = setting.epochs * setting.steps_per_epoch
    found: dict[str, Curves] = {member.name: {} for member in members}
    if steps * setting.n_train > MOST_PERTURBED:
        return found
    rates = np.broadcast_to(learning_rates(setting), steps)
    for method, moments_of in (("input_noise", noisy_moments), ("dropout", masked_moments)):
        strengths = {member.name: member.noised if method == "input_noise" else member.dropped for member in members}
        every = np.unique(np.concatenate(list(strengths.values())))
        n_seeds = min(PERTURBED[method], max(member.seeds.get(method, 0) for member in members))
        inputs = training_inputs(setting.n_train, setting.n_features, n_seeds if len(every) else 0)
        moments = [
            moments_of(x, batch_orders(setting.n_train, setting.epochs, seed), setting.batch_size, rates, every)
            for seed, x in enumerate(inputs)
        ]
        for member in members if moments else ():
            own = strengths[member.name]
            if len(own):
                risk = PerturbedMoments.joined(moments[: member.seeds[method]]).at(np.searchsorted(every, own))
                found[member.name][f"{method}_risk"] = (lam_of(method, own), risk.risk(member.setting))
    return found


def _sgd_curves(member: Studied, parts: RiskParts) -> Curves:
    if not len(member.descended):
        return {}
    risks = {"sgd_risk": parts.total, "sgd_initialisation": parts.initialisation, "sgd_signal": parts.signal}
    risks |= {"sgd_noise": parts.noise, "sgd_bias_term": parts.bias_term}
    return {name: (member.descended, risk.reshape(len(risk), -1)) for name, risk in risks.items()}


def _setting_table(studied: Studied, inputs: _Inputs, trained: Curves) -> pd.DataFrame:
    averaged = _ridge(studied, inputs) | _minimisers(studied, inputs) | trained
    tables = [
        pd.DataFrame({"quantity": quantity, "lam": at, "value": value, "ci_low": np.nan, "ci_high": np.nan})
        for quantity, (at, value) in _without_data(studied).items()
    ]
    tables += [
        pd.DataFrame({"quantity": quantity, "lam": at, **_mean_and_interval(samples[: studied.n_seeds])})
        for quantity, (at, samples) in averaged.items()
    ]
    return pd.concat(tables, ignore_index=True).assign(setting=studied.name, n_train=studied.setting.n_train)


def _without_data(studied: Studied) -> Curves:
    """Compute what depends on the setting's numbers alone."""
    setting, lam, none = studied.setting, studied.lam, np.array([np.nan])
    n, d, noise_std = setting.n_train, setting.n_features, setting.noise_std
    norm, factor = abs(setting.true_weight) * d**0.5, loss_factor(setting)
    return {
        # One centred sample is none.
        "asymptotic_ridge_risk": (
            lam,
            asymptotic_ridge_risk(n, d, norm**2, noise_std, lam / factor) if n > 1 else np.full(len(lam), np.nan),
        ),
        "null_space_norm": (lam, expected_null_space_norm(setting, lam / factor)),
        "optimal_lam": (none, np.array([factor * optimal_lam(n, d, norm, noise_std)])),
        "noise_floor": (none, np.array([noise_std**2])),
        "mean_predictor_risk": (none, np.array([noise_std**2 + norm**2])),
    }


def _ridge(studied: Studied, inputs: _Inputs) -> Curves:
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


def _minimisers(studied: Studied, inputs: _Inputs) -> Curves:
    """Compute the risk where input noise, dropout and the constraint have their minimum; λ is ridge's own."""
    setting = studied.setting
    curves: Curves = {}
    for method, lam in (("input_noise", studied.noised), ("norm_constraint", studied.constrained)):
        if len(lam):
            risk = inputs.axes.risk(setting.noise_std, lam, scale=setting.true_weight).total
            curves[f"{method}_minimiser_risk"] = (lam, risk[: studied.seeds[method]])
    if len(studied.dropped):
        unit = np.stack([inputs.dropout[p] for p in studied.dropped], axis=1)[: studied.seeds["dropout"]]
        risk = unit @ [setting.true_weight**2, setting.noise_std**2] + setting.noise_std**2
        curves["dropout_minimiser_risk"] = (lam_of("dropout", studied.dropped), risk)
    return curves


def _mean_and_interval(samples: np.ndarray) -> dict[str, np.ndarray]:
    """Mean and 95 % t interval over the first axis; no interval for a single seed or an infinite mean."""
    scale = np.abs(samples).max(axis=0)  # the squares of what diverged would overflow
    scale = np.where((scale > 0) & np.isfinite(scale), scale, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = scale * (samples / scale).mean(axis=0)
        half = np.full_like(mean, np.nan)
        if len(samples) > 1:
            half = t_quantile(len(samples)) * scale * stats.sem(samples / scale, axis=0)
        half = np.where(np.isfinite(mean), half, np.nan)
        return {"value": mean, "ci_low": mean - half, "ci_high": mean + half}
