"""Aggregation: cohorts' files → the tables of the study. A planned run without a result is an error, never skipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

import numpy as np
import pandas as pd
from scipy import stats

from regularization.configuration import Gate
from regularization.identity import p_text
from regularization.settings import SETTING_OF, Setting
from regularization.tasks import METRICS

CELL = ["experiment", "setting", "method", "lam", "p"]


class MissingRunsError(RuntimeError):
    """Planned runs have no result, or results have no plan."""


def check_complete(planned: pd.Series, found: pd.Series) -> None:
    """Compare planned with found run ids.

    Raises:
        MissingRunsError: naming runs that are missing, duplicated or not planned.
    """
    problems = []
    for title, ids in (
        ("missing", planned[~planned.isin(found)]),
        ("found more than once", found[found.duplicated()]),
        ("not in the plan", found[~found.isin(planned)]),
    ):
        if len(ids):
            shown = "".join(f"\n    {run_id}" for run_id in ids.head(10))
            problems.append(f"  {len(ids):,} {title}:{shown}" + ("\n    …" if len(ids) > 10 else ""))
    if problems:
        raise MissingRunsError(f"of {len(planned):,} planned runs\n" + "\n".join(problems))


def settings_table(settings: Mapping[str, Mapping[str, Setting]]) -> pd.DataFrame:
    """One row a setting, one column a task parameter, and how many seeds do not overlap.

    A parameter of the other experiment is empty.
    """
    columns = list(dict.fromkeys(field.name for kind in SETTING_OF.values() for field in fields(kind)))
    rows = []
    for experiment, catalogue in settings.items():
        for name, setting in catalogue.items():
            row = {"experiment": experiment, "setting": name, **asdict(setting)}
            row["hidden"] = p_text(setting.hidden)
            row["disjoint_seeds"] = getattr(setting, "disjoint_seeds", None)  # a regression draws its data anew
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=["experiment", "setting", *columns, "disjoint_seeds"])


def cells_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation, count and 95 % t interval of every metric in every cell.

    Diverged runs are counted in `n_diverged` and left out of the means; a cell whose runs all diverged has no mean.

    Returns:
        Columns experiment, setting, method, lam, p, metric, n, n_diverged, mean, sd, ci_low, ci_high.
    """
    diverged = runs.assign(diverged=runs["status"] == "diverged").groupby(CELL, observed=True)["diverged"].sum()
    long = runs[[*CELL, "status", *METRICS]].melt([*CELL, "status"], var_name="metric", value_name="value")
    kept = long["value"].where(long["status"] == "ok")
    # A metric that a task does not have (accuracy of a regression) has no row.
    long = long[long["value"].notna().groupby([long["experiment"], long["setting"], long["metric"]]).transform("any")]
    grouped = long.assign(value=kept).groupby([*CELL, "metric"], observed=True)["value"]
    table = grouped.agg(n="count", mean="mean", sd="std").reset_index()
    half = stats.t.ppf(0.975, np.maximum(table["n"] - 1, 1)) * table["sd"] / np.sqrt(table["n"].clip(lower=1))
    table["ci_low"], table["ci_high"] = table["mean"] - half, table["mean"] + half
    table["n_diverged"] = diverged.reindex(pd.MultiIndex.from_frame(table[CELL])).to_numpy()
    return table[[*CELL, "metric", "n", "n_diverged", "mean", "sd", "ci_low", "ci_high"]]


def gates_table(gates: Iterable[Gate], runs: pd.DataFrame) -> pd.DataFrame:
    """Weigh the conditions the study rests on: every run of a gate's cells must reach its bar.

    Returns:
        Columns experiment, setting, method, metric, at_least, n, worst, mean, passed; a gate whose setting has no
        such run is left out.
    """
    rows = []
    for gate in gates:
        for setting in gate.settings:
            chosen = runs[
                (runs["experiment"] == gate.experiment) & (runs["setting"] == setting) & (runs["method"] == gate.method)
            ]
            values = chosen[gate.metric]
            if len(values):
                identity = {
                    "experiment": gate.experiment,
                    "setting": setting,
                    "method": gate.method,
                    "metric": gate.metric,
                }
                measured = {"n": len(values), "worst": values.min(), "mean": values.mean()}
                rows.append(
                    {**identity, "at_least": gate.at_least, **measured, "passed": bool((values >= gate.at_least).all())}
                )
    columns = ["experiment", "setting", "method", "metric", "at_least", "n", "worst", "mean", "passed"]
    return pd.DataFrame(rows, columns=columns)
