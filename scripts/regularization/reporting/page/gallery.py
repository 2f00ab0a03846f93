"""A picture of the report for the README: some of its figures on one sheet, each under the question it answers."""

from collections.abc import Mapping
from pathlib import Path

from regularization.reporting.drawing.exhibit import Entry
from regularization.reporting.drawing.sheet import sheet


def gallery(pictures: Mapping[str, Entry], figures: Path, report: Path) -> bytes:
    """The sheet as PNG, two figures a row, of title → figure in this order; `ValueError` if there is none to show."""
    if not pictures:
        raise ValueError("a gallery needs at least one figure, and this study drew none")
    drawings = {entry.svg: (figures / entry.svg).read_bytes() for entry in pictures.values()}
    listed = [{"svg": entry.svg, "alt": entry.alt, "title": title} for title, entry in pictures.items()]
    return sheet(report / "gallery.typ", listed, drawings)
