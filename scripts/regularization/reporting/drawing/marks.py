"""What a drawing shows at which place: the values that the page tells a reader who points at a line, a point or a bar.

The values come from the drawn artists themselves, at the places where they were drawn, so they cannot differ from the
picture. A value is told only if the axis' own tick labels agree that it means what it says: an axis of positions with
words for labels tells the words, any other axis whose labels are not its values tells nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from regularization.reporting.words import number, plain

POINTS_PER_INCH = 72
DIGITS = 4
Reading = Callable[[float], str]  # a coordinate → what the axis says it is, "" where that is not known
Limits = tuple[float, float]
UNTOLD = "untold"  # the gid of an artist that does not stand for its value, such as one moved to where it can be seen
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass(frozen=True)
class Mark:
    """One place of a drawing and what is there. Lengths are points (1/72 in) from the drawing's top left corner."""

    place: tuple[float, ...]  # (x, y) of a point, or (left, top, right, bottom) of a bar
    x: str  # the value along the horizontal axis, in words; empty if the axis does not tell it
    y: str  # the same along the vertical axis


@dataclass(frozen=True)
class Series:
    """Marks that belong together: a line, a set of points or bars of one kind; `name` is empty if nothing names it."""

    name: str
    colour: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Panel:
    """One pair of axes: its title and what the axes measure."""

    title: str
    x: str
    y: str
    series: tuple[Series, ...]


def panels(figure: Figure) -> list[Panel]:
    """The marks of a figure that has been drawn or saved (its layout must be final), panels without any left out."""
    names = _legend_names(figure)
    found = []
    for axes in figure.axes:
        series = tuple(one for one in _series(axes, names) if one.marks)
        if series:
            title = next((text for where in ("left", "center") if (text := axes.get_title(loc=where))), "")
            found.append(Panel(" ".join(title.split()), _label(axes, "x"), _label(axes, "y"), series))
    return found


def _series(axes: Axes, names: dict[tuple[str, str], str]) -> Iterator[Series]:
    """Bars first, then lines and points, in the order in which they were drawn."""
    x, y = _reading(axes.xaxis), _reading(axes.yaxis)
    bars = [container for container in axes.containers if isinstance(container, BarContainer)]
    for container in bars:
        colour = to_hex(container.patches[0].get_facecolor()) if container.patches else ""
        yield Series(_name(container, (colour, ""), names), colour, tuple(_bar_marks(axes, container, x, y)))
    spans = _spans(axes)
    for line in axes.lines:
        if line.get_transform() == axes.transData and line.get_visible() and line.get_gid() != UNTOLD:
            colour = to_hex(line.get_color())
            xy = np.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)]).astype(float)
            marks = _point_marks(axes, xy, (x, y), [spans.get(colour, {})] * len(xy))
            yield Series(_name(line, (colour, _marker(line)), names), colour, tuple(marks))
    for dots in axes.collections:
        in_data = dots.get_offset_transform() == axes.transData and dots.get_gid() != UNTOLD
        if isinstance(dots, PathCollection) and in_data:
            xy = np.ma.filled(np.ma.asarray(dots.get_offsets(), dtype=float), np.nan)
            colours = _hexes(dots.get_facecolor()) or _hexes(dots.get_edgecolor())
            own = [spans.get(colours[i % len(colours)], {}) if colours else {} for i in range(len(xy))]
            first = colours[0] if colours else ""
            yield Series(_name(dots, (first, ""), names), first, tuple(_point_marks(axes, xy, (x, y), own)))


def _point_marks(
    axes: Axes, xy: np.ndarray, read: tuple[Reading, Reading], spans: Sequence[dict[tuple[str, float], list[Limits]]]
) -> Iterator[Mark]:
    """Marks of points inside the axes' limits, shape of `xy` (points, 2), with the span drawn through each, if any."""
    inside = np.isfinite(xy).all(axis=1)
    for column, limits in enumerate((axes.get_xlim(), axes.get_ylim())):
        inside &= (xy[:, column] >= min(limits)) & (xy[:, column] <= max(limits))
    places = _place(axes.get_figure(root=True), axes.transData.transform(xy[inside]))
    for place, (px, py), own in zip(places, xy[inside], [s for s, i in zip(spans, inside) if i], strict=True):
        words = [
            _with_span(tell, value, _through(own, which, at, value))
            for tell, which, value, at in ((read[0], "x", px, py), (read[1], "y", py, px))
        ]
        if any(words):
            yield Mark(_rounded(place), *words)


def _bar_marks(axes: Axes, container: BarContainer, x: Reading, y: Reading) -> Iterator[Mark]:
    """Marks of bars that have a length: the length along the bar, the middle's reading across it."""
    upright = container.orientation == "vertical"
    for bar in container.patches:
        left, bottom, width, height = bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()
        if not np.isfinite([left, bottom, width, height]).all() or (height if upright else width) == 0:
            continue
        corners = axes.transData.transform([(left, bottom + height), (left + width, bottom)])
        place = np.sort(_place(axes.get_figure(root=True), corners), axis=0).ravel()
        words = (x(left + width / 2), y(height)) if upright else (x(width), y(bottom + height / 2))
        if words[1 if upright else 0]:
            yield Mark(_rounded(place), *words)


def _place(figure: Figure | None, pixels: np.ndarray) -> np.ndarray:
    """Display coordinates, shape (points, 2), as points from the top left corner, where an SVG has its origin."""
    assert figure is not None
    points = np.asarray(pixels, dtype=float) * POINTS_PER_INCH / figure.dpi
    height = figure.get_figheight() * POINTS_PER_INCH
    return np.column_stack([points[:, 0], height - points[:, 1]])


def _rounded(lengths: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    return tuple(round(round(float(length), 6), 1) for length in lengths)  # the layout is that exact: no tie turns


# --- what an axis says ----------------------------------------------------------------------------------------------


def _reading(axis: Axis) -> Reading:
    """How a coordinate of this axis is told, as its tick labels have it."""
    ticks = axis.get_majorticklocs()
    labels = axis.get_major_formatter().format_ticks(list(ticks))
    told = [(float(tick), label) for tick, label in zip(ticks, labels, strict=True) if label.strip()]
    if not told:
        return lambda value: ""
    values = [(tick, value) for tick, label in told if (value := _value(label)) is not None]
    if len(values) == len(told) and all(abs(value - tick) <= 0.05 * abs(tick) + 1e-12 for tick, value in values):
        return _number
    if values:
        return lambda value: ""  # numbers, but not the coordinates: some other scale
    reach = 0.45 * min(np.diff(sorted(tick for tick, _ in told)), default=1.0)
    return lambda value: next((label for tick, label in told if abs(tick - value) <= reach), "")


def _value(label: str) -> float | None:
    """The number that a tick label is, or None: "2,000", "−0.5", "10⁻³", "3·10⁻⁴" and TeX's powers of ten."""
    text = re.sub(r"\\mathdefault|[${},]", "", label).replace("−", "-")
    power = re.fullmatch(r"(?:(-?[\d.]+)\s*(?:·|×|\\times)\s*)?10(?:\^(-?\d+)|([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))", text)
    if power:
        return float(power[1] or 1) * 10.0 ** int(power[2] or power[3].translate(SUPERSCRIPTS))
    try:
        return float(text)
    except ValueError:
        return None


def _number(value: float) -> str:
    """A grid value as it is, any other number to four significant digits."""
    short = float(f"{value:.3g}")
    return plain(short) if np.isclose(short, value, rtol=1e-9) and 1e-4 <= abs(short) < 1e6 else number(value, DIGITS)


def _with_span(tell: Reading, value: float, span: Limits | None) -> str:
    words = tell(value)
    if not span or _value(words) is None:
        return words
    return f"{words} ({tell(span[0])} to {tell(span[1])})"


def _label(axes: Axes, which: str) -> str:
    """The axis' label, or that of the axes it is shared with."""
    shared = (axes.get_shared_x_axes if which == "x" else axes.get_shared_y_axes)().get_siblings(axes)
    texts = [getattr(one, f"get_{which}label")() for one in (axes, *(one for one in shared if one is not axes))]
    return next((" ".join(text.split()) for text in texts if text), "")


# --- whose mark it is -----------------------------------------------------------------------------------------------


def _name(artist: Artist | BarContainer, look: tuple[str, str], names: dict[tuple[str, str], str]) -> str:
    """The artist's own label, else that of the one legend entry that looks like it."""
    label = str(artist.get_label())
    return names.get(look, "") if label.startswith("_") or not label else label


def _legend_names(figure: Figure) -> dict[tuple[str, str], str]:
    """(colour, marker) → the legend's words for it; a look that two entries share names nothing."""
    legends = [*figure.legends, *(legend for axes in figure.axes if (legend := axes.get_legend()))]
    names: dict[tuple[str, str], set[str]] = {}
    for legend in legends:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            look = _look(handle)
            if look is not None:
                names.setdefault(look, set()).add(text.get_text())
    return {look: words.pop() for look, words in names.items() if len(words) == 1}


def _look(handle: Artist | None) -> tuple[str, str] | None:
    if isinstance(handle, Line2D):
        return to_hex(handle.get_color()), _marker(handle)
    if isinstance(handle, Rectangle):
        return to_hex(handle.get_facecolor()), ""
    return None


def _hexes(colours: Any) -> list[str]:
    """A collection's colours, shape (colours, 4)."""
    return [to_hex(colour) for colour in np.atleast_2d(colours)] if len(colours) else []


def _marker(line: Line2D) -> str:
    marker = str(line.get_marker())
    return "" if marker in ("None", "none", " ") else marker


# --- intervals and bands --------------------------------------------------------------------------------------------


def _spans(axes: Axes) -> dict[str, dict[tuple[str, float], list[Limits]]]:
    """Colour → (axis it runs along, where on the other) → intervals: upright or level strokes, and pale bands."""
    spans: dict[str, dict[tuple[str, float], list[Limits]]] = {}
    for collection in (one for one in axes.collections if one.get_gid() != UNTOLD):
        for colour, which, at, limits in (
            _strokes(collection)
            if isinstance(collection, LineCollection)
            else (_band(collection) if isinstance(collection, PolyCollection) else ())
        ):
            spans.setdefault(colour, {}).setdefault((which, at), []).append(limits)
    return spans


def _strokes(strokes: LineCollection) -> Iterator[tuple[str, str, float, Limits]]:
    colours = _hexes(strokes.get_color())
    for i, segment in enumerate(strokes.get_segments()):
        if len(segment) == 2 and colours:
            (x0, y0), (x1, y1) = np.asarray(segment, dtype=float)
            colour = colours[i % len(colours)]
            if (x0, y0) == (x1, y1):
                continue
            if x0 == x1:
                yield colour, "y", x0, (min(y0, y1), max(y0, y1))
            elif y0 == y1:
                yield colour, "x", y0, (min(x0, x1), max(x0, x1))


def _band(band: Collection) -> Iterator[tuple[str, str, float, Limits]]:
    """A band's limits at each of its corners; an area that is not pale is a quantity of its own, no interval."""
    colours = band.get_facecolor()
    if len(colours) != 1 or to_rgba(colours[0])[3] >= 0.5:
        return
    colour = to_hex(colours[0])
    for path in band.get_paths():
        corners = np.asarray(path.vertices, dtype=float)
        for x in np.unique(corners[:, 0]):
            heights = corners[corners[:, 0] == x, 1]
            yield colour, "y", float(x), (float(heights.min()), float(heights.max()))


def _through(own: dict[tuple[str, float], list[Limits]], which: str, at: float, value: float) -> Limits | None:
    """The one interval that runs through a point; None if there is none, or more than one."""
    around = {limits for limits in own.get((which, float(at)), []) if limits[0] <= value <= limits[1]}
    return around.pop() if len(around) == 1 else None
