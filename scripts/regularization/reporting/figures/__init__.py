"""The report's figures: in each module a function a figure, named as the figure, None where the study lacks the data.

What they draw and hand out are numbers; the words are templates in `report/figures/`.
"""

from collections.abc import Callable
from importlib import import_module

from matplotlib.ticker import ScalarFormatter

from regularization.analysis.tables import Tables
from regularization.reporting.drawing import style
from regularization.reporting.drawing.axes import Factored
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import Exhibit


def draw(name: str, tables: Tables) -> Exhibit | None:
    """Draw one figure of the catalogue (`KeyError` if it is none); None where the study lacks the data for it."""
    style.apply()
    module = import_module(f"{__name__}.{FIGURES[name].module}")
    function: Callable[[Tables], Exhibit | None] = getattr(module, name.replace("-", "_"))
    exhibit = function(tables)
    for side in (side for axes in (exhibit.figure.axes if exhibit else ()) for side in (axes.xaxis, axes.yaxis)):
        if type(side.get_major_formatter()) is ScalarFormatter:
            side.set_major_formatter(Factored())
    return exhibit
