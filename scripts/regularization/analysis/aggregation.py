"""Turn cohorts' files into the tables of the study. A planned run without a result is an error, never skipped."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

import pandas as pd

from regularization.analysis.catalogue import TABLES
from regularization.analysis.intervals import mean_interval
from regularization.columns import METRICS
from regularization.methods import method_class
from regularization.naming import CELL, p_text
from regularization.settings import EXPERIMENTS, Setting, setting_class
from regularization.study.configuration import Gate
from regularization.system.errors import UserError


class MissingRunsError(UserError):
    """Planned runs have no result, or results have no plan."""


def check_complete(planned: pd.Series, found: pd.Series) -> None:
    """Compare planned with found run ids; `MissingRunsError` names those missing, duplicated or not planned."""
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


def check_order(planned: pd.Series, found: pd.Series) -> None:
    """Compare the order of the same run ids; `MissingRunsError` naming the first that is out of place."""
    same = planned.reset_index(drop=True) == found.reset_index(drop=True)
    if not same.all():
        raise MissingRunsError(f"the runs are not in the plan's order, from {found.iloc[int(same.argmin())]} on")


def settings_table(settings: Mapping[str, Mapping[str, Setting]]) -> pd.DataFrame:
    """List settings, one row each: task parameters (empty: another experiment's), and how many seeds do not overlap."""
    kinds = [setting_class(experiment) for experiment in EXPERIMENTS]
    columns = list(dict.fromkeys(field.name for kind in kinds for field in fields(kind)))
    rows = []
    for experiment, catalogue in settings.items():
        for name, setting in catalogue.items():
            own = {"hidden": p_text(setting.hidden), "disjoint_seeds": setting.disjoint_seeds}
            rows.append({"experiment": experiment, "setting": name, **asdict(setting), **own})
    return pd.DataFrame(rows).reindex(columns=["experiment", "setting", *columns, "disjoint_seeds"])


def cells_table(runs: pd.DataFrame, metrics: Iterable[str] = METRICS) -> pd.DataFrame:
    """Compute mean, median, standard deviation, count and 95 % interval of every metric, or some, in every cell.

    Runs that diverged or collapsed are counted in `n_diverged` and `n_collapsed` and left out of everything else; a
    cell of which no run is left has no mean. Intervals are `intervals.mean_interval`, of shares for accuracies.
    """
    cell = runs.groupby(CELL, observed=True).ngroup()
    names = runs[CELL].groupby(cell).first()
    lost = {f"n_{status}": (runs["status"] == status).groupby(cell).sum() for status in ("diverged", "collapsed")}
    tables = []
    for metric in metrics:  # one at a time: all of them in one column would take several times the memory of the runs
        # A metric that a task does not have (accuracy of a regression) has no row.
        measured = runs[metric].notna().groupby([runs["experiment"], runs["setting"]]).transform("any")
        grouped = runs[metric].where(runs["status"] == "ok")[measured].groupby(cell[measured])
        tables.append(grouped.agg(n="count", mean="mean", median="median", sd="std").assign(metric=metric))
    table = pd.concat(tables)
    table = table.join(names).assign(**{name: counts.reindex(table.index) for name, counts in lost.items()})
    shares = table["metric"].str.endswith("_accuracy")
    table["ci_low"], table["ci_high"] = mean_interval(table["mean"], table["sd"], table["n"], shares)
    return table.sort_values([*CELL, "metric"], ignore_index=True)[TABLES["cells"].columns]


def gates_table(gates: Iterable[Gate], runs: pd.DataFrame) -> pd.DataFrame:
    """Weigh the conditions the study rests on: what a gate looks at, the worst run or the median one, reaches its bar.

    Runs count whatever their status; a gate whose setting has no such run is left out.
    """
    rows = []
    for gate in gates:
        for setting in gate.settings:
            here = runs[(runs["experiment"] == gate.experiment) & (runs["setting"] == setting)]
            values = here.loc[here["method"] == method_class(gate.method).name(), gate.metric]
            if len(values):
                found = {"worst": values.min(skipna=False), "median": values.median(skipna=False)}
                measured = (gate.metric, gate.of, gate.at_least, len(values), *found.values(), values.mean())
                passed = bool(found[gate.of] >= gate.at_least)
                rows.append((gate.experiment, setting, gate.method, *measured, passed))
    return pd.DataFrame(rows, columns=TABLES["gates"].columns)
