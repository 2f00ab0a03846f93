"""Every claim's verdict on one line of the summary: the forest plot of `verdicts` laid flat, claims side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from regularization.analysis.tables import Tables
from regularization.reporting import ledger
from regularization.reporting.drawing.axes import legend_above
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import GRID, INK, MUTED, PAPER, WIDTH
from regularization.reporting.figures.claims.verdicts import END, VERDICTS, positions
from regularization.reporting.words import listing, plain

TICKS = (-10, -1, 0, 1, 10)
SMALL = 6.6  # points


def exhibits(tables: Tables) -> list[Exhibit]:
    """One column a claim, grouped by verdict; an empty list where no claim was weighed."""
    if tables.claims.empty:
        return []
    data = positions(tables.claims)
    rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
    data = data.sort_values("verdict", key=lambda column: column.map(rank), kind="stable").reset_index(drop=True)
    figure = Figure(figsize=(WIDTH, 1.75))
    axis = figure.subplots()
    for verdict in VERDICTS:
        _draw(axis, data[data["verdict"] == verdict], verdict)
    _axis(axis, data)
    counts = data["verdict"].value_counts()
    legend_above(
        figure,
        [
            Line2D(
                [], [], color=colour, marker=marker, markersize=size, linestyle="none", label=f"{counts[name]} {name}"
            )
            for name, (colour, marker, size) in VERDICTS.items()
            if name in counts
        ],
    )
    counted = ledger.verdicts(tables.claims)
    assert counted is not None
    return [
        Exhibit(
            name="verdicts-at-a-glance",
            section="summary",
            figure=figure,
            caption=(
                f"**Of {plain(counted.n)} claims, {counted.words}.** Above the line at 0 lies what a claim says. Bars "
                "are 95 % intervals, 90 % for equivalences; what lies beyond the axis is drawn at its ends."
            ),
            alt=(
                f"Forest plot with {plain(len(data))} columns, one a claim from left to right in the order "
                f"{listing(str(name) for name in counts.reindex(VERDICTS).dropna().index)}: a mark with its interval "
                "above or below a level line at zero, on an axis that is logarithmic away from it."
            ),
            data=data,
        )
    ]


def _draw(axis: Axes, claims: pd.DataFrame, verdict: str) -> None:
    colour, marker, size = VERDICTS[verdict]
    places = claims[["position", "low", "high"]].astype(float).clip(-END, END)
    within = places.abs().max(axis=1) < END
    for told, some in ((None, places[within]), (UNTOLD, places[~within])):
        axis.vlines(some.index, some["low"], some["high"], color=colour, linewidth=1.3, gid=told)
        axis.plot(
            some.index,
            some["position"],
            linestyle="none",
            marker=marker,
            color=colour,
            markersize=size,
            markeredgecolor=PAPER,
            markeredgewidth=0.4,
            gid=told,
        )
    for column in claims.index[places["position"].isna()]:
        axis.plot(column, 0, marker=marker, markersize=size, markerfacecolor=PAPER, markeredgecolor=colour)


def _axis(axis: Axes, data: pd.DataFrame) -> None:
    axis.set_yscale("symlog", linthresh=1, linscale=0.8)
    axis.set_ylim(-END * 1.3, END * 1.3)
    axis.yaxis.set_major_locator(FixedLocator(TICKS))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.set_yticklabels([plain(tick) for tick in TICKS])
    axis.axhline(0, color=INK, linewidth=0.9, zorder=1)
    axis.set_ylabel("distance from the bar")
    axis.set_xlim(-0.8, len(data) - 0.2)
    axis.set_xticks(range(len(data)), data["id"], fontsize=SMALL, color=MUTED, rotation=90 if len(data) > 20 else 0)
    axis.tick_params(axis="x", length=0)
    axis.grid(axis="x", visible=False)
    for border in np.flatnonzero(data["verdict"].ne(data["verdict"].shift()))[1:]:
        axis.axvline(border - 0.5, color=GRID, linewidth=0.8)
