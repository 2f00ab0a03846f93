"""What a trained linear model's risk is made of, run by run: initialisation, signal and noise.

The gradient of a squared error is affine in the parameters and linear in the targets. So after any number of SGD steps,
on any minibatches, with any masks or noise on the inputs, with or without weight decay, the weights are a sum of three:

    w = I + S + N      what is left of w₀ and b₀, what was learned from the signal b* + Xw*, and from the noise ε.

Each is what the same trainer makes of the same batches when only that one is there. With x ~ N(0, I) the risk is

    E(y − ŷ)² = ‖I‖² + ‖S − w*‖² + ‖N‖² + 2⟨I, S − w*⟩ + 2⟨I, N⟩ + 2⟨S − w*, N⟩ + (b − b*)² + σ²,

exactly, path by path. (A norm constraint is not affine: its risk has no such parts.)

Everything is linear in five numbers of the setting: init_std, bias_init_std, true_weight, true_bias and noise_std. So
each is trained once at 1 with the others at 0, and serves every setting that differs from it in these five only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import stats

from regularization import plan
from regularization.aggregation import CELL
from regularization.closed_form import solve_cohort
from regularization.configuration import Configuration
from regularization.methods import method_class
from regularization.plan import Cell
from regularization.settings import LinearRegressionSetting, Setting
from regularization.tasks.linear_regression import COLUMN_PARAMETERS

PARTS = (
    "initialisation",
    "signal_error",
    "fitted_noise",
    "initialisation_signal",
    "initialisation_noise",
    "signal_noise",
    "bias_term_error",
    "noise_floor",
)
CROSS_TERMS = ("initialisation_signal", "initialisation_noise", "signal_noise")
COLUMNS = ["run_id", *CELL, "seed", "data_seed", *PARTS, "risk"]
KEY = ["lam", "p", "seed", "data_seed"]  # what tells two runs of one method and shape apart, up to the five numbers

# How far the parts' sum may be from the risk, relatively: the parts are always trained in float64 on the CPU.
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
NOTHING = 1e-20  # a risk that is zero but for rounding has no relative error


class AccountError(RuntimeError):
    """The parts do not add up to the recorded risk, or runs to account for are not there."""


def account_table(configuration: Configuration, runs: pd.DataFrame) -> pd.DataFrame:
    """Split the risk of every run of the cells with `account: true` into its parts.

    Args:
        configuration: the study.
        runs: the study's table of runs, of which risk and status are used.

    Returns:
        Columns `COLUMNS`, one row a run, in the order of `runs`; diverged runs are left out. All in squared error.

    Raises:
        ValueError: if a method is not affine.
        AccountError: if runs are missing, or if the parts do not add up to a run's recorded risk.
    """
    cells = [cell for cell in plan.cells(configuration)[0] if cell.account]
    if not cells:
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in COLUMNS})
    chosen = _runs_of(cells, runs)
    settings = cast(dict[str, LinearRegressionSetting], configuration.settings["weight_decay"])
    shapes = chosen["setting"].map({name: str(_shape(settings[name])) for name in chosen["setting"].unique()})
    accounts = [_account(members, settings) for _, members in chosen.groupby(["method", shapes], sort=False)]
    table = pd.concat(accounts).sort_index().reset_index(drop=True)[COLUMNS]
    check_sums(table, TOLERANCE[configuration.execution["weight_decay"].dtype])
    return table


def parts_of_risk(
    setting: LinearRegressionSetting, initialisation: np.ndarray, signal: np.ndarray, noise: np.ndarray
) -> dict[str, np.ndarray]:
    """The parts of the risk of a model whose parameters are the sum of three.

    Args:
        setting: where w*, b* and σ come from.
        initialisation: I, shape (runs, features + 1) with the intercept last.
        signal: S, same shape.
        noise: N, same shape.

    Returns:
        Each of `PARTS`, shape (runs,).
    """
    intercept = (initialisation + signal + noise)[:, -1]
    i, s, n = initialisation[:, :-1], signal[:, :-1] - setting.true_weight, noise[:, :-1]
    values = (
        _dot(i, i),
        _dot(s, s),
        _dot(n, n),
        2 * _dot(i, s),
        2 * _dot(i, n),
        2 * _dot(s, n),
        (intercept - setting.true_bias) ** 2,
        np.full(len(i), setting.noise_std**2),
    )
    return dict(zip(PARTS, values, strict=True))


def responses(
    keys: pd.DataFrame, method: str, setting: LinearRegressionSetting, parameters: Sequence[str]
) -> np.ndarray:
    """Where runs end when one of the five numbers is 1 and the other four are 0.

    Args:
        keys: columns `KEY`, one row a run.
        method: name of an affine method.
        setting: the shape of the data and the steps; its own five numbers do not matter.
        parameters: which of `COLUMN_PARAMETERS` to respond to.

    Returns:
        Weights and intercept, shape (parameters, keys, features + 1).

    Raises:
        ValueError: if the method is not affine.
    """
    if not method_class(method).affine:
        raise ValueError(
            f"{method} is not affine in the data, so its risk has no such parts: leave it out of entries with account"
        )
    size = setting.n_features + 1
    if not parameters:
        return np.zeros((0, len(keys), size))
    alone: dict[str, dict[str, Any]] = {name: {name: 1.0} for name in parameters}
    settings: dict[str, Setting] = {name: replace(_shape(setting), **change) for name, change in alone.items()}
    runs = pd.concat([keys.assign(setting=name) for name in parameters], ignore_index=True)
    runs = runs.assign(
        run_id=[str(position) for position in range(len(runs))],
        experiment="weight_decay",
        method=method,
        predictions=True,
        probes=False,
    )
    if method_class(method).closed_form:
        predictions = solve_cohort(runs, settings).predictions
    else:
        from regularization.training import train_cohort  # torch, which readers of accounts do not need

        predictions = train_cohort(runs, settings, dtype="float64", device="cpu")[0].predictions
    weights = np.empty((len(runs), size))
    weights[predictions["run_id"].to_numpy()[::size].astype(int)] = predictions["weight"].to_numpy().reshape(-1, size)
    return weights.reshape(len(parameters), len(keys), size)


def check_sums(account: pd.DataFrame, tolerance: float) -> None:
    """Compare the sum of the parts with the recorded risk.

    Raises:
        AccountError: naming the run that is furthest off.
    """
    total = account[list(PARTS)].sum(axis=1)
    allowed = tolerance * account["risk"] + NOTHING
    excess = ((total - account["risk"]).abs() / allowed).fillna(np.inf)
    if (excess > 1).any():
        worst = excess.idxmax()
        run_id, recorded = account.loc[worst, ["run_id", "risk"]]
        raise AccountError(
            f"the parts of {int((excess > 1).sum()):,} of {len(account):,} runs do not add up to the risk recorded for "
            f"them; {run_id}: parts {total[worst]:.17g}, recorded {recorded:.17g} "
            f"(allowed: {tolerance:g} relatively). The runs were trained by another configuration or other code: "
            "run the study again, so that they are trained anew. If they were just trained, a method that is not "
            "affine declares that it is."
        )


def account_means(account: pd.DataFrame) -> pd.DataFrame:
    """Mean of every part in every cell, over its seeds, with 95 % t intervals.

    Beside the parts and the risk itself:
        conditional_bias_squared = signal_error, and
        conditional_variance = initialisation + fitted_noise: bias² and variance of the weights given X and the order
            of the batches, over initial weights and noise, which are independent with mean zero. Therefore
        cross_terms, the sum of the three, is zero in expectation; its mean over seeds shows how close a cell comes.
    (The unconditional bias² and variance, over X too, are those of `decomposition`.)

    Returns:
        Columns experiment, setting, method, lam, p, part, n, mean, ci_low, ci_high; an interval needs two runs.
    """
    derived = account.assign(
        conditional_bias_squared=account["signal_error"],
        conditional_variance=account["initialisation"] + account["fitted_noise"],
        cross_terms=account[list(CROSS_TERMS)].sum(axis=1),
    )
    shown = [*PARTS, "conditional_bias_squared", "conditional_variance", "cross_terms", "risk"]
    long = derived.melt(CELL, shown, var_name="part")
    table = long.groupby([*CELL, "part"], sort=False)["value"].agg(["count", "mean", "sem"]).reset_index()
    half = stats.t.ppf(0.975, np.maximum(table["count"] - 1, 1)) * table["sem"]
    table = table.assign(ci_low=table["mean"] - half, ci_high=table["mean"] + half).rename(columns={"count": "n"})
    return table[[*CELL, "part", "n", "mean", "ci_low", "ci_high"]]


def _runs_of(cells: list[Cell], runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of `cells` that did not diverge, in the order of `runs`."""
    wanted = {cell.key for cell in cells}
    chosen = runs[[key in wanted for key in runs[CELL].itertuples(index=False, name=None)]].reset_index(drop=True)
    planned = sum(cell.seeds * max(1, cell.data_seeds) for cell in cells)
    if len(chosen) != planned:
        raise AccountError(
            f"{planned:,} runs are to be accounted for, and the table of runs holds {len(chosen):,} of their cells: "
            "run the study again, so that both come from one configuration"
        )
    return chosen[chosen["status"] == "ok"]


def _account(runs: pd.DataFrame, settings: dict[str, LinearRegressionSetting]) -> pd.DataFrame:
    """The account of runs of one method in settings of one shape."""
    names = runs["setting"].unique()
    parameters = [name for name in COLUMN_PARAMETERS if any(getattr(settings[setting], name) for setting in names)]
    keys = runs[KEY].drop_duplicates(ignore_index=True)
    row = runs[KEY].merge(keys.reset_index(), on=KEY, how="left")["index"].to_numpy()
    unit = dict(zip(parameters, responses(keys, runs["method"].iloc[0], settings[names[0]], parameters), strict=True))
    tables = []
    for setting, members in runs.assign(row=row).groupby("setting", sort=False):
        numbers = asdict(settings[str(setting)])
        nothing = np.zeros((len(members), settings[str(setting)].n_features + 1))
        initialisation, signal, noise = (
            sum((numbers[name] * unit[name][members["row"]] for name in group if name in unit), nothing)
            for group in (("init_std", "bias_init_std"), ("true_weight", "true_bias"), ("noise_std",))
        )
        tables.append(members.assign(**parts_of_risk(settings[str(setting)], initialisation, signal, noise)))
    return pd.concat(tables)


def _shape(setting: LinearRegressionSetting) -> LinearRegressionSetting:
    """The setting without its five numbers."""
    return replace(setting, **COLUMN_PARAMETERS)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("rk,rk->r", a, b)


def _dtype(column: str) -> str:
    if column in ("lam", "risk", *PARTS):
        return "float64"
    return "int64" if column in ("seed", "data_seed") else "str"
