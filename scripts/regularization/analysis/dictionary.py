"""The data dictionary, `results/README.md`, as data: what each table holds, and each column's unit and meaning."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

DICTIONARY = Path(__file__).resolve().parents[3] / "results" / "README.md"
HEADER = "| column | type | meaning |\n|---|---|---|\n"
UNITLESS = ("text", "number", "whole number", "true, false")


class Column(NamedTuple):
    """What is said of one column."""

    kind: str = ""  # its unit, or its type where it has none
    unit: str = ""
    meaning: str = ""  # as Markdown


class Section(NamedTuple):
    """A section, of a table if it has columns."""

    text: str = ""  # as Markdown
    columns: dict[str, Column] = {}  # noqa: RUF012  # nobody writes to it


def sections(dictionary: str) -> dict[str, Section]:
    """A data dictionary's sections, by title; a row "p0 to p2" describes three columns."""
    found = {}
    for section in dictionary.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        columns: dict[str, Column] = {}
        for line in text.partition(HEADER)[2].split("\n\n")[0].strip().splitlines():
            name, kind, meaning = map(str.strip, line.strip("|").split(" | ", 2))
            named = re.fullmatch(r"([a-z_]+)(\d+) to \1(\d+)", name)
            names = [f"{named[1]}{i}" for i in range(int(named[2]), int(named[3]) + 1)] if named else [name]
            columns |= dict.fromkeys(names, Column(kind, "" if kind in UNITLESS else kind, meaning))
        found[title] = Section(text, columns)
    return found


@cache
def described() -> dict[str, Section]:
    """The project's own dictionary; it says nothing where `results/README.md` was deleted."""
    return sections(DICTIONARY.read_text(encoding="utf-8")) if DICTIONARY.is_file() else {}
