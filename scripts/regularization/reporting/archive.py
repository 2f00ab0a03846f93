"""A results folder told to machines: `datapackage.json`, its tables, and `ro-crate-metadata.json`, all of its files.

Words and form are the templates in `report/archive/`, columns those of the tables, units and meanings the dictionary's.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from regularization.analysis.catalogue import TABLES, key_of
from regularization.analysis.dictionary import Column, Section, described
from regularization.reporting.wording import render
from regularization.system.files import check_columns, sha256, write_bytes
from regularization.system.wording import REPORT

KINDS = {"int": "integer", "uint": "integer", "float": "number", "double": "number", "bool": "boolean"}
KINDS |= {"string": "string", "large_string": "string"}  # Parquet's types but for their sizes → a package's


def authors() -> dict[str, str]:
    """Who made the study, what the sources are called, and their licence."""
    said = yaml.safe_load((REPORT.parent / "CITATION.cff").read_text(encoding="utf-8"))
    return {"authors": said["authors"][0]["name"], "software": said["title"], "licence": said["license"]}


def write(results: Path, facts: Mapping[str, Any]) -> None:
    """Write the two files; `facts` are title, subtitle, commit, the report's day ("2026-11-05", or None), `authors`."""
    names = [*TABLES, *sorted(path.stem for path in (results / "tables").glob("predictions_*.parquet"))]
    tables = [table(results, name) for name in names if (results / "tables" / f"{name}.parquet").is_file()]
    _write(results / "datapackage.json", {**facts, "tables": tables})
    there = [path for folder in ("", "tables", "figures") for path in sorted((results / folder).glob("[!.]*.*"))]
    _write(results / "ro-crate-metadata.json", {**facts, "there": [_file(results, path) for path in there]})


def table(results: Path, name: str) -> dict[str, Any]:
    """One table as a resource of a Data Package, in its CSV where it is stored as that too."""
    parquet = results / "tables" / f"{name}.parquet"
    check_columns(parquet)
    path = csv if (csv := parquet.with_suffix(".csv")).is_file() else parquet
    section, fields = described().get(name, Section()), []
    for field in pq.read_schema(parquet):
        _, unit, meaning = section.columns.get(field.name, Column())
        kind = KINDS.get(str(field.type).rstrip("0123456789"), "any")
        told = {"name": field.name, "type": kind, "unit": unit, "description": meaning}
        fields.append({name: value for name, value in told.items() if value})
    return {
        **_file(results, path),
        "name": name,
        "type": "table" if path == csv else "file",  # what checks a package reads rows of CSVs only
        "format": path.suffix[1:],
        "hash": f"sha256:{sha256(path)}",
        "description": " ".join(section.text.strip().split("\n\n")[0].split()).partition(": ")[2],
        "schema": {"fields": fields, "primaryKey": key_of(name)},
    }


def _file(results: Path, path: Path) -> dict[str, Any]:
    return {"path": path.relative_to(results).as_posix(), "bytes": path.stat().st_size}


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    text = json.dumps(json.loads(render(f"archive/{path.name}.j2", facts)), indent=1, ensure_ascii=False)
    write_bytes(f"{text}\n".encode(), path)
