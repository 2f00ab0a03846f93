"""results/README.md describes the tables as they are: every column, and every value of the columns that name things."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import shared
from figures.example_tables import example_tables
from regularization.analysis import dictionary

CASES = shared.cases(__file__)

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

DICTIONARY = dictionary.DICTIONARY.read_text(encoding="utf-8")


def problems(text: str, tables: Path) -> list[str]:
    """Where the dictionary and a folder of tables differ."""
    written = {name: section for name, section in dictionary.sections(text).items() if section.columns}
    found = {path.stem: list(pd.read_parquet(path).columns) for path in tables.glob("*.parquet")}
    faults = [f"{name}: not described" for name in sorted(set(found) - set(written))]
    faults += [f"{name}: described, but there is no such table" for name in sorted(set(written) - set(found))]
    for name in sorted(set(found) & set(written)):
        rows = list(written[name].columns)
        faults += [f"{name}.{column}: not described" for column in found[name] if column not in rows]
        faults += [f"{name}.{column}: described, but not there" for column in rows if column not in found[name]]
        if sorted(rows) == sorted(found[name]) and rows != found[name]:
            faults.append(f"{name}: described in another order")
        faults += [
            f"{name}.{column}: no type or unit, or no meaning"
            for column, said in written[name].columns.items()
            if not (said.kind and said.meaning)
        ]
        files = [f"`{name}.parquet`", *([", `.csv`"] if (tables / f"{name}.csv").exists() else [])]
        faults += [f"{name}: the text does not name {file}" for file in files if file not in written[name].text]
        if (tables / f"{name}.csv").exists():
            if list(pd.read_csv(tables / f"{name}.csv", nrows=1).columns) != found[name]:
                faults.append(f"{name}.csv: other columns than {name}.parquet")
    faults += [f"{path.name}: a CSV without its Parquet" for path in tables.glob("*.csv") if path.stem not in found]
    return faults


def test_every_table_is_described_column_by_column(finished) -> None:
    assert problems(DICTIONARY, finished.folder / "results" / "tables") == []


def test_every_table_is_described_to_machines_too(finished) -> None:
    """Without the dictionary, which was not copied with the sources; test_archive.py looks at the words."""
    results = finished.folder / "results"
    resources = json.loads((results / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert {one["name"] for one in resources} == {path.stem for path in (results / "tables").glob("*.parquet")}
    graph = json.loads((results / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    assert {"config.json", "environment.json", "report.html", "report.pdf"} <= {one["@id"] for one in graph}


@pytest.mark.parametrize(("old", "new", "fault"), CASES["a_dictionary_that_is_wrong_is_found"])
def test_a_dictionary_that_is_wrong_is_found(finished, old: str, new: str, fault: str) -> None:
    assert old in DICTIONARY
    faults = problems(DICTIONARY.replace(old, new), finished.folder / "results" / "tables")
    assert any(said.startswith(fault) for said in faults)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("theory", "quantity"), ("probes", "probe"), ("decomposition", "component"), ("decomposition", "loss")),
        *(("claims", "verdict"), ("claims", "rule_kind"), ("runs", "status"), ("provenance", "device")),
        ("identities", "quantity"),
    ],
)
def test_every_value_of_a_column_that_names_things_is_described(finished, table: str, column: str) -> None:
    values = set(pd.read_parquet(finished.folder / "results" / "tables" / f"{table}.parquet")[column].dropna())
    assert values
    assert values <= named_in(table)  # a small study lacks the methods that some values are for


@pytest.mark.parametrize("column", ["quantity", "metric"])
def test_every_value_of_the_tuning_table_is_described(column: str) -> None:
    """Nothing can be tuned in the small study; made-up runs give every quantity."""
    assert set(example_tables().tuning[column]) <= named_in("tuning")


def named_in(section: str) -> set[str]:
    """Every `value` that a section names."""
    return set(re.findall(r"`([\w ]+)`", dictionary.described()[section].text))
