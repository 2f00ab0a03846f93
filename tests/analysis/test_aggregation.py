"""Aggregation: nothing planned goes missing in silence, and a mean says what it is a mean of."""

from dataclasses import replace

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
from regularization.analysis.intervals import mean_interval
from regularization.columns import METRICS
from regularization.naming import CELL
from regularization.study.configuration import Gate
from regularization.system import files
from regularization.system.errors import UserError
from studies import entry, planned, study


def runs_with(values, status=None) -> pd.DataFrame:
    runs = planned(entry("linear_regression", seeds=len(values))).assign(**dict.fromkeys(METRICS, np.nan))
    return runs.assign(status=status or "ok", risk=values)


def risk_of(values, status=None) -> pd.Series:
    """The one row of the table of cells: other metrics, which the runs lack, have none."""
    (row,) = cells_table(runs_with(values, status)).to_dict("records")
    assert row["metric"] == "risk"
    return pd.Series(row)


def test_missing_duplicate_unplanned_and_disordered_runs_are_named():
    planned_ids = pd.Series(list("abc"))
    check_complete(planned_ids, pd.Series(list("cab")))
    for found, message in {
        "ac": r"of 3 planned runs\n  1 missing:\n    b",
        "aabc": r"1 found more than once:\n    a",
        "abcd": r"1 not in the plan:\n    d",
    }.items():
        with pytest.raises(MissingRunsError, match=message):
            check_complete(planned_ids, pd.Series(list(found)))
    check_order(pd.Series(["a", "b", "c"]), pd.Series(["a", "b", "c"], index=[7, 8, 9]))
    with pytest.raises(MissingRunsError, match="not in the plan's order, from c on"):
        check_order(pd.Series(["a", "b", "c"]), pd.Series(["a", "c", "b"]))


def test_tables_are_put_together_row_by_row_however_large_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS", 5)
    paths, parts = [tmp_path / f"{i}.parquet" for i in range(4)], []
    for number, (path, n) in enumerate(zip(paths, (3, 0, 4, 12), strict=True)):
        parts.append(pd.DataFrame({"run_id": [f"{number}-{i}" for i in range(n)], "value": float(number)}))
        # A part without rows may have no types.
        (parts[-1] if n else pd.DataFrame({"run_id": [], "value": []})).to_parquet(path)
    whole = tmp_path / "all.parquet"
    assert files.concatenate(paths, whole) == 19
    pd.testing.assert_frame_equal(pd.read_parquet(whole), pd.concat(filter(len, parts), ignore_index=True))
    assert max(pq.read_metadata(whole).row_group(i).num_rows for i in range(4)) <= 5
    assert files.concatenate(paths[1:2], tmp_path / "none.parquet") == 0
    pd.DataFrame({"run_id": ["x"]}).to_parquet(paths[0])
    with pytest.raises(UserError, match=r"0\.parquet has no column value"):
        files.concatenate([paths[2], paths[0]], whole)


@pytest.mark.arithmetic
def test_the_table_of_cells_is_that_of_one_look_at_all_metrics():
    """Taking the metrics one at a time changes no bit: the reference melts them into one column."""
    rng = np.random.default_rng(0)
    runs = runs_with(np.full(6, np.nan)).drop(columns=[*METRICS])
    cells = [{"setting": name, "lam": lam, "p": p} for name in "ba" for lam in (3.0, 0.1, 10.0) for p in ("0.5", "0")]
    runs = pd.concat([runs.assign(**cell) for cell in cells], ignore_index=True).sample(frac=1, random_state=0)
    runs = runs.assign(**{name: rng.standard_normal(len(runs)) for name in METRICS}, status="ok")
    runs.loc[runs["setting"] == "a", "risk"] = np.nan
    runs.loc[::5, "status"] = "diverged"
    runs.loc[1::5, "status"] = "collapsed"
    long = runs.melt([*CELL, "status"], list(METRICS), "metric", "value")
    ok = long[(long["status"] == "ok") & ~((long["setting"] == "a") & (long["metric"] == "risk"))]
    reference = (
        ok.groupby([*CELL, "metric"])["value"].agg(n="count", mean="mean", median="median", sd="std").reset_index()
    )
    table = cells_table(runs)
    pd.testing.assert_frame_equal(table[reference.columns], reference, check_exact=True)


def test_a_cell_has_students_interval_of_what_neither_diverged_nor_collapsed_and_none_for_one_seed():
    values = np.array([1.0, 2.0, 4.0, 5.0])
    cell = risk_of(values)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (cell["n"], cell["mean"]) == (4, 3.0)
    np.testing.assert_allclose([cell["ci_low"], cell["ci_high"], cell["sd"]], [low, high, values.std(ddof=1)])
    cell = risk_of([1.0, 3.0, np.inf], ["ok", "ok", "diverged"])
    assert cell[["n", "n_diverged", "mean"]].tolist() == [2, 1, 2.0]
    cell = risk_of([1.0, 1.0, 4.0, 1e9], ["ok", "ok", "ok", "collapsed"])
    assert cell[["n", "n_diverged", "n_collapsed", "mean", "median"]].tolist() == [3, 0, 1, 2.0, 1.0]
    gone = risk_of([5.0, np.nan], ["diverged", "collapsed"])
    assert (gone["n"], gone["n_diverged"], gone["n_collapsed"]) == (0, 1, 1)
    assert np.isnan(gone["mean"])
    cell = risk_of([2.0])
    assert cell["mean"] == 2.0
    assert np.isnan([cell["ci_low"], cell["ci_high"]]).all()


@pytest.mark.arithmetic
def test_intervals_of_accuracies_never_leave_0_to_1_and_cover_where_t_intervals_leave_them():
    """Binomial accuracies whose success probability varies from seed to seed, close to 1 and far from either end."""
    seeds = 12
    for mean, strength in ((0.998, 300.0), (0.87, 2000.0)):
        draw = np.random.default_rng(1)
        p = draw.beta(mean * strength, (1 - mean) * strength, (4000, seeds))
        values = draw.binomial(2000, p) / 2000
        ends = {
            share: mean_interval(values.mean(axis=1), values.std(axis=1, ddof=1), seeds, share)
            for share in (True, False)
        }
        low, high = ends[True]
        assert ((low >= 0) & (high <= 1)).all()
        covered = ((low <= mean) & (mean <= high)).mean()
        assert 0.92 < covered < 0.97, "nominal: 0.95"
        apart = max(np.abs(one - other).max() for one, other in zip(*ends.values(), strict=True))
        assert (ends[False][1].max() > 1) == (mean > 0.99), "near the end, and only there, t intervals leave it"
        assert mean > 0.99 or apart < 0.001, "far from the ends both are the same"
    assert mean_interval(1.0, 0.0, 5, True) == (1.0, 1.0)
    assert np.isnan(mean_interval(0.5, np.nan, 1, True)).all()
    runs = runs_with([0.9, 0.5, 1.0]).assign(test_accuracy=[0.999, 1.0, 0.9])
    found = cells_table(runs).set_index("metric")[["ci_low", "ci_high"]]
    assert found.loc["test_accuracy", "ci_high"] < 1 < found.loc["risk", "ci_high"]


def test_a_gate_holds_only_if_every_run_reaches_it_and_settings_have_their_defaults():
    runs = runs_with([0.995, 0.98])
    gate = Gate("linear_regression", ("textbook", "absent"), "none", "risk", 0.99)
    table = gates_table([gate], runs)
    assert table[["setting", "n", "worst", "passed"]].to_numpy().tolist() == [["textbook", 2, 0.98, False]]
    typical = replace(gate, of="median", at_least=0.985)
    assert gates_table([typical], runs)["passed"].tolist() == [True], "the median is 0.9875"
    assert gates_table([replace(typical, at_least=0.99)], runs)["passed"].tolist() == [False]
    few = pd.concat([runs.assign(status="collapsed", risk=0.1), *[runs] * 2])
    assert gates_table([replace(typical, at_least=0.98)], few)["passed"].tolist() == [True], "a few do not move it"
    assert gates_table([gate], runs.assign(risk=0.99))["passed"].tolist() == [True]
    for one in (gate, typical):
        assert not gates_table([one], runs.assign(risk=[1, np.nan]))["passed"].any(), "no number has not passed"
    table = settings_table(study(entry("linear_regression"), entry("fashion_mnist")).settings)
    table = table[table["setting"] == "textbook"].set_index("experiment")
    assert table.loc["linear_regression", ["n_train", "learning_rate", "epochs"]].tolist() == [20, 0.003, 100]
    assert table.loc["fashion_mnist", "hidden"] == "256/256"
    assert np.isnan(table.loc["fashion_mnist", "n_features"])
