"""The catalogue of tables: what is written in one place agrees with what needs it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from figures.example_tables import SMOKE, example_tables, write
from regularization.analysis.catalogue import TABLES, store
from regularization.analysis.tables import Tables
from regularization.methods import method_names
from regularization.settings import EXPERIMENTS
from regularization.study.fingerprint import PACKAGE, imported_modules
from regularization.system.errors import UserError


def test_every_table_is_an_attribute_and_no_other() -> None:
    tables = Tables()
    assert all(getattr(tables, name) is tables.table(name) for name in TABLES)
    with pytest.raises(AttributeError):
        tables.numbers  # type: ignore[attr-defined]  # noqa: B018


def test_training_reads_nothing_of_it() -> None:
    """An edit of the catalogue must not train anything."""
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


def test_a_column_that_is_relied_on_and_missing_is_named_when_the_table_is_read(tmp_path: Path) -> None:
    folder = write(example_tables(SMOKE), tmp_path)
    path = folder / "theory.parquet"
    pd.read_parquet(path).drop(columns="value").to_parquet(path)
    tables = Tables.read(folder)
    assert len(tables.runs)
    with pytest.raises(UserError, match=r"theory\.parquet has no column value"):
        tables.theory  # noqa: B018


def test_replacing_a_table_leaves_the_others_and_the_first_as_they_were() -> None:
    tables = example_tables(SMOKE)
    other = tables.replace(runs=tables.runs.iloc[:1], folder=Path("elsewhere"))
    assert (len(other.runs), other.folder, tables.folder) == (1, Path("elsewhere"), None)
    assert len(tables.runs) > 1
    assert other.cells is tables.cells
