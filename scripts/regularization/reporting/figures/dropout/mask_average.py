"""Does a run with dropout average its sub-networks? Their mean prediction against weight scaling."""

import pandas as pd

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import name_line, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED
from regularization.reporting.figures.dropout import probes
from regularization.reporting.words import plain

AVERAGED = {  # metric: what its panel shows, and by what factor
    "loss": ("cross-entropy, nats", 1.0),
    "accuracy": ("accuracy, percentage points", 100.0),
}


def averaging(data: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Mean prediction of K sub-networks minus weight scaling, paired: probability, level (K), mean, ci_low, …, n."""
    masks, scaling = (data[data["probe"] == f"{name}_{metric}"] for name in ("mask_average", "weight_scaling"))
    return probes.against(masks, scaling, "probability")


def mask_average(tables: Tables) -> Exhibit | None:
    """A panel a metric, a line a p against the number of sub-networks; None where networks were not probed for it."""
    data = probes.probed(tables)
    tabled = {metric: table for metric in AVERAGED if len(table := averaging(data, metric))}
    if not tabled:
        return None
    first = next(iter(tabled.values()))
    looks = {p: style for p, style in probes.lines_of(data).items() if p in set(first["probability"])}
    figure, (axes,) = panels(2.8, 1, len(tabled))
    for axis, (metric, table) in zip(axes, tabled.items(), strict=True):
        title, factor = AVERAGED[metric]
        probes.draw_by_level(axis, table, looks, factor)
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.set_xscale("log")
        levels = sorted(table["level"].unique())
        axis.set_xticks(levels, [plain(k) for k in levels])
        axis.minorticks_off()
        axis.set(title=title, xlabel="sub-networks averaged, K")
    axes[0].set_ylabel("difference to weight scaling")
    for p, style in looks.items():
        name_line(axes[0], first[first["probability"] == p].iloc[-1], "level", style, "right")
    shown = pd.concat([table.assign(metric=metric) for metric, table in tabled.items()], ignore_index=True)
    facts = probes.facts_of(tables, data[data["probability"] > 0], shown, looks)
    changes = [
        {"metric": metric, "factor": AVERAGED[metric][1], "change": change}
        for metric, table in tabled.items()
        if (change := probes.estimate_at(table, facts["p"], table["level"].max()))
    ]
    own = {"changes": changes, "n_networks": shown["level"].max(), "panels": [AVERAGED[name][0] for name in tabled]}
    return Exhibit(figure, facts | own, shown)
