"""Figures of the report as a test looks at them: the drawing, its data and its words together."""

from dataclasses import dataclass

import pandas as pd
import pytest
from matplotlib.figure import Figure

from figures.example_tables import Size, example_tables
from regularization.analysis.tables import Tables
from regularization.reporting.drawing import style
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import Exhibit, entry
from regularization.reporting.figures import draw


@dataclass(frozen=True)
class Drawn:
    """An exhibit and what its words say."""

    name: str
    exhibit: Exhibit
    caption: str
    alt: str

    @property
    def figure(self) -> Figure:
        return self.exhibit.figure

    @property
    def data(self) -> pd.DataFrame:
        return self.exhibit.data

    @property
    def finding(self) -> str:
        """The bold sentence that a caption begins with."""
        return self.caption.split("**")[1]


def shown(name: str, tables: Tables) -> Drawn:
    """A figure that the study has the data for."""
    exhibit = draw(name, tables)
    assert exhibit is not None, f"{name} was not drawn"
    return _worded(name, exhibit)


def draw_all(tables: Tables) -> dict[str, Exhibit]:
    """Every figure that the study has the data for, by name, in the report's order."""
    drawn = {name: draw(name, tables) for name in FIGURES}
    return {name: exhibit for name, exhibit in drawn.items() if exhibit is not None}


def all_shown(tables: Tables) -> dict[str, Drawn]:
    return {name: _worded(name, exhibit) for name, exhibit in draw_all(tables).items()}


def _worded(name: str, exhibit: Exhibit) -> Drawn:
    words = entry(name, exhibit)
    return Drawn(name, exhibit, words.caption, words.alt)


def styled(size: Size = Size()):  # noqa: B008
    """A fixture for a module: the made-up study of a size, to be drawn in the report's style."""

    @pytest.fixture(scope="module")
    def tables() -> Tables:
        style.apply()
        return example_tables(size)

    return tables
