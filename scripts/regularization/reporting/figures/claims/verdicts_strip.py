"""Every claim's verdict on one line of the summary: the forest plot of `verdicts` laid flat, claims side by side."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import GRID, MUTED, PAPER
from regularization.reporting.figures.claims.verdicts import END, VERDICTS, distance_axis, positions
from regularization.reporting.ledger import verdicts as counted

TICKS = (-10, -1, 0, 1, 10)
SMALL = 6.6  # points


def verdicts_at_a_glance(tables: Tables) -> Exhibit | None:
    """One column a claim, grouped by verdict; None where no claim was weighed."""
    if tables.claims.empty:
        return None
    data = positions(tables.claims)
    rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
    data = data.sort_values("verdict", key=lambda column: column.map(rank), kind="stable").reset_index(drop=True)
    figure, ((axis,),) = panels(1.75)
    n = counted(data)
    for verdict in VERDICTS:
        _draw(axis, data[data["verdict"] == verdict], verdict)
    _axis(axis, data)
    legend_above(figure, [Line2D([], [], linestyle="none", label=f"{n[name]} {name}", **_mark(name)) for name in n])
    return Exhibit(figure, {"counted": n}, data)


def _mark(verdict: str) -> dict[str, Any]:
    colour, marker, size = VERDICTS[verdict]
    return {"color": colour, "marker": marker, "markersize": size}


def _draw(axis: Axes, claims: pd.DataFrame, verdict: str) -> None:
    mark = _mark(verdict)
    places = claims[["position", "low", "high"]].astype(float).clip(-END, END)
    within = places.abs().max(axis=1) < END
    for told, some in ((None, places[within]), (UNTOLD, places[~within])):
        axis.vlines(some.index, some["low"], some["high"], color=mark["color"], linewidth=1.3, gid=told)
        axis.plot(some.index, some["position"], linestyle="none", markeredgecolor=PAPER, markeredgewidth=0.4, gid=told,
                  **mark)  # fmt: skip
    for column in claims.index[places["position"].isna()]:  # not measured
        axis.plot(column, 0, **mark | {"markerfacecolor": PAPER}, gid=UNTOLD)


def _axis(axis: Axes, data: pd.DataFrame) -> None:
    distance_axis(axis, "y", TICKS, END * 1.3)
    axis.set_xlim(-0.8, len(data) - 0.2)
    axis.set_xticks(range(len(data)), data["id"], fontsize=SMALL, color=MUTED, rotation=90 if len(data) > 20 else 0)
    axis.tick_params(axis="x", length=0)
    for border in np.flatnonzero(data["verdict"].ne(data["verdict"].shift()))[1:]:
        axis.axvline(border - 0.5, color=GRID, linewidth=0.8)
