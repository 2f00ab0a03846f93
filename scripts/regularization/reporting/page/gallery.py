"""A picture of the report for the README: some of its figures on one sheet, each under the question it answers."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from regularization.reporting.drawing.exhibit import Entry

PIXELS_AN_INCH = 144  # the sheet is 800 points wide: 1,600 pixels


def gallery(pictures: Mapping[str, Entry], figures: Path, report: Path) -> bytes:
    """The sheet as PNG, two figures a row, of title → figure in this order; `ValueError` if there is none to show."""
    if not pictures:
        raise ValueError("a gallery needs at least one figure, and this study drew none")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for entry in pictures.values():
            (folder / entry.svg).write_bytes((figures / entry.svg).read_bytes())
        listed = [{"svg": entry.svg, "alt": entry.alt, "title": title} for title, entry in pictures.items()]
        (folder / "pictures.json").write_text(json.dumps(listed), encoding="utf-8")
        (folder / "gallery.typ").write_bytes((report / "gallery.typ").read_bytes())
        fonts: dict[str, Any] = {"font_paths": [str(report / "fonts")], "ignore_system_fonts": True}
        return typst.compile(str(folder / "gallery.typ"), format="png", ppi=PIXELS_AN_INCH, **fonts)
