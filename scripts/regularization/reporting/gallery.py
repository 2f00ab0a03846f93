"""A picture of the report for the README: some of its figures on one sheet, each under the finding it shows."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typst

from regularization.figures.exhibit import Entry

PIXELS_AN_INCH = 144  # the sheet is 800 points wide: 1,600 pixels
_STRONG = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def gallery(entries: Sequence[Entry], figures: Path, report: Path) -> bytes:
    """Return the sheet as PNG, 1,600 pixels wide, two figures a row.

    Args:
        entries: the figures to show, in this order.
        figures: the folder where they lie.
        report: the report's sources: gallery.typ, fonts/.

    Raises:
        ValueError: if there is no figure to show.
    """
    if not entries:
        raise ValueError("a gallery needs at least one figure; this study drew none of those asked for")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for entry in entries:
            (folder / entry.svg).write_bytes((figures / entry.svg).read_bytes())
        pictures = [{"svg": entry.svg, "alt": entry.alt, "headline": headline(entry.caption)} for entry in entries]
        (folder / "pictures.json").write_text(json.dumps(pictures), encoding="utf-8")
        (folder / "gallery.typ").write_bytes((report / "gallery.typ").read_bytes())
        return typst.compile(
            str(folder / "gallery.typ"),
            format="png",
            ppi=PIXELS_AN_INCH,
            font_paths=[str(report / "fonts")],
            ignore_system_fonts=True,
        )


def headline(caption: str) -> str:
    """The finding that a caption begins with, as plain text: "**λ\\* = 0.4.** Dotted …" → "λ* = 0.4."."""
    strong = _STRONG.search(caption)
    words = strong[1] if strong else caption
    return re.sub(r"\\([^\w\s])", r"\1", " ".join(words.split()))
