"""results/README.md describes the tables as they are: every column, and every value of the columns that name things."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import shared
from figures.example_tables import example_tables
from studies import ROOT

CASES = shared.cases(__file__)

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

DICTIONARY = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
HEADER = "| column | type | meaning |\n|---|---|---|\n"


def sections(dictionary: str) -> Iterator[tuple[str, str]]:
    """Title and text of each section."""
    for section in dictionary.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        yield title, text


def described(dictionary: str = DICTIONARY) -> dict[str, list[tuple[str, str, str]]]:
    """Column, type and meaning of each described column, by section; a row "p0 to p2" describes three."""
    tables = {}
    for title, text in sections(dictionary):
        _, header, rows = text.partition(HEADER)
        if header:
            cells = [line.strip("|").split(" | ", 2) for line in rows.split("\n\n")[0].strip().splitlines()]
            tables[title] = [
                (column, kind.strip(), meaning.strip())
                for name, kind, meaning in cells
                for column in columns(name.strip())
            ]
    return tables


def columns(name: str) -> list[str]:
    """The columns that a row names: one, or a range such as "p0 to p9"."""
    several = re.fullmatch(r"([a-z_]+)(\d+) to \1(\d+)", name)
    if several is None:
        return [name]
    return [f"{several[1]}{i}" for i in range(int(several[2]), int(several[3]) + 1)]


def problems(dictionary: str, tables: Path) -> list[str]:
    """Where the dictionary and a folder of tables differ."""
    written = described(dictionary)
    found = {path.stem: list(pd.read_parquet(path).columns) for path in tables.glob("*.parquet")}
    faults = [f"{name}: not described" for name in sorted(set(found) - set(written))]
    faults += [f"{name}: described, but there is no such table" for name in sorted(set(written) - set(found))]
    for name in sorted(set(found) & set(written)):
        rows = [row[0] for row in written[name]]
        faults += [f"{name}.{column}: not described" for column in found[name] if column not in rows]
        faults += [f"{name}.{column}: described, but not there" for column in rows if column not in found[name]]
        if sorted(rows) == sorted(found[name]) and rows != found[name]:
            faults.append(f"{name}: described in another order")
        faults += [
            f"{name}.{column}: no type or unit, or no meaning" for column, *rest in written[name] if not all(rest)
        ]
        text = dict(sections(dictionary))[name]
        files = [f"`{name}.parquet`", *([", `.csv`"] if (tables / f"{name}.csv").exists() else [])]
        faults += [f"{name}: the text does not name {file}" for file in files if file not in text]
        if (tables / f"{name}.csv").exists():
            if list(pd.read_csv(tables / f"{name}.csv", nrows=1).columns) != found[name]:
                faults.append(f"{name}.csv: other columns than {name}.parquet")
    faults += [f"{path.name}: a CSV without its Parquet" for path in tables.glob("*.csv") if path.stem not in found]
    return faults


def test_every_table_is_described_column_by_column(finished) -> None:
    assert problems(DICTIONARY, finished.folder / "results" / "tables") == []


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
    return set(re.findall(r"`([\w ]+)`", dict(sections(DICTIONARY))[section]))
