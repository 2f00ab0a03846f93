"""Drawings on a sheet of their own, as a PNG: a Typst template in the report's typefaces."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

PIXELS_AN_INCH = 144  # two a point


def sheet(template: Path, shown: Any, drawings: Mapping[str, bytes]) -> bytes:
    """The PNG of a template of `report/`, which reads `shown` from shown.json and drawings (SVG) by file name."""
    files = {"main": template.read_bytes(), "shown.json": json.dumps(shown).encode(), **drawings}
    fonts: dict[str, Any] = {"font_paths": [str(template.parent / "fonts")], "ignore_system_fonts": True}
    return typst.compile(files, format="png", ppi=PIXELS_AN_INCH, **fonts)
