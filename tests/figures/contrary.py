"""The MADE-UP study the other way round: what helped harms, and a report must say so."""

from functools import cache

import numpy as np
import pandas as pd

from figures import example_analyses as analyses
from figures.example_tables import NOISE, Size, example_tables, with_runs
from regularization.analysis.tables import Tables
from regularization.analysis.tuning import tuning_table
from regularization.columns import METRICS
from regularization.naming import parse_p

WORLD = Size(seeds=4, lam=(0.0, 0.3, 3.0, 10.0, 100.0))  # none of these λ diverges, so any cell can stand for any other
NOISY = (*NOISE, "gaussian_dropout")  # whose strength is on another scale: they change places among themselves
VERDICTS = ("supported", "qualified", "contradicted", "inconclusive")


@cache
def world() -> Tables:
    """The made-up study as the textbook would have it."""
    return example_tables(WORLD)


@cache
def contrary_world() -> Tables:
    """The same study with the metrics of every setting's cells dealt out in reverse: the strongest regularizer gets the
    baseline's numbers and the baseline its; bias and variance, and the parts of the account, change places; every
    verdict is another one.
    """
    tables = world()
    runs = _reversed(tables.runs)
    account = analyses.account(runs, tables.settings)
    account[["initialisation", "fitted_noise"]] = account[["fitted_noise", "initialisation"]].to_numpy()
    decomposition = tables.decomposition.replace({"component": {"bias": "variance", "variance": "bias"}})
    probes = tables.probes.assign(value=1 - tables.probes["value"])
    turn = dict(zip(VERDICTS, (*VERDICTS[1:], VERDICTS[0]), strict=True))
    claims = tables.claims.assign(verdict=tables.claims["verdict"].map(turn), effect=-tables.claims["effect"])
    claims[["ci_low", "ci_high"]] = -claims[["ci_high", "ci_low"]].to_numpy()
    return with_runs(tables, runs).replace(
        curves=_curves_of(tables.curves, runs),
        probes=probes,
        calibration=analyses.calibration(runs),
        account=account,
        decomposition=decomposition,
        tuning=tuning_table(runs),
        claims=claims,
        identities=_reversed_identities(tables.identities),
    )


def _reversed_identities(table: pd.DataFrame) -> pd.DataFrame:
    """What held fails, what failed is exactly 0, and the mean that was too high is too low."""
    error, holds = table["tolerance"].notna(), table["value"] <= table["tolerance"]
    values = np.select([error & holds, error], [0.3, 0.0], 1 / table["value"].where(~error))
    return table.assign(value=values)


def _reversed(runs: pd.DataFrame) -> pd.DataFrame:
    strength = runs["lam"] + runs["p"].map(lambda text: max(parse_p(text), default=0.0))
    turned = runs.copy()
    noisy = runs["method"].isin(NOISY)
    for index in runs.groupby(["experiment", "setting", "seed", "data_seed", noisy]).groups.values():
        order = strength.loc[index].sort_values(kind="stable").index
        turned.loc[order, list(METRICS)] = runs.loc[order[::-1], list(METRICS)].to_numpy()
    return turned


def _curves_of(curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Curves of the same shape that end where the runs now end."""
    ends = runs.set_index("run_id")[list(METRICS)]
    before = curves.groupby("run_id")[list(METRICS)].transform("last").to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        shape = curves[list(METRICS)].to_numpy() / before
    return curves.assign(**dict(zip(METRICS, (shape * ends.loc[curves["run_id"]].to_numpy()).T, strict=True)))
