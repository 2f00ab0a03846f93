"""Split a linear model's risk, run by run, into what start, signal and noise contribute.

With an affine method trained weights are w = I + S + N, each trained with the others at 0: docs/theory.md derives it.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from regularization.columns import ACCOUNT_COLUMNS, PARTS
from regularization.settings import LinearRegressionSetting
from regularization.system.errors import UserError
from regularization.theory.data import SCALES
from regularization.training.responses import KEY, responses
from regularization.training.results import NO_ACCOUNT

# How far the parts' sum may be from the risk, relative to the largest: parts are always trained in float64 on the CPU.
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
NOTHING = 1e-20  # a risk that is zero but for rounding has no relative error


Source = tuple[tuple[str, float], ...]  # names and values of the numbers of a setting that are not 0


class AccountError(UserError):
    """The parts do not add up to the recorded risk."""


def account_table(runs: pd.DataFrame, settings: Mapping[str, LinearRegressionSetting], dtype: str) -> pd.DataFrame:
    """Split the risk of runs, rows of the table of runs that were trained in `dtype`, into its parts.

    Columns `ACCOUNT_COLUMNS`, one row a run, in the order of `runs`; diverged runs are left out. All in squared error.
    Raises `ValueError` if a method is not affine, and `AccountError` if the parts do not add up to a run's risk.
    """
    chosen = runs[runs["status"] == "ok"].reset_index(drop=True)
    if chosen.empty:
        return NO_ACCOUNT
    alike = {name: str(replace(setting, **SCALES)) for name, setting in settings.items()}
    shapes = chosen["setting"].map(alike)  # all of a setting but its five numbers
    accounts = [
        _account(members, str(method), settings)
        for (method, _), members in chosen.groupby([chosen["method"], shapes], sort=False)
    ]
    table = pd.concat(accounts).sort_index().reset_index(drop=True)[ACCOUNT_COLUMNS]
    check_sums(table, TOLERANCE[dtype])
    return table


def parts_of_risk(
    setting: LinearRegressionSetting, initialisation: np.ndarray, signal: np.ndarray, noise: np.ndarray
) -> dict[str, np.ndarray]:
    """The parts of the risk, `PARTS`, (runs,), for parameters I + S + N, each (runs, features + 1), intercept last."""
    intercept = (initialisation + signal + noise)[:, -1]
    i, s, n = initialisation[:, :-1], signal[:, :-1] - setting.true_weight, noise[:, :-1]
    values = (
        *(_dot(i, i), _dot(s, s), _dot(n, n)),
        *(2 * _dot(i, s), 2 * _dot(i, n), 2 * _dot(s, n)),
        (intercept - setting.true_bias) ** 2,
        np.full(len(i), setting.noise_std**2),
    )
    return dict(zip(PARTS, values, strict=True))


def check_sums(account: pd.DataFrame, tolerance: float) -> None:
    """Compare the sum of the columns `PARTS` with the recorded `risk`.

    The tolerance is relative to the largest part: where a run grows without limit, parts can be larger than their sum,
    which then has fewer digits than they. Raises `AccountError`, naming the run that is furthest off.
    """
    total = account[list(PARTS)].sum(axis=1)
    allowed = tolerance * account[list(PARTS)].abs().max(axis=1) + NOTHING
    excess = ((total - account["risk"]).abs() / allowed).fillna(np.inf)
    if (excess > 1).any():
        worst = excess.idxmax()
        run_id, recorded = account.loc[worst, ["run_id", "risk"]]
        raise AccountError(
            f"the parts of {int((excess > 1).sum()):,} of {len(account):,} runs do not add up to the risk recorded for "
            f"them; {run_id}: parts {total[worst]:.17g}, recorded {recorded:.17g} "
            f"(allowed: {tolerance:g} of the largest part). Their method declares that it is affine, and is not: "
            "take `affine = True` out of its class"
        )


def _account(runs: pd.DataFrame, method: str, settings: Mapping[str, LinearRegressionSetting]) -> pd.DataFrame:
    """Account for the runs in settings of one shape, trained by one method."""
    names = runs["setting"].unique()
    sources = list(dict.fromkeys(source for name in names for *_, source in _sources(settings[name])))
    keys = runs[KEY].drop_duplicates(ignore_index=True)
    row = runs[KEY].merge(keys.reset_index(), on=KEY, how="left")["index"].to_numpy()
    ends = responses(keys, method, settings[names[0]], [dict(source) for source in sources])
    response = dict(zip(sources, ends, strict=True))
    tables = []
    for setting, members in runs.assign(row=row).groupby("setting", sort=False):
        task = settings[str(setting)]
        nothing = np.zeros((len(members), task.n_features + 1))
        found = dict.fromkeys(("initialisation", "signal", "noise"), nothing)
        for part, factor, source in _sources(task):
            found[part] = found[part] + factor * response[source][members["row"]]
        tables.append(members.assign(**parts_of_risk(task, **found)))
    return pd.concat(tables)


def _sources(setting: LinearRegressionSetting) -> list[tuple[str, float, Source]]:
    """What makes a setting's runs: the part of the account, a factor, and the numbers that are on when it is alone.

    Initial weights and bias, and noise, are of unit size, so that settings share them; most have the same signal.
    """
    found: list[tuple[str, float, Source]] = [
        ("initialisation", setting.init_std, (("init_std", 1.0),)),
        ("initialisation", setting.bias_init_std, (("bias_init_std", 1.0),)),
        ("signal", 1.0, (("true_weight", setting.true_weight), ("true_bias", setting.true_bias))),
        ("noise", setting.noise_std, (("noise_std", 1.0),)),
    ]
    return [(part, factor, source) for part, factor, source in found if factor]


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("rk,rk->r", a, b)
