"""How hard weight decay and dropout are to tune: regret over their strengths, and what random search finds."""

import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables
from regularization.analysis.tuning import CLOSE
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, open_marks, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import GRID, look
from regularization.reporting.figures.dropout.strength import richest

METHODS = {"weight_decay": "weight decay λ", "dropout": "dropout p"}
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
    """Regret by strength, a column a method, and best of k; a row a metric. None where nothing was tuned."""
    data = tuned(tables)
    if data.empty:
        return None
    methods = [name for name in METHODS if (data["method"] == name).any()]
    metrics = [name for name in METRICS if (data["metric"] == name).any()]
    figure, rows = panels(0.6 + 1.9 * len(metrics), len(metrics), len(methods) + 1, sharex="col")
    for row, metric in zip(rows, metrics, strict=True):
        here = data[data["metric"] == metric]
        top = _top(here)
        for axis, method in zip(row, methods, strict=False):
            _regret(axis, here[here["method"] == method], method)
            axis.set_ylim(-0.06 * top, top)
        for axis in row[1:-1]:
            axis.tick_params(labelleft=False)
        for method in methods:
            found = here[(here["quantity"] == "best_of_k") & (here["method"] == method)]
            cells_line(row[-1], found.rename(columns={"value": "mean"}), "k", look(method))
        row[0].set_ylabel(f"regret, {METRICS[metric]}")
        row[-1].set_ylabel(METRICS[metric])
    for upper, lower, method in zip(rows[0], rows[-1], methods, strict=False):
        upper.set_title(METHODS[method])
        lower.set_xlabel(METHODS[method].split()[-1])
    rows[0, -1].set_title("best of k strengths")
    rows[-1, -1].set_xlabel("strengths tried, k")
    rows[-1, -1].set_xticks(sorted(int(k) for k in data["k"].dropna().unique()))
    legend_above(figure, [look(method) for method in methods])
    facts = {
        "margins": CLOSE,
        "methods": [
            {"name": look(name).label, **{part: _by_metric(data, name, part) for part in ("share_within", "optimism")}}
            for name in methods
        ],
        "metrics": [METRICS[name] for name in metrics],
        "n_train": tables.setting("fashion_mnist", data["setting"].iloc[0])["n_train"],
        "n": [int(value) for value in data.loc[data["quantity"].isin(["regret", "best_of_k"]), "n"]],
    }
    return Exhibit(figure, facts, data)


def _regret(axis: Axes, data: pd.DataFrame, method: str) -> None:
    """A method's regret by strength; marks outside the effective range are open."""
    regret = data[data["quantity"] == "regret"].rename(columns={"value": "mean"}).sort_values("strength")
    inside = _effective(data)
    cells_line(axis, regret, "strength", look(method))
    open_marks(axis, regret[~regret["strength"].isin(inside)], "strength", look(method))
    if inside:
        axis.axvspan(min(inside), max(inside), color=GRID, alpha=0.6, linewidth=0, zorder=0)
    if method == "weight_decay":
        lambda_axis(axis, regret["strength"], "", most_ticks=5)


def _effective(data: pd.DataFrame) -> list[float]:
    """The strengths in the effective range."""
    rows = data[(data["quantity"] == "effective") & (data["value"] > 0)]
    return [float(strength) for strength in rows["strength"]]


def _top(data: pd.DataFrame) -> float:
    """The upper end of the regret axis: what the effective ranges and no regularization reach."""
    highest = [0.0]
    for _, own in data.groupby("method"):
        regret = own[own["quantity"] == "regret"]
        shown = regret[regret["strength"].isin([0.0, *_effective(own)])]
        highest.append(float(shown[["value", "ci_high"]].max().max()))
    return 1.12 * max(highest) or 1.0


def _by_metric(data: pd.DataFrame, method: str, quantity: str) -> dict[str, float]:
    """Metric → a quantity that a method has one of."""
    own = data[(data["method"] == method) & (data["quantity"] == quantity)]
    return dict(zip(own["metric"], own["value"], strict=True))
