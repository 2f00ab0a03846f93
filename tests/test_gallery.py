"""The picture for the README: figures of this study, in a file that a web page can carry."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from figures.example_tables import SMOKE
from figures.reports import SOURCES, report
from regularization.figures import exhibit
from regularization.reporting.gallery import gallery, headline

ROOT = Path(__file__).resolve().parents[1]


def drawn(data: bytes) -> np.ndarray:
    """The picture's pixels, shape (height, width, 3), from 0 to 1."""
    return imread(io.BytesIO(data), format="png")[..., :3]


def test_it_is_a_sheet_of_figures_on_white_and_small() -> None:
    entries = list(exhibit.read(report().figures).values())[:4]
    data = gallery(entries, report().figures, SOURCES)
    pixels = drawn(data)
    assert pixels.shape[1] == 1600
    assert (pixels[0] == 1).all()
    assert len(data) < 300_000
    for rows in np.array_split(np.arange(len(pixels)), 2):
        for columns in np.array_split(np.arange(1600), 2):
            quarter = pixels[np.ix_(rows, columns)]
            assert (quarter < 0.9).any(axis=2).mean() > 0.01, "something is drawn in every quarter"
            colourful = quarter.max(axis=2) - quarter.min(axis=2) > 0.2
            assert colourful.any(), "and not in grey alone"


def test_it_shows_what_it_is_asked_for() -> None:
    entries = list(exhibit.read(report().figures).values())
    one, other = (gallery(some, report().figures, SOURCES) for some in (entries[:4], entries[4:8]))
    assert one != other
    assert one == gallery(entries[:4], report().figures, SOURCES)


def test_a_headline_is_the_finding_in_plain_words() -> None:
    assert headline("**λ\\* is 0.4 and\n‖w‖ small.** Dotted line: **theory**.") == "λ* is 0.4 and ‖w‖ small."
    assert headline("No finding.") == "No finding."


def test_a_study_without_figures_has_no_gallery() -> None:
    with pytest.raises(ValueError, match="at least one figure"):
        gallery([], report().figures, SOURCES)


def test_the_program_fills_the_sheet_with_what_a_small_study_has(tmp_path: Path) -> None:
    figures = report(SMOKE).figures
    names = set(exhibit.read(figures))
    command = [sys.executable, ROOT / "scripts" / "make_gallery.py", "--figures", figures, "--output", tmp_path / "g.png"]
    subprocess.run([*map(str, command), "--report", str(SOURCES)], check=True, capture_output=True)
    assert len(names) >= 1
    assert drawn((tmp_path / "g.png").read_bytes()).shape[1] == 1600
