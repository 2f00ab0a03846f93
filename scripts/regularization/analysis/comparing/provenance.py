"""What two studies come from: configurations, the code, versions and machines of jobs, and the analyses' versions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from regularization.system.files import sha256

# Columns of the table `provenance` that can explain a difference; times, memory and commands cannot.
EXPLAINING = (
    *("code", "commit", "python", "numpy", "scipy", "pandas", "pyarrow", "torch"),
    *("system", "device", "device_name", "instructions", "dtype", "threads"),
)


@dataclass(frozen=True)
class Provenances:
    """Where two studies' provenance differs, and where not."""

    different: dict[str, tuple[str, str]]  # what → its values in the one and the other
    same: list[str]
    jobs: tuple[int, int]
    configuration: list[str]  # keys of the configuration that differ, with both values
    notes: list[str]


def compare(one: Path, other: Path) -> Provenances:
    """Compare `config.json`, `tables/provenance.parquet`, `environment.json` and `data/fetch.json` of two folders."""
    paths = [folder / "tables" / "provenance.parquet" for folder in (one, other)]
    jobs = [pd.read_parquet(path) if path.exists() else pd.DataFrame() for path in paths]
    different, same, notes = {}, [], []
    for name in EXPLAINING:
        values = [_values(table, name) for table in jobs]
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
    analyses = [_analysis(folder) for folder in (one, other)]
    found = {name: [each.get(name) or "not recorded" for each in analyses] for name in {**analyses[0], **analyses[1]}}
    different |= {f"{name} of the analyses": (a, b) for name, (a, b) in found.items() if a != b}
    if found and all(a == b for a, b in found.values()):
        same.append("commit and versions of the analyses")
    other_configuration = "its analyses were made with another configuration than its config.json: run make there again"
    notes += [f"{folder}: {other_configuration}" for folder in (one, other) if _outdated(folder)]
    sources = [_read_json(folder / "data" / "fetch.json") for folder in (one, other)]
    first, second = (str(source.get("source", "none")) for source in sources)
    if first != second:
        different["images from"] = (first, second)
    settings = [dict(_flat(_read_json(folder / "config.json"))) for folder in (one, other)]
    changed = [key for key in {**settings[0], **settings[1]} if settings[0].get(key) != settings[1].get(key)]
    configuration = [f"{key}: {' | '.join(_shown(each, key) for each in settings)}" for key in changed]
    return Provenances(different, same, (len(jobs[0]), len(jobs[1])), configuration, notes)


def _analysis(folder: Path) -> dict[str, str]:
    """Commit and versions of a folder's analyses; empty if they were not recorded."""
    record = _read_json(folder / "environment.json")
    return {"commit": str(record.get("commit", "")), **record.get("versions", {})} if record else {}


def _outdated(folder: Path) -> bool:
    """Whether a folder's analyses are known to be of another configuration than the one that lies there."""
    recorded, config = _read_json(folder / "environment.json").get("configuration"), folder / "config.json"
    return recorded is not None and config.is_file() and recorded != sha256(config)[:16]


def _values(table: pd.DataFrame, name: str) -> list[str]:
    return sorted({str(value) for value in table[name].dropna()} - {""}) if name in table else []


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
