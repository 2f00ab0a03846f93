"""Drawing habits that several figures share: the λ axis with a zero on it, curves with bands, one legend."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)

from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import MUTED, WIDTH, Look
from regularization.reporting.words import SUPERSCRIPTS, plain

DECADES = [m * 10.0**e for e in range(-12, 31) for m in (1, 3)]


def panels(height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, np.ndarray]:
    """A figure as wide as the text, `height` inches high, and its axes, shape (rows, columns)."""
    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def log_limits(axis: Axes, low: float, high: float) -> None:
    """The ends of a logarithmic y axis, where they are ends of one; else matplotlib finds its own."""
    if 0 < low < high < np.inf:
        axis.set_ylim(low, high)


def lambda_axis(
    axis: Axes, lams: Sequence[float] | np.ndarray, label: str = "regularization strength λ", most_ticks: int = 8
) -> None:
    """A logarithmic λ axis whose left end is λ = 0 itself, one step left of the smallest λ > 0."""
    values = np.unique(np.asarray(lams, dtype=float))
    smallest = min(values[values > 0], default=1.0)
    axis.set_xscale("symlog", linthresh=smallest, linscale=0.4)
    ticks = [0.0, *(tick for tick in DECADES if smallest <= tick <= values.max() * 1.01)]
    if len(ticks) > most_ticks:  # every other one: whole powers of ten
        ticks = [tick for tick in ticks if tick == 0 or np.isclose(np.log10(tick) % 1, 0)]
    if len(ticks) > 2 * most_ticks:  # over a great many decades
        ticks = ticks[:: len(ticks) // most_ticks]
    if len(ticks) < 3:
        ticks = list(values)
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_minor_locator(NullLocator())
    narrow = most_ticks < 8
    axis.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: power(value) if (narrow and 0 < value < 0.01) or value > 1e6 else plain(value))
    )
    axis.set(xlim=(-0.12 * smallest, max(values.max(), smallest) * 1.35), xlabel=label)


def log_axis(axis: Axes, which: str = "y") -> None:
    """A logarithmic axis with plain numbers as ticks."""
    (axis.set_yscale if which == "y" else axis.set_xscale)("log")
    low, high = axis.get_ylim() if which == "y" else axis.get_xlim()
    side = axis.yaxis if which == "y" else axis.xaxis
    decades = np.log10(high / low)
    if decades < 0.8:  # no room for a power of ten and its multiples: evenly spaced ticks
        side.set_major_locator(FixedLocator([tick for tick in MaxNLocator(5).tick_values(low, high) if tick > 0]))
    else:
        multiples = (1.0, 2.0, 5.0) if decades < 2.2 else (1.0, 3.0) if decades < 3.2 else (1.0,)
        side.set_major_locator(LogLocator(subs=multiples, numticks=12))
    side.set_minor_locator(NullLocator())
    side.set_major_formatter(FuncFormatter(lambda value, _: plain(value) if 1e-4 < value < 1e6 else power(value)))
    side.set_minor_formatter(NullFormatter())


def decade_axis(
    axis: Axes, low: float, high: float, most_ticks: int = 7, zero: bool = False, which: Literal["x", "y"] = "y"
) -> None:
    """A logarithmic axis over many decades: powers of ten, evenly spaced, if wanted 0 below them.

    The axis stays as it is where `low` and `high` are no ends of one.
    """
    if not 0 < low < high < np.inf:
        return
    side = axis.yaxis if which == "y" else axis.xaxis
    scale, limits = (axis.set_yscale, axis.set_ylim) if which == "y" else (axis.set_xscale, axis.set_xlim)
    if zero:
        scale("symlog", linthresh=low, linscale=1.0)
    else:
        scale("log")
    limits(-0.3 * low if zero else low, high)
    step = max(1, int(np.ceil(np.log10(high / low) / most_ticks)))
    first = step * int(np.ceil(np.log10(low) / step))
    ticks = [10.0**k for k in range(first, int(np.floor(np.log10(high))) + 1, step)]
    side.set_major_locator(FixedLocator([0.0, *ticks] if zero else ticks))
    side.set_minor_locator(NullLocator())
    side.set_major_formatter(FuncFormatter(lambda value, _: plain(value) if value in (0, 1) else power(value)))


class Factored(ScalarFormatter):
    """Plain numbers; what very large or small ones have in common stands at the end of the axis as "×10³⁰"."""

    def get_offset(self) -> str:
        factor = super().get_offset()
        return f"×{power(float(factor.replace('−', '-')))}" if factor else ""


def power(value: float) -> str:
    """A power of ten, or a multiple of one: 0.001 → "10⁻³", 0.003 → "3·10⁻³"."""
    digits, exponent = f"{value:.2e}".split("e")
    mantissa, text = f"{float(digits):g}", f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return text if mantissa == "1" else f"{mantissa}·{text}"


def drawn_as(style: Look) -> dict[str, Any]:
    """A look as matplotlib's options of a line."""
    return {"color": style.colour, "linestyle": style.line, "marker": style.marker}


def cells_line(axis: Axes, cells: pd.DataFrame, x: str, style: Look, **overrides: Any) -> None:
    """A method's cell means against column `x`, with intervals as bars where there are any."""
    shown = cells[np.isfinite(cells["mean"].astype(float))]
    drawing = {**drawn_as(style), "label": style.label, "markersize": 3.6, "markeredgewidth": 0.4, **overrides}
    axis.plot(shown[x], shown["mean"], **drawing)
    limits = shown[np.isfinite(shown["ci_low"].astype(float))]
    cut = limits["cut"].astype(bool) if "cut" in limits else pd.Series(data=False, index=limits.index)
    for told, bars in ((None, limits[~cut]), (UNTOLD, limits[cut])):
        if not bars.empty:
            axis.vlines(bars[x], bars["ci_low"], bars["ci_high"], color=drawing["color"], linewidth=0.9, gid=told)


def cut_at(cells: pd.DataFrame, floor: float | pd.Series) -> pd.DataFrame:
    """Cells whose intervals are drawn no lower than `floor`; in the column `cut`, which of them would reach lower."""
    return cells.assign(ci_low=cells["ci_low"].clip(lower=floor), cut=cells["ci_low"] < floor)


def scaled(means: pd.DataFrame, by: float) -> pd.DataFrame:
    """Means and intervals in another unit."""
    return means.assign(**{name: by * means[name] for name in ("mean", "ci_low", "ci_high")})


def handle(style: Look, label: str | None = None, **overrides: Any) -> Line2D:
    """A legend entry in a method's look."""
    return Line2D([], [], label=label or style.label, **{**drawn_as(style), **overrides})


def swatch(style: Look) -> Line2D:
    """A legend entry for a colour that lines of several styles share."""
    return Line2D([], [], color=style.colour, linewidth=3, label=style.label)


def legend_above(figure: Figure, entries: Sequence[Line2D | Look], columns: int = 4) -> None:
    """One legend for all panels, above them; a look stands for the entry that `handle` makes of it."""
    handles = [handle(entry) if isinstance(entry, Look) else entry for entry in entries]
    figure.legend(handles=handles, loc="outside upper left", ncols=min(columns, len(handles)), columnspacing=1.4)


def marked_line(axis: Axes, value: float, text: str, which: str = "x", end: str = "left", below: bool = False) -> None:
    """A thin reference line with its name: at an upright line's foot, or over (below) an end of a level one."""
    (axis.axvline if which == "x" else axis.axhline)(value, color=MUTED, linewidth=0.8, linestyle=(0, (1, 1.5)))
    if which == "x":
        place: dict[str, Any] = {"xy": (value, 0.01), "xycoords": ("data", "axes fraction")}
        place |= {"ha": "right", "xytext": (-3, 2)}
    else:
        side = 0.015 if end == "left" else 0.985
        place = {"xy": (side, value), "xycoords": ("axes fraction", "data")}
        place |= {"ha": end, "xytext": (0, -2 if below else 1)}
    axis.annotate(text, va="top" if below else "bottom", textcoords="offset points", fontsize=7.5, color=MUTED, **place)


def name_line(axis: Axes, point: pd.Series, x: str, style: Look, where: Literal["above", "below", "right"]) -> None:
    """A line's own name beside one of its cells; of a falling line "above" and "below" are the free sides."""
    place: dict[str, Any] = {
        "above": {"xytext": (5, 3), "ha": "left", "va": "bottom"},
        "below": {"xytext": (-5, -3), "ha": "right", "va": "top"},
        "right": {"xytext": (6, 0), "ha": "left", "va": "center"},
    }[where]
    axis.annotate(style.label, (point[x], point["mean"]), textcoords="offset points", color=style.colour, **place)


def seed_band(axis: Axes, curves: pd.DataFrame, column: str, colour: str, **line: Any) -> pd.DataFrame:
    """Draw the median over seeds by epoch and a band of the middle 80 %; returns epoch, median, low, high."""
    by_epoch = curves.groupby("epoch")[column]
    shares = {"median": 0.5, "low": 0.1, "high": 0.9}
    drawn = pd.DataFrame({name: by_epoch.quantile(share) for name, share in shares.items()}).reset_index()
    if by_epoch.size().max() > 1:
        axis.fill_between(drawn["epoch"], drawn["low"], drawn["high"], color=colour, alpha=0.2, linewidth=0)
    axis.plot(drawn["epoch"], drawn["median"], color=colour, **line)
    return drawn
