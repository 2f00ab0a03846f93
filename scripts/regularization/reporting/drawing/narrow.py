"""A finished figure laid out anew for a phone: its panels stand one below the other, and its type keeps its size."""

import textwrap
from collections.abc import Iterable, Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

WIDTH = 3.9  # inches: over the width of a phone's page 8 points are 10 CSS pixels


def narrow(figure: Figure) -> bool:
    """Make a drawn figure `WIDTH` wide, and so high that its panels keep their heights; False if it lays out itself."""
    panels = [axes for axes in figure.axes if axes.get_subplotspec()]
    if not panels or len(panels) < len(figure.axes):
        return False
    heights = {axes: axes.get_window_extent().height / figure.dpi for axes in panels}
    panels = _stacked(panels)
    grid = figure.add_gridspec(len(panels), height_ratios=[heights[axes] for axes in panels])
    for i, axes in enumerate(panels):
        axes.set_subplotspec(grid[i])
        _break_up(axes.get_yticklabels(), 0.4 * WIDTH * figure.dpi, axes.yaxis)
    figure.set_size_inches(WIDTH, sum(heights.values()) + len(panels) + 2)  # labels and legends need less
    _fit_legends(figure)
    for _ in range(2):
        figure.draw_without_rendering()
        for axes in panels:
            _fit_words(axes)
        figure.draw_without_rendering()
        missing = sum(heights[axes] - axes.get_window_extent().height / figure.dpi for axes in panels)
        figure.set_figheight(figure.get_figheight() + missing)
    return True


def _stacked(panels: Sequence[Axes]) -> list[Axes]:
    """The panels from top to bottom, each with the labels that others beside or below it had for it.

    Where only the first row has titles they are for columns: the panels of a column then stay together.
    """
    places = {axes: spec for axes in panels if (spec := axes.get_subplotspec())}
    row, column = ({axes: getattr(places[axes], of).start for axes in panels} for of in ("rowspan", "colspan"))
    by_column = not any(axes.get_title(loc="left") for axes in panels if row[axes] > 0)
    for axes in panels:
        if not axes.yaxis.get_tick_params()["labelleft"] or not axes.get_ylabel():
            beside = [other for other in panels if row[other] == row[axes] and other.get_ylim() == axes.get_ylim()]
            axes.tick_params(labelleft=any(other.yaxis.get_tick_params()["labelleft"] for other in beside))
            axes.set_ylabel(next((text for other in beside if (text := other.get_ylabel())), ""))
        if not by_column:
            below = [other for other in panels if column[other] == column[axes]]
            axes.tick_params(labelbottom=True)
            axes.set_xlabel(next((text for other in (axes, *below) if (text := other.get_xlabel())), ""))
    return sorted(panels, key=lambda axes: (column[axes], row[axes]) if by_column else (row[axes], column[axes]))


def _fit_legends(figure: Figure) -> None:
    """Put the entries of a legend above the panels in as many columns as there is room for."""
    for legend in list(figure.legends):
        entries = {"handles": legend.legend_handles, "labels": [text.get_text() for text in legend.get_texts()]}
        kept = {"handlelength": legend.handlelength, "columnspacing": legend.columnspacing}
        for columns in range(len(legend.legend_handles), 0, -1):
            legend.remove()
            legend = figure.legend(**entries, **kept, loc="outside upper left", ncols=columns)
            if legend.get_window_extent().width <= figure.bbox.width:
                break


def _fit_words(axes: Axes) -> None:
    """Break titles and labels that are too long into lines, and leave out ticks whose words meet."""
    box = axes.get_window_extent()
    titles = [text for text in axes.get_children() if isinstance(text, Text) and text not in axes.texts]
    for text, room in ((axes.yaxis.label, box.height), *((text, box.width) for text in (axes.xaxis.label, *titles))):
        _break_up([text], room)
    labels = [label for label in axes.get_xticklabels() if label.get_text() and label.get_visible()]
    if any(one.get_window_extent().x1 > next.get_window_extent().x0 for one, next in pairwise(labels)):
        axes.set_xticks(axes.get_xticks()[::2])


def _break_up(texts: Iterable[Text], room: float, axis: Axis | None = None) -> None:
    """Break texts so that the longest fits into the room, in pixels; an axis' labels come from its formatter."""
    sizes = [(max(box.width, box.height), text) for text in texts if (box := text.get_window_extent())]
    longest, text = max(sizes, key=lambda one: one[0], default=(0.0, Text()))
    if longest <= room:
        return
    most = max(int(room / longest * max(len(line) for line in text.get_text().split("\n"))), 8)
    if axis is None:
        text.set_text(textwrap.fill(text.get_text(), most))
    else:
        written = axis.get_major_formatter()
        axis.set_major_formatter(FuncFormatter(lambda value, place: textwrap.fill(written(value, place), most)))
