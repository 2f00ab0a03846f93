"""Aggregation: nothing planned goes missing in silence, and a mean says what it is a mean of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats

from regularization.analysis.aggregation import (
    MissingRunsError,
    cells_table,
    check_complete,
    check_order,
    gates_table,
    settings_table,
)
from regularization.columns import METRICS
from regularization.naming import CELL
from regularization.study.configuration import Gate
from regularization.system import files
from regularization.system.errors import UserError
from studies import entry, planned, study


def runs_with(values, status=None) -> pd.DataFrame:
    runs = planned(entry("linear_regression", methods=["none"], seeds=len(values))).assign(
        **dict.fromkeys(METRICS, np.nan)
    )
    return runs.assign(status=status or "ok", risk=values)


def test_a_missing_a_duplicate_and_an_unplanned_run_are_named():
    planned_ids = pd.Series(["a", "b", "c"])
    check_complete(planned_ids, pd.Series(["c", "a", "b"]))
    with pytest.raises(MissingRunsError, match=r"of 3 planned runs\n  1 missing:\n    b"):
        check_complete(planned_ids, pd.Series(["a", "c"]))
    with pytest.raises(MissingRunsError, match=r"1 found more than once:\n    a"):
        check_complete(planned_ids, pd.Series(["a", "a", "b", "c"]))
    with pytest.raises(MissingRunsError, match=r"1 not in the plan:\n    d"):
        check_complete(planned_ids, pd.Series(["a", "b", "c", "d"]))


def test_runs_that_are_out_of_order_are_named():
    check_order(pd.Series(["a", "b", "c"]), pd.Series(["a", "b", "c"], index=[7, 8, 9]))
    with pytest.raises(MissingRunsError, match="not in the plan's order, from c on"):
        check_order(pd.Series(["a", "b", "c"]), pd.Series(["a", "c", "b"]))


def test_tables_are_put_together_row_by_row_however_large_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS", 5)
    parts = [
        pd.DataFrame({"run_id": [f"{part}-{i}" for i in range(n)], "value": float(part)})
        for part, n in enumerate((3, 0, 4, 12))
    ]
    paths = [tmp_path / f"{i}.parquet" for i in range(len(parts))]
    for part, path in zip(parts, paths):
        # A part without rows may have no types.
        (part if len(part) else pd.DataFrame({"run_id": [], "value": []})).to_parquet(path)
    assert files.concatenate(paths, tmp_path / "all.parquet") == 19
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "all.parquet"), pd.concat(filter(len, parts), ignore_index=True)
    )
    assert max(pq.ParquetFile(tmp_path / "all.parquet").metadata.row_group(i).num_rows for i in range(4)) <= 5
    assert files.concatenate(paths[1:2], tmp_path / "none.parquet") == 0
    pd.DataFrame({"run_id": ["x"]}).to_parquet(paths[0])
    with pytest.raises(UserError, match=r"0\.parquet has no column value"):
        files.concatenate([paths[2], paths[0]], tmp_path / "all.parquet")


@pytest.mark.arithmetic
def test_the_table_of_cells_is_that_of_one_look_at_all_metrics():
    """Taking the metrics one at a time changes no bit: the reference melts them into one column."""
    rng = np.random.default_rng(0)
    runs = runs_with(np.full(6, np.nan)).drop(columns=[*METRICS])
    runs = pd.concat(
        [runs.assign(setting=name, lam=lam, p=p) for name in "ba" for lam in (3.0, 0.1, 10.0) for p in ("0.5", "0")],
        ignore_index=True,
    )
    runs = runs.sample(frac=1, random_state=0).assign(
        **{name: rng.standard_normal(len(runs)) for name in METRICS}, status="ok"
    )
    runs.loc[runs["setting"] == "a", "risk"] = np.nan
    runs.loc[::5, "status"] = "diverged"
    long = runs.melt([*CELL, "status"], list(METRICS), "metric", "value")
    ok = long[(long["status"] == "ok") & ~((long["setting"] == "a") & (long["metric"] == "risk"))]
    reference = ok.groupby([*CELL, "metric"])["value"].agg(n="count", mean="mean", sd="std").reset_index()
    table = cells_table(runs)
    pd.testing.assert_frame_equal(table[reference.columns], reference, check_exact=True)


def test_a_cells_mean_and_interval_are_students():
    values = np.array([1.0, 2.0, 4.0, 5.0])
    cell = cells_table(runs_with(values)).set_index("metric").loc["risk"]
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (cell["n"], cell["mean"]) == (4, 3.0)
    np.testing.assert_allclose([cell["ci_low"], cell["ci_high"], cell["sd"]], [low, high, values.std(ddof=1)])


def test_diverged_runs_are_counted_and_left_out_of_the_mean():
    cells = cells_table(runs_with([1.0, 3.0, np.inf], ["ok", "ok", "diverged"])).set_index("metric")
    assert cells.loc["risk", ["n", "n_diverged", "mean"]].tolist() == [2, 1, 2.0]
    gone = cells_table(runs_with([5.0, np.nan], ["diverged", "diverged"])).set_index("metric").loc["risk"]
    assert (gone["n"], gone["n_diverged"]) == (0, 2)
    assert np.isnan(gone["mean"])


def test_one_seed_has_a_mean_and_no_interval():
    cell = cells_table(runs_with([2.0])).set_index("metric").loc["risk"]
    assert cell["mean"] == 2.0
    assert np.isnan([cell["ci_low"], cell["ci_high"]]).all()


def test_a_metric_that_a_task_lacks_has_no_row():
    assert set(cells_table(runs_with([1.0, 2.0]))["metric"]) == {"risk"}


def test_a_gate_holds_only_if_every_run_reaches_it():
    runs = runs_with([0.995, 0.98])
    gate = Gate("linear_regression", ("textbook", "absent"), "none", "risk", 0.99)
    table = gates_table([gate], runs)
    assert table[["setting", "n", "worst", "passed"]].to_numpy().tolist() == [["textbook", 2, 0.98, False]]
    assert gates_table([gate], runs.assign(risk=0.99))["passed"].tolist() == [True]
    assert gates_table([gate], runs.assign(risk=np.nan))["passed"].tolist() == [False], (
        "a run without a number has not passed"
    )


def test_the_settings_table_resolves_defaults():
    table = settings_table(study(entry("linear_regression"), entry("fashion_mnist")).settings).set_index(
        ["experiment", "setting"]
    )
    assert table.loc[("linear_regression", "textbook"), ["n_train", "learning_rate", "epochs"]].tolist() == [
        20,
        0.003,
        100,
    ]
    assert table.loc[("fashion_mnist", "textbook"), "hidden"] == "256/256"
    assert np.isnan(table.loc[("fashion_mnist", "textbook"), "n_features"])
