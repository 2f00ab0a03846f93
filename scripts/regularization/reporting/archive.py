"""A results folder told to machines: `datapackage.json`, its tables, and `ro-crate-metadata.json`, all of its files.

Words and form are the templates in `report/archive/`, columns those of the tables, units and meanings the dictionary's.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from regularization.analysis.catalogue import TABLES, key_of
from regularization.analysis.dictionary import Column, Section, described
from regularization.reporting.wording import render
from regularization.system.files import check_columns, sha256, write_bytes
from regularization.system.wording import REPORT

CITATION = REPORT.parent / "CITATION.cff"
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json"}
FORMATS |= {"html": "text/html", "pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}
FORMATS |= {"md": "text/markdown", "rst": "text/x-rst"}
RECORDS = (
    *("README.md", "config.json", "plan.parquet", "left_out.csv", "claims.json", "controls.json", "environment.json"),
    *("report.html", "report.pdf", "datapackage.json"),
)
KINDS = {
    "integer": pa.types.is_integer,
    "number": pa.types.is_floating,
    "boolean": pa.types.is_boolean,
    "string": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
}


def authors() -> dict[str, str]:
    """Who made the study, what the sources are called, and their licence."""
    said = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    return {"authors": said["authors"][0]["name"], "software": said["title"], "licence": said["license"]}


def write(results: Path, facts: Mapping[str, Any]) -> None:
    """Write the two files beside the folders tables and figures; `facts` are title, subtitle, date, commit, authors."""
    names = [*TABLES, *sorted(path.stem for path in (results / "tables").glob("predictions_*.parquet"))]
    tables = [table(results, name) for name in names if (results / "tables" / f"{name}.parquet").is_file()]
    _write(results / "datapackage.json", {**facts, "tables": tables})
    there = [results / name for name in RECORDS if (results / name).is_file()]
    there += [path for folder in ("tables", "figures") for path in sorted((results / folder).glob("[!.]*.*"))]
    _write(results / "ro-crate-metadata.json", {**facts, "files": [_file(results, path) for path in there]})


def table(results: Path, name: str) -> dict[str, Any]:
    """One table as a resource of a Data Package, in its CSV where it is stored as that too."""
    parquet = results / "tables" / f"{name}.parquet"
    check_columns(parquet)
    path = csv if (csv := parquet.with_suffix(".csv")).is_file() else parquet
    section = described().get(name, Section())
    fields = []
    for field in pq.read_schema(parquet):
        column = section.columns.get(field.name, Column("", ""))
        kind = next((kind for kind, of_it in KINDS.items() if of_it(field.type)), "any")
        told = {"name": field.name, "type": kind, "unit": column.unit, "description": column.meaning}
        fields.append({name: value for name, value in told.items() if value})
    return {
        "name": name,
        **_file(results, path),
        "type": "table" if path == csv else "file",  # what checks a package reads rows of CSVs only
        "format": path.suffix[1:],
        "hash": f"sha256:{sha256(path)}",
        "description": " ".join(section.text.strip().split("\n\n")[0].split()).partition(": ")[2],
        "schema": {"fields": fields, "primaryKey": key_of(name)},
    }


def _file(results: Path, path: Path) -> dict[str, Any]:
    found = (
        path.relative_to(results).as_posix(),
        FORMATS.get(path.suffix[1:], "application/octet-stream"),
        path.stat().st_size,
    )
    return dict(zip(("path", "mediatype", "bytes"), found, strict=True))


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    text = json.dumps(json.loads(render(f"archive/{path.name}.j2", facts)), indent=1, ensure_ascii=False)
    write_bytes(f"{text}\n".encode(), path)
