"""Settings and methods that a user added: each of their cells against no regularization, whatever it is called."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Estimate, Tables
from regularization.analysis.tuning import sign
from regularization.naming import CELL, Key, parse_p
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import METHODS, MUTED, look
from regularization.reporting.words import interval, number, plain, spaced, verbatim
from regularization.settings import setting_class
from regularization.system.wording import REPORT

# The settings of the shipped config.yaml, which the other figures and the claims are about.
SHIPPED = frozenset((REPORT / "settings.txt").read_text(encoding="utf-8").split())
MOST = 36  # cells drawn
ROW = 0.18  # inches


def cells(tables: Tables) -> pd.DataFrame:
    """Cells of settings that are not `SHIPPED` and of methods without a look, one row a cell and measure.

    Columns of `cells.parquet` with none, none_low, none_high (mean and interval without regularization), difference
    (to that, over common seeds: an estimate, or None) and better (1 or −1 where that is sure, else 0). Cells without
    regularization are there where a setting has no other; means are NaN where every run was lost.
    """
    found = []
    for experiment in tables.experiments:
        kind = setting_class(experiment)
        for setting in tables.studied(experiment):
            for metric in kind.tuned or kind.metrics[:1]:
                own = tables.of(experiment, setting, metric)
                own = own[(setting not in SHIPPED) | ~own["method"].isin(METHODS)]
                own = own[own["method"] != "none"] if set(own["method"]) - {"none"} else own
                key = tables.baseline(experiment, setting)
                none = tables.cell(key, metric) or Estimate(math.nan, math.nan, math.nan, 0)
                paired = [tables.paired(Key._make(one), key, metric) for one in own[CELL].itertuples(index=False)]
                differences = pd.Series([one and one.difference for one in paired], own.index, dtype=object)
                lower = [-one.direction if one else 0 for one in differences]
                own = own.assign(none=none.mean, none_low=none.low, none_high=none.high, difference=differences)
                found.append(own.assign(better=sign(metric) * np.array(lower, dtype=int)))
    return pd.concat(found, ignore_index=True)


def context(data: pd.DataFrame) -> dict[str, Any]:
    """Names of what was added; by measure how many cells are surely better or worse than no regularization; a table."""
    return {
        "settings": [verbatim(name) for name in dict.fromkeys(data["setting"]) if name not in SHIPPED],
        "methods": [look(name).label for name in dict.fromkeys(data["method"]) if name not in METHODS],
        "scores": [
            {"metric": metric, "n": len(one), "better": int((one > 0).sum()), "worse": int((one < 0).sum())}
            for metric, one in data[data["difference"].notna()].groupby("metric", sort=False)["better"]
        ],
        "n_alone": len(data.loc[data["difference"].isna()].drop_duplicates(CELL)),
        "n_cells": len(data.drop_duplicates(CELL)),
        "table": pd.DataFrame(
            {
                "setting": verbatim(cell.setting),
                "method": cell_in_words(cell),
                "measure": spaced(cell.metric),
                "no regularization": number(cell.none),
                "with it": number(cell.mean),
                "difference": interval(cell.difference) if cell.difference else "–",
                "seeds": f"{cell.n:,} of {cell.n + cell.n_diverged:,}" if cell.n_diverged else f"{cell.n:,}",
            }
            for cell in data.itertuples()
        ),
    }


def own(tables: Tables) -> Exhibit | None:
    """A row of panels a setting, a panel a measure, a mark a cell; None where nothing was added."""
    data = cells(tables)
    if data.empty:
        return None
    drawn = data.merge(data[CELL].drop_duplicates().head(MOST))
    rows = {name: dict(tuple(one.groupby("metric", sort=False))) for name, one in drawn.groupby(CELL[:2], sort=False)}
    heights = [0.75 + ROW * max(map(len, row.values())) for row in rows.values()]
    columns = max(map(len, rows.values()))
    figure, axes = panels(sum(heights), len(rows), columns, height_ratios=heights)
    for ((_, setting), row), line in zip(rows.items(), axes, strict=True):
        for axis in line[len(row) :]:
            axis.remove()
        for axis, (metric, shown) in zip(line, row.items(), strict=False):
            _panel(axis, shown)
            axis.set(xlabel=spaced(metric), title=setting)
            axis.tick_params(axis="y", length=0, labelleft=axis is line[0])
    facts = {**context(data), "n_drawn": len(drawn[CELL].drop_duplicates()), **counted(data.drop_duplicates(CELL))}
    return Exhibit(figure, facts, data.drop(columns="difference"))


def _panel(axis: Axes, shown: pd.DataFrame) -> None:
    none = shown.iloc[0]
    if np.isfinite(none["none_low"]):
        axis.axvspan(none["none_low"], none["none_high"], color=MUTED, alpha=0.2, linewidth=0)
    if np.isfinite(none["none"]):
        axis.axvline(none["none"], color=MUTED, linewidth=0.8, linestyle=(0, (1, 1.5)))
    for place, cell in enumerate(shown.itertuples()):
        style = look(str(cell.method))
        if not np.isfinite(cell.mean):
            axis.text(0.02, place, "all runs lost", transform=axis.get_yaxis_transform(), va="center", color=MUTED)
            continue
        axis.plot(cell.mean, place, marker=style.marker, color=style.colour, linestyle="none")
        if np.isfinite(cell.ci_low):
            axis.hlines(place, cell.ci_low, cell.ci_high, color=style.colour, linewidth=1)
    axis.set_yticks(range(len(shown)), [cell_in_words(cell) for cell in shown.itertuples()])
    axis.set_ylim(len(shown) - 0.5, -0.5)
    axis.xaxis.set_major_locator(MaxNLocator(4))


def cell_in_words(cell: Any) -> str:
    """A cell in words: "weight decay, λ = 3"."""
    key = Key._make(getattr(cell, name) for name in CELL)
    p = parse_p(key.p)
    strengths = [f"λ = {plain(key.lam)}" if key.lam else "", f"p = {'/'.join(map(plain, p))}" if any(p) else ""]
    return ", ".join([look(key.method).label, *filter(None, strengths)])
