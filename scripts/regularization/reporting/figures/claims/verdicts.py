"""Every claim's verdict in one picture: where its estimate lies from the bar that its rule sets."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from regularization.analysis.intervals import t_quantile
from regularization.analysis.tables import Tables
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import COLOURS, GRID, INK, MUTED, PAPER, WIDTH
from regularization.reporting.ledger import verdicts as counted
from regularization.reporting.words import plain

VERDICTS = {  # verdict: (colour, marker, its size in points)
    "supported": (COLOURS["blue"][0], "o", 4.4),
    "qualified": (COLOURS["orange"][0], "D", 4.4),
    "contradicted": (COLOURS["vermillion"][0], "X", 5.6),
    "inconclusive": (MUTED, "s", 4.4),
}
END = 20.0  # positions beyond are drawn there, with an arrow
TICKS = (-10, -3, -1, 0, 1, 3, 10)
LETTERS = 71  # in a line of a statement
ROW, MORE, HEAD = 0.124, 0.115, 0.19  # inches: a claim, each further line of its statement, a verdict's heading
INSET = 0.018  # inches from a row's top to its text's
SMALL = 7.2  # points
LEFT, RIGHT, TOP, BOTTOM = 3.86, 0.5, 0.2, 0.41  # inches around the axes


def positions(claims: pd.DataFrame) -> pd.DataFrame:
    """Where each claim's estimate and interval lie from its bar, in a unit that its rule gives.

    Columns id, statement, verdict, rule_kind, unit, margin, effect, ci_low, ci_high, n, position, low, high. The bar is
    at 0, what the claim says is to the right. Of an effect with the bar `margin` ("at least") one unit is the standard
    deviation of a single difference, as its interval implies. For the other rules 1 is perfection: no difference at
    all ("within" the margin on both sides), all runs ("nearly all"), no error ("identity"). Position, low and high are
    NaN where nothing was measured, low and high also where the rule has no interval.
    """
    columns = ["id", "statement", "verdict", "rule_kind", "unit", "margin", "effect", "ci_low", "ci_high", "n"]
    found = claims[columns].reset_index(drop=True)
    found[["position", "low", "high"]] = np.array([_place(claim) for _, claim in found.iterrows()])
    return found


def _place(claim: pd.Series) -> np.ndarray:
    """Position, and the lower and upper end of the interval, of one claim; shape (3,)."""
    values = claim[["effect", "ci_low", "ci_high"]].to_numpy(dtype=float)
    kind, margin, n = claim["rule_kind"], np.float64(claim["margin"]), int(claim["n"])
    effect, low, high = values
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "at least":
            std = (high - low) / 2 * np.sqrt(n) / t_quantile(n)
            return (values - margin) / std
        if kind == "nearly all":
            return (values - margin) / (1 - margin)
        if kind == "within":
            nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
            return 1 - np.array([abs(effect), max(abs(low), abs(high)), nearest]) / margin
        if kind == "identity":  # a tolerance of nothing is met by nothing only
            return np.array([1.0 if effect == 0 else 1 - effect / margin, np.nan, np.nan])
    raise ValueError(f"claim {claim['id']}: unknown kind of rule {kind!r}")


def verdicts(tables: Tables) -> Exhibit | None:
    """The claims about weight decay and overfitting: more than these would not fit on a page."""
    return _forest(tables.claims, dropout=False)


def verdicts_dropout(tables: Tables) -> Exhibit | None:
    """The claims about dropout."""
    return _forest(tables.claims, dropout=True)


def _forest(claims: pd.DataFrame, *, dropout: bool) -> Exhibit | None:
    """One row a claim, grouped by verdict; None where no claim was weighed."""
    if len(claims):
        claims = claims[claims["section"].str.contains("dropout", case=False) == dropout]
    if claims.empty:
        return None
    data = positions(claims)
    rows = list(_rows(data))
    tops = np.cumsum([0.0, *(row.height for row in rows)])
    height = float(tops[-1])
    whole = height + TOP + BOTTOM
    figure = Figure(figsize=(WIDTH, whole))
    figure.set_layout_engine("none")
    axis = figure.add_axes((LEFT / WIDTH, BOTTOM / whole, 1 - (LEFT + RIGHT) / WIDTH, height / whole))
    axis.set_ylim(height, 0)  # inches from the top
    _axis(axis)
    for row, top in zip(rows, tops[:-1], strict=True):
        _draw(axis, row, float(top))
    names = {top + ROW / 2: row.claim["id"] for row, top in zip(rows, tops[:-1], strict=True) if row.claim is not None}
    axis.set_yticks([*names], [*names.values()], ha="left", color=MUTED, fontsize=SMALL)
    axis.tick_params(axis="y", length=0, pad=72 * LEFT)
    return Exhibit(figure, {"counted": counted(data), "kinds": sorted(set(data["rule_kind"]))}, data)


def distance_axis(axis: Axes, which: Literal["x", "y"], ticks: Sequence[float], end: float) -> None:
    """An axis of the distance from the bar, which is a line at 0: logarithmic from 1 on, to both sides alike."""
    (axis.set_xscale if which == "x" else axis.set_yscale)("symlog", linthresh=1, linscale=0.8)
    (axis.set_xlim if which == "x" else axis.set_ylim)(-end, end)
    side = axis.xaxis if which == "x" else axis.yaxis
    side.set_ticks(ticks, [plain(tick) for tick in ticks])
    side.set_minor_locator(NullLocator())
    side.set_label_text("distance from the bar")
    axis.grid(axis="y" if which == "x" else "x", visible=False)
    (axis.axvline if which == "x" else axis.axhline)(0, color=INK, linewidth=0.9, zorder=1)


class Row(NamedTuple):
    """A heading (no claim) or a claim."""

    verdict: str
    text: str
    height: float  # inches
    claim: pd.Series | None


def _rows(data: pd.DataFrame) -> Iterator[Row]:
    for verdict, n in counted(data).items():
        yield Row(verdict, f"{verdict} ({n})", HEAD, None)
        for _, claim in data[data["verdict"] == verdict].iterrows():
            lines = textwrap.wrap(str(claim["statement"]), LETTERS)
            yield Row(verdict, "\n".join(lines), ROW + MORE * (len(lines) - 1), claim)


def _axis(axis: Axes) -> None:
    distance_axis(axis, "x", TICKS, END * 1.35)
    axis.spines["left"].set_visible(False)
    above: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom"}
    small: dict[str, Any] = {"color": MUTED, "fontsize": SMALL}
    axis.annotate("← it fails", (0.5, 1), (-6, 3), ha="right", **above, **small)
    axis.annotate("the claim holds →", (0.5, 1), (6, 3), ha="left", **above, **small)
    axis.annotate("n", (1, 1), (72 * RIGHT - 2, 3), ha="right", **above, **small)


def _draw(axis: Axes, row: Row, top: float) -> None:
    colour, marker, size = VERDICTS[row.verdict]
    left = -LEFT / (WIDTH - LEFT - RIGHT)  # in widths of the axes
    inch = 1 / (WIDTH - LEFT - RIGHT)
    across = axis.get_yaxis_transform()
    if row.claim is None:
        y = top + row.height - ROW / 2
        axis.plot(left + 0.1 * inch, y, marker=marker, color=colour, markersize=size, transform=across, clip_on=False)
        axis.text(left + 0.22 * inch, y, row.text, transform=across, va="center", fontweight="bold")
        axis.axhline(top + row.height, color=GRID, linewidth=0.6)
        axis.plot([left, 0], [top + row.height] * 2, color=GRID, linewidth=0.6, transform=across, clip_on=False)
        return
    y, claim = top + ROW / 2, row.claim
    small: dict[str, Any] = {"transform": across, "fontsize": SMALL, "va": "top"}
    small |= {"linespacing": 0.96, "parse_math": False}
    axis.text(left + 0.25 * inch, top + INSET, row.text, **small)
    n = f"{int(claim['n']):,}" if claim["n"] else "–"
    axis.text(1 + (RIGHT - 0.02) * inch, top + INSET, n, ha="right", color=MUTED, **small)
    position, low, high = (float(np.clip(claim[name], -END, END)) for name in ("position", "low", "high"))
    if not np.isfinite(position):
        axis.text(0.5, top + INSET, " not measured", color=MUTED, **small)
        return
    if np.isfinite(low):
        told = UNTOLD if low <= -END or high >= END else None
        axis.hlines(y, low, high, color=colour, linewidth=1.3, gid=told)
    told = None if abs(position) < END else UNTOLD
    axis.plot(position, y, marker, color=colour, ms=size, markeredgecolor=PAPER, markeredgewidth=0.4, gid=told)
    for end, arrow in ((-END, "<"), (END, ">")):
        if end in (position, low, high):
            axis.plot(1.2 * end, y, marker=arrow, color=colour, markersize=3, markeredgewidth=0, gid=UNTOLD)
