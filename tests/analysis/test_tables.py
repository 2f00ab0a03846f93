"""The study's tables: their catalogue agrees with what needs it, and large ones answer as small ones do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from figures.example_tables import SMOKE, example_tables, write
from regularization.analysis import tables as study_tables
from regularization.analysis.catalogue import TABLES, store
from regularization.analysis.large_table import LargeTable, WholeTable
from regularization.analysis.tables import Tables
from regularization.methods import method_names
from regularization.settings import EXPERIMENTS
from regularization.study.fingerprint import PACKAGE, imported_modules
from regularization.system.errors import UserError


def test_every_table_is_an_attribute_replacing_one_leaves_the_others_and_training_reads_none() -> None:
    tables = Tables()
    assert all(getattr(tables, name) is tables.table(name) for name in TABLES)
    with pytest.raises(AttributeError):
        tables.numbers  # type: ignore[attr-defined]  # noqa: B018
    tables = example_tables(SMOKE)
    other = tables.replace(runs=tables.runs.iloc[:1], folder=Path("elsewhere"))
    assert (len(other.runs), other.folder, tables.folder) == (1, Path("elsewhere"), None)
    assert len(tables.runs) > 1
    assert other.cells is tables.cells
    # An edit of the catalogue must not train anything.
    trained = {
        *(PACKAGE / "training" / f"{name}.py" for name in ("loop", "closed_form")),
        *(PACKAGE / "training" / "tasks" / f"{experiment}.py" for experiment in EXPERIMENTS),
        *(PACKAGE / "methods" / f"{method}.py" for method in method_names()),
    }
    assert PACKAGE / "analysis" / "catalogue.py" not in imported_modules(*trained)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_stored_as_csv_where_the_catalogue_says_so(name: str, tmp_path: Path) -> None:
    store(name, pd.DataFrame({"a": [1]}), tmp_path / f"{name}.parquet")
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.{kind}" for kind in TABLES[name].kinds}


def test_a_missing_column_is_named_when_a_table_is_read_and_damage_only_where_it_is_read(tmp_path: Path) -> None:
    folder = write(example_tables(SMOKE), tmp_path)
    path = folder / "theory.parquet"
    pd.read_parquet(path).drop(columns="value").to_parquet(path)
    tables = Tables.read(folder)
    assert len(tables.runs)
    with pytest.raises(UserError, match=r"theory\.parquet has no column value"):
        tables.theory  # noqa: B018
    # Row groups that hold others are damaged here, and nobody notices.
    path = tmp_path / "table.parquet"
    pd.DataFrame({"run_id": np.repeat(RUNS, 5), "loss": np.arange(200.0)}).to_parquet(path, row_group_size=20)
    groups, content = pq.read_metadata(path), bytearray(path.read_bytes())
    for group in range(1, 9):
        for column in (groups.row_group(group).column(k) for k in range(groups.num_columns)):
            start = column.dictionary_page_offset or column.data_page_offset
            content[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
    path.write_bytes(content)
    assert LargeTable(path).rows(pd.Series(["run 00", "run 03", "run 38"]))["run_id"].nunique() == 3
    with pytest.raises(UserError, match=r"table\.parquet is no Parquet file, or damaged"):
        LargeTable(path).rows(pd.Series(["run 20"]))


RUNS = [f"run {i:02d}" for i in range(40)]


@pytest.fixture(params=["run after run", "all runs mixed"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Five rows a run in row groups of seven."""
    table = pd.DataFrame({"run_id": np.repeat(RUNS, 5), "epoch": np.tile(np.arange(5), 40), "loss": np.arange(200.0)})
    if request.param == "all runs mixed":
        table = table.sample(frac=1, random_state=0, ignore_index=True)
    table.to_parquet(tmp_path / "table.parquet", row_group_size=7)
    return tmp_path / "table.parquet"


@pytest.mark.parametrize("wanted", [[], ["run 03"], ["run 39", "run 00"], RUNS, ["unknown"], ["run 07", "unknown"]])
def test_the_rows_of_some_runs_are_those_of_the_whole_table(path: Path, wanted: list[str]) -> None:
    whole = pd.read_parquet(path)
    expected = whole[whole["run_id"].isin(wanted)].reset_index(drop=True)
    asked = pd.Series(wanted, dtype="str")
    for table in (LargeTable(path), WholeTable(whole)):
        pd.testing.assert_frame_equal(table.rows(asked).reset_index(drop=True), expected)


def test_a_study_answers_the_same_however_large_it_takes_its_tables_for(tmp_path: Path, monkeypatch) -> None:
    folder = write(example_tables(SMOKE), tmp_path / "tables")
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
