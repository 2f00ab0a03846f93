"""The comparison of two results folders: tables, what they come from, other files, and what it says in words."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from regularization.analysis.comparing import tables
from regularization.analysis.comparing.tables import Comparison, NotComparableError, Tolerance
from regularization.analysis.tables import distinct
from regularization.system import wording
from regularization.system.files import sha256

IDENTICAL, DIFFERENT, NOT_COMPARABLE = 0, 1, 2
TEMPLATE, JINJA = "comparison.txt.j2", wording.environment(())
FILES = ("config.json", "plan.parquet", "claims.json", "controls.json", "report.html", "report.pdf", "figures/*")

# Columns of the table `provenance` that can explain a difference; times, memory and commands cannot.
EXPLAINING = (
    *("code", "commit", "python", "numpy", "scipy", "pandas", "pyarrow", "torch"),
    *("system", "device", "device_name", "instructions", "dtype", "threads"),
)


@dataclass(frozen=True)
class Verdict:
    """Everything that was compared."""

    compared: list[Comparison]
    only: tuple[list[str], list[str]]  # tables that only one has
    provenances: dict[str, Any]  # see `provenances`
    files: tuple[list[str], list[str]]  # other files of both: the same bytes, other bytes
    tolerance: Tolerance

    @property
    def same(self) -> bool:
        return self.only == ([], []) and all(each.same_numbers for each in self.compared)

    @property
    def differing(self) -> list[Comparison]:
        return [each for each in self.compared if not each.same_numbers]

    @property
    def largest(self) -> float:
        """The largest relative difference of a result."""
        return max((d.largest_relative for each in self.differing for d in each.results), default=0.0)

    @property
    def within(self) -> bool:
        """Whether it is the same, or within the tolerance."""
        return self.same or (self.only == ([], []) and all(each.within_tolerance for each in self.compared))

    @property
    def status(self) -> int:
        return IDENTICAL if self.within else DIFFERENT

    @property
    def line(self) -> str:
        """The verdict in a line."""
        return wording.paragraph(JINJA, TEMPLATE, "line", {"verdict": self, "shown": 0})


def compare(
    one: Path, other: Path, tolerance: Tolerance, *, only: Collection[str] = (), rows: int = tables.ROWS
) -> Verdict:
    """Compare two results folders: the tables in `only`, or all; `NotComparableError` if nothing can be compared."""
    found = []
    for folder in (one, other):
        names = {path.stem for path in (folder / "tables").glob("[!.]*.parquet")} - {"provenance"}
        if not names:
            raise NotComparableError(f"{folder} has no tables/*.parquet: name the results folder of a finished study")
        if unknown := set(only) - names:
            lacking, there = (", ".join(sorted(some)) for some in (unknown, names))
            raise NotComparableError(f"{folder} has no table {lacking}, but {there}")
        found.append(names & set(only) if only else names)
    both = sorted(found[0] & found[1])
    files = {name: Path("tables") / f"{name}.parquet" for name in both}
    compared = [tables.compare(name, one / file, other / file, tolerance, rows=rows) for name, file in files.items()]
    runs = next((each for each in compared if each.name == "runs"), None)
    if not compared or (runs is not None and not runs.matched):
        raise NotComparableError(f"{one} and {other} have no run in common")
    lonely = sorted(found[0] - found[1]), sorted(found[1] - found[0])
    return Verdict(compared, lonely, provenances(one, other), _files(one, other), tolerance)


def provenances(one: Path, other: Path) -> dict[str, Any]:
    """Compare `config.json`, `tables/provenance.parquet`, `environment.json` and `data/fetch.json` of two folders.

    `different`: what → its values in the one and the other; `same`: the rest; the numbers of `jobs`; the keys of the
    `configuration` that differ, with both values; and `notes`.
    """
    paths = [folder / "tables" / "provenance.parquet" for folder in (one, other)]
    jobs = [pd.read_parquet(path) if path.exists() else pd.DataFrame() for path in paths]
    different, same, notes = {}, [], []
    for name in EXPLAINING:
        values = [distinct(table, name) for table in jobs]
        if values[0] == values[1]:
            same += [name] if values[0] else []
        else:
            different[name] = (_listed(values[0]), _listed(values[1]))
    if "cohort" in jobs[0] and "cohort" in jobs[1]:
        joined = jobs[0].merge(jobs[1], on=["experiment", "cohort"], suffixes=("", "_other"))
        lonely = len(jobs[0]) + len(jobs[1]) - 2 * len(joined)
        if lonely:
            notes.append(f"{lonely:,} jobs have no counterpart: the runs were packed into other jobs, or differ")
        for name, what in (("code", "other code"), ("digest", "other runs or settings")):
            if name in joined and (count := int((joined[name] != joined[f"{name}_other"]).sum())):
                notes.append(f"{count:,} of {len(joined):,} jobs with the same name had {what}")
    records = [_read_json(folder / "environment.json") for folder in (one, other)]
    analyses = [{"commit": str(each.get("commit", "")), **each.get("versions", {})} if each else {} for each in records]
    found = {name: [each.get(name) or "not recorded" for each in analyses] for name in {**analyses[0], **analyses[1]}}
    different |= {f"{name} of the analyses": (a, b) for name, (a, b) in found.items() if a != b}
    if found and all(a == b for a, b in found.values()):
        same.append("commit and versions of the analyses")
    other_configuration = "its analyses were made with another configuration than its config.json: run make there again"
    for folder, record in zip((one, other), records, strict=True):
        known, config = record.get("configuration"), folder / "config.json"
        if known is not None and config.is_file() and known != sha256(config)[:16]:
            notes.append(f"{folder}: {other_configuration}")
    sources = [_read_json(folder / "data" / "fetch.json") for folder in (one, other)]
    first, second = (str(source.get("source", "none")) for source in sources)
    if first != second:
        different["images from"] = (first, second)
    settings = [dict(_flat(_read_json(folder / "config.json"))) for folder in (one, other)]
    changed = [key for key in {**settings[0], **settings[1]} if settings[0].get(key) != settings[1].get(key)]
    configuration = [f"{key}: {' | '.join(_shown(each, key) for each in settings)}" for key in changed]
    where = {"different": different, "same": same, "configuration": configuration}
    return {**where, "jobs": [*map(len, jobs)], "notes": notes}


def _listed(values: list[str]) -> str:
    shown = ", ".join(values[:3]) + (f", … ({len(values)} in all)" if len(values) > 3 else "")
    return shown or "not recorded"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """`a.b[0].c` → its value as text, for every leaf; a list of plain values is a leaf."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for position, inner in enumerate(value):
            yield from _flat(inner, f"{key}[{position}]")
    else:
        yield key, json.dumps(value, ensure_ascii=False)


def _shown(values: dict[str, str], key: str) -> str:
    text = values.get(key, "not there")
    return text if len(text) <= 60 else f"{text[:57]}…"


def _files(one: Path, other: Path) -> tuple[list[str], list[str]]:
    """Files beside the tables that both have: with the same bytes, with other bytes."""
    names = sorted({str(path.relative_to(one)) for pattern in FILES for path in one.glob(pattern)})
    names = [name for name in names if (other / name).is_file()]
    same = [name for name in names if sha256(one / name) == sha256(other / name)]
    return same, [name for name in names if name not in same]


def words(verdict: Verdict, *, shown: int = 8) -> str:
    """The comparison as text; of every list the first `shown` are shown."""
    return JINJA.get_template(TEMPLATE).render(verdict=verdict, shown=shown).rstrip()
