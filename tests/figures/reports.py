"""Reports of made-up studies, built once a test run through the same code as the real one."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import shared
from figures.drawn import draw_all
from figures.example_tables import Size, example_tables, write
from regularization.reporting.build import build
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.catalogue import FIGURES

WHOLE = Size()
TITLE = "Weight decay and dropout, measured"
SOURCES = Path(__file__).resolve().parents[2] / "report"


@dataclass(frozen=True)
class Built:
    """The files of one built report."""

    tables: Path
    figures: Path
    html: Path
    pdf: Path

    @property
    def page(self) -> str:
        return self.html.read_text(encoding="utf-8")


@cache
def report(size: Size = WHOLE) -> Built:
    """The report of a made-up study; `size` says how much of a study its tables hold."""
    name = hashlib.sha256(repr(size).encode()).hexdigest()[:16]
    return files_in(shared.once(f"report-{name}", lambda folder: _build(size, files_in(folder))))


def files_in(folder: Path) -> Built:
    """Where the files of a report are in its folder."""
    return Built(folder / "tables", folder / "figures", folder / "report.html", folder / "report.pdf")


def _build(size: Size, built: Built) -> None:
    tables = example_tables(size)
    write(tables, built.tables)
    drawn = draw_all(tables)
    for name in FIGURES:
        if name in drawn:
            exhibit.write(name, drawn[name], built.figures, TITLE)
        else:
            exhibit.write_nothing(name, built.figures, TITLE)
    build(built.tables, built.figures, SOURCES, None, built.html, built.pdf)
