"""Settings and methods that a user added: each of their cells against no regularization, whatever it is called."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Estimate, Tables
from regularization.analysis.tuning import sign
from regularization.naming import CELL, Key
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import METHODS, MUTED, look
from regularization.reporting.words import interval, number, plain
from regularization.settings import setting_class

# The settings of the shipped config.yaml, which the other figures and the claims are about.
_SHIPPED = """
concise_mapped concise_published converged converged_cosine large_weights large_weights_500 large_weights_same_snr
more_samples_100 more_samples_200 more_samples_500 random_labels_3920 samples_10 samples_100 samples_1000
samples_10000 samples_150 samples_190 samples_20 samples_200 samples_2000 samples_210 samples_250 samples_300
samples_50 samples_500 samples_500_240_epochs samples_500_600_epochs samples_500_60_epochs samples_500_adam
samples_500_crossed samples_500_double_rate samples_500_half_rate samples_500_shorter small_init small_init_noise_0
small_init_noise_0.1 softmax_10000 softmax_2000 softmax_500 textbook textbook_2023 textbook_concise textbook_cosine
textbook_longer textbook_noise_0 textbook_noise_0.1 width_16 width_512 width_64 zero_init zero_init_large_weights
zero_init_large_weights_same_snr zero_init_noise_0 zero_init_noise_0.1
"""
SHIPPED = frozenset(_SHIPPED.split())
MOST = 36  # rows of the figure; where there are more cells, a method's best ones stand for it
ROW = 0.18  # inches


def cells(tables: Tables) -> pd.DataFrame:
    """Cells of settings that are not `SHIPPED` and of methods without a look, one row a cell and measure.

    Columns of `cells.parquet` with none, none_low, none_high (mean and interval without regularization), difference
    (to that, over common seeds: an estimate, or None) and better (1 or −1 where that is sure, else 0).
    """
    found = []
    for experiment in tables.experiments:
        kind = setting_class(experiment)
        for setting in tables.studied(experiment):
            for metric in kind.tuned or kind.metrics[:1]:
                own = tables.of(experiment, setting, metric).dropna(subset=["mean"])
                own = own[(own["method"] != "none") & ((setting not in SHIPPED) | ~own["method"].isin(METHODS))]
                found.append(_against(tables, own, tables.baseline(experiment, setting), metric))
    return pd.concat(found, ignore_index=True)


def _against(tables: Tables, own: pd.DataFrame, none: Key, metric: str) -> pd.DataFrame:
    paired = [tables.paired(Key._make(key), none, metric) for key in own[CELL].itertuples(index=False)]
    differences = [one and one.difference for one in paired]
    base = tables.cell(none, metric) or Estimate(math.nan, math.nan, math.nan, 0)
    return own.assign(
        none=base.mean,
        none_low=base.low,
        none_high=base.high,
        difference=pd.Series(differences, own.index, dtype=object),
        better=[sign(metric) * (int(one.high < 0) - int(one.low > 0)) if one else 0 for one in differences],
    )


def context(tables: Tables) -> dict[str, Any]:
    """What the section says of them: counts by measure, names, and all of it as a table in words."""
    data = cells(tables)
    return {**facts(data), "table": pd.DataFrame(_row(cell) for cell in data.itertuples())}


def facts(data: pd.DataFrame) -> dict[str, Any]:
    """Names of what was added, and by measure how many cells are surely better or worse than no regularization."""
    scores = [
        {"metric": metric, "n": len(one), "better": int((one > 0).sum()), "worse": int((one < 0).sum())}
        for metric, one in data.groupby("metric", sort=False)["better"]
    ]
    return {
        "settings": [name for name in dict.fromkeys(data["setting"]) if name not in SHIPPED],
        "methods": [look(name).label for name in dict.fromkeys(data["method"]) if name not in METHODS],
        "scores": scores,
        "n_cells": len(data.drop_duplicates(CELL)),
    }


def own(tables: Tables) -> Exhibit | None:
    """A row of panels a setting, a panel a measure, a mark a cell; None where nothing was added."""
    data = cells(tables)
    if data.empty:
        return None
    drawn = data
    if len(data.drop_duplicates(CELL)) > MOST:
        order = data["mean"] * data["metric"].map(sign)
        drawn = data.loc[order.groupby([data[name] for name in ("experiment", "setting", "method", "metric")]).idxmin()]
    rows = dict(tuple(drawn.groupby(["experiment", "setting"], sort=False)))
    heights = [0.75 + ROW * len(one.drop_duplicates(CELL)) for one in rows.values()]
    columns = max(one["metric"].nunique() for one in rows.values())
    figure, axes = panels(sum(heights), len(rows), columns, height_ratios=heights)
    for (name, one), line in zip(rows.items(), axes, strict=True):
        for axis in line[one["metric"].nunique() :]:
            axis.set_visible(False)
        names = [_cell(cell) for cell in one.drop_duplicates(CELL).itertuples()]
        for i, (axis, metric) in enumerate(zip(line, one["metric"].unique(), strict=False)):
            _panel(axis, one[one["metric"] == metric], names if i == 0 else [])
            axis.set(xlabel=metric.replace("_", " "), title=name[1].replace("_", " ") if i == 0 else "")
    n_drawn = len(drawn.drop_duplicates(CELL))
    return Exhibit(figure, {**facts(data), "n_drawn": n_drawn, **counted(data)}, data.drop(columns="difference"))


def _panel(axis: Axes, shown: pd.DataFrame, names: Sequence[str]) -> None:
    places = range(len(shown))
    none = shown.iloc[0]
    axis.axvspan(none["none_low"], none["none_high"], color=MUTED, alpha=0.2, linewidth=0)
    axis.axvline(none["none"], color=MUTED, linewidth=0.8, linestyle=(0, (1, 1.5)))
    for place, cell in zip(places, shown.itertuples(), strict=True):
        style = look(str(cell.method))
        axis.plot(cell.mean, place, marker=style.marker, color=style.colour, linestyle="none")
        axis.hlines(place, cell.ci_low, cell.ci_high, color=style.colour, linewidth=1)
    axis.set_yticks(places, names or [""] * len(shown))
    axis.set_ylim(len(shown) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.xaxis.set_major_locator(MaxNLocator(4))


def _row(cell: Any) -> dict[str, str]:
    return {
        "setting": cell.setting.replace("_", " "),
        "method": _cell(cell),
        "measure": cell.metric.replace("_", " "),
        "no regularization": number(cell.none),
        "with it": number(cell.mean),
        "difference": interval(cell.difference) if cell.difference else "–",
        "seeds": f"{cell.n:,}",
    }


def _cell(cell: Any) -> str:
    """A cell in words: "weight decay, λ = 3"."""
    key = Key._make(getattr(cell, name) for name in CELL)
    strengths = [f"λ = {plain(key.lam)}" if key.lam else "", f"p = {key.p}" if key.p.strip("0/.") else ""]
    return ", ".join([look(key.method).label, *filter(None, strengths)])
