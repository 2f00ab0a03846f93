"""Do hidden units co-adapt less with dropout? What they share, and what deleting two together does."""

from typing import Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Tables, estimate
from regularization.reporting.drawing.axes import cells_line, legend_above, panels, scaled
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import INK, MUTED, Look
from regularization.reporting.figures.dropout.probes import RUN, facts_of, means, probed, usual

LOOKS = (
    Look("first hidden layer", INK, "-", "o"),
    Look("second hidden layer", INK, (0, (5, 1.5)), "s"),
    Look("third hidden layer", MUTED, (0, (1, 1)), "^"),
    Look("last hidden layer", MUTED, (0, (3, 1.2, 1, 1.2)), "D"),
)
MEASURES = {  # probe: what its panel shows, and by what factor
    "hidden_correlation": ("mean |correlation|", 1.0),
    "participation_ratio": ("participation ratio", 1.0),
    "pair_ablation_interaction": ("interaction, 10⁻³ nats", 1000.0),
}


def co_adaptation(tables: Tables) -> Exhibit | None:
    """A panel a measure against p; None where networks were not probed."""
    data = probed(tables)
    measured = {probe: means(data, probe) for probe in MEASURES}
    measured = {probe: table for probe, table in measured.items() if len(table)}
    if not measured or data["probability"].nunique() < 2:
        return None
    figure, (axes,) = panels(2.6, 1, len(measured))
    levels = sorted({level for table in measured.values() for level in table["level"]})
    layers = dict(zip([*levels[:3], *levels[3:][-1:]], LOOKS, strict=False))
    drawn = []
    for axis, (probe, table) in zip(axes, measured.items(), strict=True):
        title, factor = MEASURES[probe]
        table = scaled(table, factor)
        for level, style in layers.items():
            cells_line(axis, table[table["level"] == level], "probability", style, label="")
        axis.set(title=title, xlabel="dropout probability p")
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_locator(MaxNLocator(5))
        drawn.append(table.assign(probe=title))
    legend_above(figure, [*layers.values()])
    shown = pd.concat(drawn, ignore_index=True)
    facts = facts_of(tables, data, shown, {})
    measures = [
        {"probe": probe, "title": MEASURES[probe][0], "changes": _changes(table, facts["p"])}
        for probe, table in measured.items()
    ]
    told = {"measures": measures, "layers": [style.label for style in layers.values()], "n_hidden": len(levels)}
    return Exhibit(figure, facts | told, shown)


def shared_work(tables: Tables) -> dict[str, Any] | None:
    """How much one unit's importance hangs on another's, as a share of what single units matter, without and with p.

    Of each run at its own temperature, so that the scale of the logits is out of it; with the change, paired by seed.
    """
    data = probed(tables)
    names = {"tempered_pair_ablation_interaction": "pair", "tempered_unit_ablation_effect": "unit"}
    wide = data[data["probe"].isin(names)].replace({"probe": names})
    wide = wide.pivot_table(index=[*RUN, "probability"], columns="probe", values="value")
    if wide.empty or not {"pair", "unit"} <= set(wide) or data["probability"].nunique() < 2:
        return None
    wide["share"], p = wide["pair"] / wide["unit"], usual(data)
    share = wide.pivot_table(index=RUN, columns="probability", values="share")
    if not {0.0, p} <= set(share):
        return None
    change = estimate((share[p] - share[0.0]).dropna())
    n_train = tables.setting("fashion_mnist", data["setting"].iloc[0])["n_train"]
    return {"p": p, "n_train": n_train, "before": share[0.0].mean(), "after": share[p].mean(), "change": change}


def _changes(table: pd.DataFrame, p: float) -> list[tuple[float, float, float]]:
    """Every layer, its mean without dropout, and with it."""
    by_layer = table.pivot_table(index="level", columns="probability", values="mean").reindex(columns=[0.0, p])
    return list(by_layer.dropna().itertuples(name=None))
