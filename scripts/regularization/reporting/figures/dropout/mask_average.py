"""Does a run with dropout average its sub-networks? Their mean prediction against weight scaling."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables, estimates
from regularization.reporting.drawing.axes import name_line
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import MUTED, WIDTH
from regularization.reporting.figures.dropout.probes import (
    RUN,
    draw_by_level,
    estimate_at,
    exemplary,
    lines_of,
    n_train,
    probed,
    seeds_of,
)
from regularization.reporting.words import interval, listing, plain

AVERAGED = {
    "loss": ("cross-entropy, nats", 1.0),
    "accuracy": ("accuracy, percentage points", 100.0),
}


def exhibits(tables: Tables) -> list[Exhibit]:
    """One figure; empty where networks were not probed for it."""
    one = _mask_average(tables, probed(tables))
    return [] if one is None else [one]


def averaging(data: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Mean prediction of K sub-networks minus weight scaling, paired: probability, level (K), mean, ci_low, …, n."""
    masks = data[data["probe"] == f"mask_average_{metric}"]
    scaling = data[data["probe"] == f"weight_scaling_{metric}"].set_index(["probability", *RUN])["value"]
    paired = masks.merge(scaling.rename("scaling").reset_index(), on=["probability", *RUN])
    paired = paired.assign(difference=paired["value"] - paired["scaling"])
    return estimates(paired, ["probability", "level"], "difference").sort_values(["probability", "level"])


def _mask_average(tables: Tables, data: pd.DataFrame) -> Exhibit | None:
    tabled = {metric: averaging(data, metric) for metric in AVERAGED}
    tabled = {metric: table for metric, table in tabled.items() if not table.empty}
    if not tabled:
        return None
    looks = {p: style for p, style in lines_of(data).items() if p in set(next(iter(tabled.values()))["probability"])}
    figure = Figure(figsize=(WIDTH, 2.8))
    axes = figure.subplots(1, len(tabled), squeeze=False)[0]
    for axis, (metric, table) in zip(axes, tabled.items(), strict=True):
        words, scale = AVERAGED[metric]
        draw_by_level(axis, table, looks, scale)
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.set_xscale("log")
        axis.set_xticks(sorted(table["level"].unique()), [plain(k) for k in sorted(table["level"].unique())])
        axis.minorticks_off()
        axis.set_title(words)
        axis.set_xlabel("sub-networks averaged, K")
    axes[0].set_ylabel("difference to weight scaling")
    first = next(iter(tabled.values()))
    for p, style in looks.items():
        name_line(axes[0], first[first["probability"] == p].iloc[-1], "level", style, "right")
    shown = pd.concat([table.assign(metric=metric) for metric, table in tabled.items()], ignore_index=True)
    return Exhibit(
        name="mask-average",
        section="dropout",
        figure=figure,
        caption=(
            f"**{_averaging_finding(data, tabled)}** Weight scaling is ordinary inference: one pass without masks. "
            "Below 0 the average of sub-networks has the lower loss, above 0 the higher accuracy. "
            f"Networks trained on {n_train(tables, data)} images. "
            + seeds_of(tables, data[data["probability"] > 0], shown)
        ),
        alt=(
            f"{len(tabled)} panels ({listing(AVERAGED[metric][0] for metric in tabled)}) against the number of "
            "sub-networks averaged on a logarithmic axis: difference to weight scaling, with a level line at zero. "
            f"Lines for {listing(style.label for style in looks.values())}."
        ),
        data=shown,
    )


def _averaging_finding(data: pd.DataFrame, tabled: dict[str, pd.DataFrame]) -> str:
    p = exemplary(data)
    parts = []
    for metric, table in tabled.items():
        most = table["level"].max()
        change = estimate_at(table, p, most)
        if change is not None:
            unit = "nats of cross-entropy" if metric == "loss" else "points of accuracy"
            parts.append(f"{interval(change, scale=AVERAGED[metric][1])} {unit}")
    most = plain(max(table["level"].max() for table in tabled.values()))
    return f"At p = {plain(p)} the average of {most} sub-networks differs from weight scaling by {listing(parts)}."
