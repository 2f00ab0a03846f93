"""How hard weight decay and dropout are to tune: what random search finds."""

import pandas as pd

from regularization.analysis.tables import Tables
from regularization.analysis.tuning import CLOSE
from regularization.reporting.drawing.axes import cells_line, legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import look
from regularization.reporting.figures.dropout.strength import richest

METHODS = ("weight_decay", "dropout")
METRICS = {"test_loss": "cross-entropy, nats", "test_accuracy": "accuracy"}


def tuned(tables: Tables) -> pd.DataFrame:
    """The tuning table's rows of both methods in the network's setting with the most strengths; empty without them."""
    table = tables.tuning
    if table.empty:
        return table
    chosen = table[table["method"].isin(METHODS) & table["metric"].isin(METRICS)]
    chosen = chosen[(chosen["experiment"] == "fashion_mnist") & chosen["setting"].isin(tables.series("fashion_mnist"))]
    regrets = richest(chosen[chosen["quantity"] == "regret"], "strength")
    return chosen[chosen["setting"].isin(regrets["setting"])] if len(regrets) else chosen


def tuning(tables: Tables) -> Exhibit | None:
    """What random search ends with, a panel a metric; None where nothing was tuned."""
    data = tuned(tables)
    if data.empty:
        return None
    methods = [name for name in METHODS if (data["method"] == name).any()]
    metrics = [name for name in METRICS if (data["metric"] == name).any()]
    found = data[data["quantity"] == "best_of_k"].rename(columns={"value": "mean"})
    if found.empty:
        return None
    figure, (axes,) = panels(2.6, 1, len(metrics))
    for axis, metric in zip(axes, metrics, strict=True):
        for method in methods:
            cells_line(axis, found[(found["method"] == method) & (found["metric"] == metric)], "k", look(method))
        axis.set(xlabel="strengths tried, k", ylabel=METRICS[metric])
        axis.set_xticks(sorted(int(k) for k in found["k"].unique()))
    legend_above(figure, [look(method) for method in methods])
    facts = {
        "margins": CLOSE,
        "methods": [{"name": look(name).label, "share_within": _share_within(data, name)} for name in methods],
        "metrics": [METRICS[name] for name in metrics],
        "n_train": tables.setting("fashion_mnist", data["setting"].iloc[0])["n_train"],
        "n": [int(value) for value in found["n"]],
    }
    return Exhibit(figure, facts, data)


def _share_within(data: pd.DataFrame, method: str) -> dict[str, float]:
    """Metric → the share of a method's effective strengths that are close to its best."""
    own = data[(data["method"] == method) & (data["quantity"] == "share_within")]
    return dict(zip(own["metric"], own["value"], strict=True))
