"""An exhibit: a figure with the words and the data that belong to it, and how a set of them is stored."""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from regularization.files import write_bytes

MANIFEST = "figures.json"


@dataclass(frozen=True)
class Exhibit:
    """One figure of the report.

    Attributes:
        name: file name without suffix, also its anchor in the report.
        section: the report section it stands in.
        figure: the drawing.
        caption: Markdown that states the finding, computed from the data, then how to read the picture.
        alt: plain words for a reader who cannot see the picture: what is drawn, which axes, what shape.
        data: what is drawn, one row a mark.
    """

    name: str
    section: str
    figure: Figure
    caption: str
    alt: str
    data: pd.DataFrame


@dataclass(frozen=True)
class Entry:
    """An exhibit as the manifest lists it; `svg` and `data` are file names beside the manifest."""

    name: str
    section: str
    caption: str
    alt: str
    svg: str
    data: str


def svg_text(figure: Figure, name: str) -> str:
    """The drawing as SVG, byte-identical from run to run: ids come from `name`, no date, no program version."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")  # the page and the PDF have no other typeface
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return buffer.getvalue()


def write(exhibits: list[Exhibit], folder: Path) -> None:
    """Write `{name}.svg` and `{name}.csv` for each exhibit and the manifest last; names that are gone are removed.

    Raises:
        ValueError: if two exhibits share a name, or alt text repeats the caption.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, str]] = []
    for exhibit in exhibits:
        if any(entry["name"] == exhibit.name for entry in entries):
            raise ValueError(f"two figures are called {exhibit.name!r}")
        if exhibit.alt.strip() == exhibit.caption.strip():
            raise ValueError(f"figure {exhibit.name!r}: the alt text must describe the picture, not repeat the caption")
        entry = Entry(
            exhibit.name, exhibit.section, exhibit.caption, exhibit.alt, f"{exhibit.name}.svg", f"{exhibit.name}.csv"
        )
        write_bytes(svg_text(exhibit.figure, exhibit.name).encode(), folder / entry.svg)
        csv = exhibit.data.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        write_bytes(csv.encode(), folder / entry.data)
        entries.append(vars(entry))
    for stale in [*folder.glob("*.svg"), *folder.glob("*.csv")]:
        if stale.stem not in {entry["name"] for entry in entries}:
            stale.unlink()
    write_bytes((json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode(), folder / MANIFEST)


def read(folder: Path) -> dict[str, Entry]:
    """The manifest of a folder of figures, by name, in the report's order."""
    entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {entry["name"]: Entry(**entry) for entry in entries}
