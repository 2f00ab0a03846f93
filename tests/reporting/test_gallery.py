"""Figures as pictures: the sheet for the README, in a file that a web page can carry, and a slide of each."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from figures.example_tables import SMOKE
from figures.reports import SOURCES, TITLE, report
from regularization.reporting.drawing import exhibit
from regularization.reporting.page.gallery import gallery
from studies import program


def drawn(data: bytes) -> np.ndarray:
    """The picture's pixels, shape (height, width, 3), from 0 to 1."""
    return imread(io.BytesIO(data), format="png")[..., :3]


def pictures(n: int, start: int = 0) -> dict[str, exhibit.Entry]:
    """Some of the example's figures under their names."""
    return dict([*exhibit.read(report().figures).items()][start : start + n])


def test_the_sheet_is_small_on_white_and_shows_what_it_is_asked_for_the_same_every_time() -> None:
    data = gallery(pictures(4), report().figures, SOURCES)
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
    assert drawn(gallery(pictures(3), report().figures, SOURCES)).shape[1] == 1600
    with pytest.raises(ValueError, match="at least one figure"):
        gallery({}, report().figures, SOURCES)
    one, other = (gallery(some, report().figures, SOURCES) for some in (pictures(4), pictures(4, start=4)))
    assert one != other
    assert one == gallery(pictures(4), report().figures, SOURCES)
    renamed = {f"Question {i}?": entry for i, entry in enumerate(pictures(4).values())}
    assert one != gallery(renamed, report().figures, SOURCES), "the titles are on it"


def test_the_program_fills_the_sheet_with_what_a_small_study_has(tmp_path: Path) -> None:
    figures = report(SMOKE).figures
    names = set(exhibit.read(figures))
    options = ("--figures", figures, "--report", SOURCES, "--output", tmp_path / "g.png")
    program("make_gallery", *options, check=True)
    assert len(names) >= 1
    assert drawn((tmp_path / "g.png").read_bytes()).shape[1] == 1600


def test_a_slide_is_white_of_16_to_9_with_its_title_and_the_same_every_time() -> None:
    entry = exhibit.read(report().figures)["weight-decay-account"]
    svg = (report().figures / entry.svg).read_text(encoding="utf-8")
    stored = (report().figures / f"{entry.name}.png").read_bytes()
    assert exhibit.slide(entry, svg, TITLE) == stored
    pixels = drawn(stored)
    assert pixels.shape == (1080, 1920, 3)
    assert (pixels[[0, -1]] == 1).all()
    changed = drawn(exhibit.slide(replace(entry, caption="**Another title.** A caption."), svg, TITLE))
    assert (changed[:120] != pixels[:120]).any(), "the title is on it"
    assert (changed[-70:] == pixels[-70:]).all()
    assert (pixels[-70:] < 0.6).any(), "and the source"
