"""results/README.md describes the tables as they are."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def documented() -> dict[str, list[str]]:
    """Columns by table, from the first Markdown table of each section that describes columns."""
    columns = {}
    for section in (ROOT / "results" / "README.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        _, header, rows = section.partition("| column | type | meaning |\n|---|---|---|\n")
        if header:
            rows = rows.split("\n\n")[0]
            columns[section.splitlines()[0]] = [line.split("|")[1].strip() for line in rows.strip().splitlines()]
    return columns


def test_every_table_is_described_column_by_column(finished) -> None:
    tables = (finished.folder / "results" / "tables").glob("*.parquet")
    found = {path.stem: list(pd.read_parquet(path).columns) for path in tables}
    assert {name: columns for name, columns in found.items() if not name.startswith("predictions_")} == documented()


def test_every_theory_quantity_is_described(finished) -> None:
    theory = pd.read_parquet(finished.folder / "results" / "tables" / "theory.parquet")
    section = (ROOT / "results" / "README.md").read_text(encoding="utf-8").split("\n## theory\n")[1].split("\n## ")[0]
    # A small study lacks the methods that some quantities are for.
    assert set(theory["quantity"]) <= set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))
