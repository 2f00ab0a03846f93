"""Tables that are too large to be read whole give the same rows as those that are not, and read no more than needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from figures.example_tables import SMOKE, example_tables
from figures.example_tables import write as write_tables
from regularization.analysis import tables as study_tables
from regularization.analysis.large_table import LargeTable, WholeTable
from regularization.analysis.tables import Tables
from regularization.system.errors import UserError

RUNS = [f"run {i}" for i in range(40)]


@pytest.fixture(params=["run after run", "all runs mixed"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Five rows a run in row groups of seven."""
    table = pd.DataFrame({"run_id": np.repeat(RUNS, 5), "epoch": np.tile(np.arange(5), 40), "loss": np.arange(200.0)})
    if request.param == "all runs mixed":
        table = table.sample(frac=1, random_state=0, ignore_index=True)
    table.to_parquet(tmp_path / "table.parquet", row_group_size=7)
    return tmp_path / "table.parquet"


@pytest.mark.parametrize("wanted", [[], ["run 3"], ["run 39", "run 0"], RUNS, ["unknown"], ["run 7", "unknown"]])
def test_the_rows_of_some_runs_are_those_of_the_whole_table(path: Path, wanted: list[str]) -> None:
    whole = pd.read_parquet(path)
    expected = whole[whole["run_id"].isin(wanted)].reset_index(drop=True)
    asked = pd.Series(wanted, dtype="str")
    for table in (LargeTable(path), WholeTable(whole)):
        pd.testing.assert_frame_equal(table.rows(asked).reset_index(drop=True), expected)


def test_only_row_groups_with_such_runs_are_read_and_each_once(tmp_path: Path, monkeypatch) -> None:
    table = pd.DataFrame({"run_id": np.repeat(RUNS, 5), "loss": np.arange(200.0)})
    table.to_parquet(tmp_path / "table.parquet", row_group_size=20)
    read: list[int] = []
    real = LargeTable._read

    def counted(self: LargeTable, group: int, columns: tuple[str, ...] | None = None):
        read.extend([group] if columns is None else [])
        return real(self, group, columns)

    monkeypatch.setattr(LargeTable, "_read", counted)
    large = LargeTable(tmp_path / "table.parquet")
    for _ in range(2):
        large.rows(pd.Series(["run 0", "run 3", "run 38"]))
    assert read == [0, 9]


def test_a_study_answers_the_same_however_large_it_takes_its_tables_for(tmp_path: Path, monkeypatch) -> None:
    folder = write_tables(example_tables(SMOKE), tmp_path / "tables")
    runs = pd.read_parquet(folder / "runs.parquet")
    kept = runs.loc[runs["experiment"] == "linear_regression", ["run_id"]]
    kept.merge(pd.DataFrame({"item": range(3), "weight": [0.1, 0.2, 0.3]}), how="cross").to_parquet(
        folder / "predictions_linear_regression.parquet"
    )
    whole, large = Tables.read(folder), Tables.read(folder)
    keys = [whole.baseline("linear_regression", name) for name in whole.studied("linear_regression")]
    expected = [(whole.curve(key), whole.predictions(key)) for key in keys]
    assert any(len(curve) for curve, _ in expected)
    assert any(len(weights) for _, weights in expected)
    monkeypatch.setattr(study_tables, "WHOLE", 0)
    for key, (curve, weights) in zip(keys, expected, strict=True):
        pd.testing.assert_frame_equal(large.curve(key), curve)
        pd.testing.assert_frame_equal(large.predictions(key), weights)
    assert "curves" not in vars(large), "not read whole"


def test_a_file_that_is_damaged_inside_is_named(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pd.DataFrame({"run_id": RUNS, "loss": np.arange(40.0)}).to_parquet(path, row_group_size=10)
    content = bytearray(path.read_bytes())
    content[4:300] = bytes(296)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"table\.parquet is no Parquet file, or damaged"):
        LargeTable(path).rows(pd.Series(RUNS))
