"""The files that the page carries, so that a reader can take them along, and where the other tables lie."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from regularization.analysis.catalogue import TABLES
from regularization.analysis.tables import Tables
from regularization.reporting.drawing import vector
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import Entry, csv_text
from regularization.reporting.page.markdown import DOWNLOAD
from regularization.reporting.words import listing

LARGE = 2_000  # rows from which on a table is compressed
CARRIED = sorted(  # the ledger first; the figures of the examples carry those
    (name for name, table in TABLES.items() if table.csv and name != "examples"),
    key=lambda name: TABLES[name].stage != "ledger",
)


def files(study: Tables, figures: Mapping[str, Entry], folder: Path, configuration: str) -> dict[str, bytes]:
    """File name → content: data and drawing of the figures in `folder`, the smaller tables, the configuration."""
    carried = {csv: (folder / csv).read_bytes() for csv in (entry.file("csv") for entry in figures.values())}
    for svg in (entry.file("svg") for entry in figures.values()):
        carried[svg] = vector.bare((folder / svg).read_text(encoding="utf-8")).encode()
    for name in carried_tables(study):
        csv = csv_text(study.table(name)).encode()
        file = _file(study, name)
        carried[file] = gzip.compress(csv, compresslevel=9, mtime=0) if file.endswith(".gz") else csv  # no time stamp
    return carried | ({"config.json": configuration.encode()} if configuration else {})


def carried_tables(study: Tables) -> list[str]:
    """The tables that the page carries; one that the study lacks, or that is empty, is left out."""
    return [name for name in CARRIED if not study.table(name).empty]


def links(study: Tables, configuration: str) -> str:
    """Markdown: a link to each table, and to the configuration."""
    named = {name: _file(study, name) for name in carried_tables(study)}
    named |= {"configuration": "config.json"} if configuration else {}
    named = {"jobs" if words == "provenance" else words: name for words, name in named.items()}
    packed = {words: f"{words} (gzip)" if name.endswith(".gz") else words for words, name in named.items()}
    return ", ".join(f"[{packed[words]}]({DOWNLOAD}{name}){{.data}}" for words, name in named.items())


def _file(study: Tables, name: str) -> str:
    """The table's file in the page: no figure's data have its name."""
    stem = f"{name}-table" if name in FIGURES else name
    return f"{stem}.csv.gz" if len(study.table(name)) >= LARGE else f"{stem}.csv"


def not_carried(study: Tables, configuration: str) -> str:
    """Markdown: the paths of the tables that the page does not carry, from the project's folder."""
    results = json.loads(configuration).get("results", "results") if configuration else "results"
    there = sorted(path.name for path in study.folder.glob("[!.]*.parquet")) if study.folder else []
    return listing(f"`{results}/tables/{name}`" for name in there if Path(name).stem not in carried_tables(study))
