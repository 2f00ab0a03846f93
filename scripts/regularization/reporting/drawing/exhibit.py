"""An exhibit: a figure with the facts and the data that belong to it, and how it is stored.

Its words are the template `report/figures/{name}.md.j2`, whose blocks `caption` and `alt` say what the facts are: the
caption, in Markdown, states the finding and then how to read the picture; the alt text says in plain words, for a
reader who cannot see the picture, what is drawn, which axes and what shape.

Stored it is `{name}.svg`, the same for a phone as `{name}.narrow.svg`, the data behind it as `{name}.csv`, a slide with
its title as `{name}.png`, and `{name}.json` with its words. A figure that the study lacks the data for has them too,
saying so; `read` leaves it out.
"""

import io
import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import typst
from matplotlib.figure import Figure

from regularization.reporting.drawing import vector
from regularization.reporting.drawing.captions import restructured, title
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.narrow import narrow
from regularization.reporting.wording import render
from regularization.system.errors import UserError
from regularization.system.files import AGAIN, read_json, write_bytes
from regularization.system.wording import REPORT


@dataclass(frozen=True)
class Exhibit:
    """One figure of the report."""

    figure: Figure
    facts: Mapping[str, Any]  # what its template names: numbers, names and conditions, computed from the data
    data: pd.DataFrame  # what is drawn, one row a mark


def counted(cells: pd.DataFrame) -> dict[str, list[int]]:
    """How many runs are behind each mean, and how many diverged or collapsed: the facts `n` and `n_diverged`."""
    return {name: [int(value) for value in cells[name]] for name in ("n", "n_diverged")}


@dataclass(frozen=True)
class Entry:
    """An exhibit's words, as they are stored: its name, caption and alt text."""

    name: str
    caption: str
    alt: str

    @property
    def title(self) -> str:
        """What the figure says, as plain text: the bold sentence that its caption begins with; empty without one."""
        return title(self.caption)

    def file(self, suffix: str) -> str:
        """The name of one of its files, such as "svg", "narrow.svg" or "csv"."""
        return f"{self.name}.{suffix}"


def svg_text(figure: Figure, name: str, *, again: bool = False) -> str:
    """The drawing as SVG with its values, byte-identical from run to run: ids from `name`, no date, no version.

    `again`: the values are stored with another drawing of the figure.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")  # the page and the PDF have no other typeface
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return vector.finished(buffer.getvalue(), figure, again=again)


def entry(name: str, exhibit: Exhibit) -> Entry:
    """The words of an exhibit, rendered from its facts; `ValueError` if the alt text repeats the caption."""
    caption, alt = (render(f"figures/{name}.md.j2", exhibit.facts, block) for block in ("caption", "alt"))
    if alt == caption:
        raise ValueError(f"figure {name!r}: the alt text must describe the picture, not repeat the caption")
    return Entry(name, caption, alt)


def slide(entry: Entry, svg: str, report: str) -> bytes:
    """The drawing between its title and the report's on a page of 16 : 9, as PNG of 1,920 × 1,080 pixels."""
    shown = {"title": entry.title, "report": report, "svg": entry.file("svg"), "alt": entry.alt}
    files = {"main": (REPORT / "slide.typ").read_bytes(), "shown.json": json.dumps(shown).encode()}
    fonts: dict[str, Any] = {"font_paths": [str(REPORT / "fonts")], "ignore_system_fonts": True}
    return typst.compile({**files, shown["svg"]: svg.encode()}, format="png", ppi=2 * 72, **fonts)  # two pixels a point


def write(name: str, exhibit: Exhibit, folder: Path, report: str) -> None:
    """Write an exhibit's files, the words last; its figure is narrow afterwards. `report` is the report's title."""
    csv = csv_text(exhibit.data)
    svg = svg_text(exhibit.figure, name)
    narrowed = svg_text(exhibit.figure, f"{name}-narrow", again=True) if narrow(exhibit.figure) else svg
    _write(entry(name, exhibit), svg, narrowed, csv, folder, report)


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV, numbers to six digits; λ to more where six do not tell them apart."""
    if "lam" in table and table["lam"].map("{:.6g}".format).nunique() < table["lam"].nunique(dropna=False):
        table = table.assign(lam=table["lam"].map("{:.15g}".format, na_action="ignore"))
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def write_nothing(name: str, folder: Path, report: str) -> None:
    """Write the files of a figure that this study lacks the data for."""
    words = f"Not drawn: this study lacks the data for the figure {name}."
    svg = _EMPTY.format(words=words)
    _write(Entry(name, "", words), svg, svg, "", folder, report)


_EMPTY = """<svg xmlns="http://www.w3.org/2000/svg" width="480" height="40" viewBox="0 0 480 40">
<text x="8" y="25" font-family="sans-serif" font-size="13">{words}</text>
</svg>
"""


def _write(entry: Entry, svg: str, narrowed: str, csv: str, folder: Path, report: str) -> None:
    write_bytes(svg.encode(), folder / entry.file("svg"))
    write_bytes(narrowed.encode(), folder / entry.file("narrow.svg"))
    write_bytes(csv.encode(), folder / entry.file("csv"))
    write_bytes(slide(entry, svg, report), folder / entry.file("png"))
    write_bytes(restructured(entry.caption or entry.alt).encode(), folder / entry.file("rst"))
    write_bytes((json.dumps(vars(entry), indent=1, ensure_ascii=False) + "\n").encode(), folder / entry.file("json"))


def read(folder: Path, names: Iterable[str] = FIGURES) -> dict[str, Entry]:
    """Those of some figures that are drawn, by name, in their order; `UserError` if one is missing or damaged."""
    entries = [_entry(folder / f"{name}.json") for name in names]
    return {entry.name: entry for entry in entries if entry.caption}


def _entry(path: Path) -> Entry:
    content = read_json(path)
    try:
        return Entry(**content)
    except TypeError as error:
        raise UserError(f"{path} was written by another version of this program ({error}): {AGAIN}") from error
