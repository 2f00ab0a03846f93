"""How hard weight decay and dropout are to tune: regret over their strengths, and what random search finds."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables
from regularization.analysis.tuning import CLOSE
from regularization.reporting.drawing.axes import cells_line, handle, lambda_axis, legend_above
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import GRID, PAPER, WIDTH, look
from regularization.reporting.words import listing, number, percent, plain, span

METHODS = {"weight_decay": "weight decay λ", "dropout": "dropout p"}
METRICS = {"test_loss": "cross-entropy, nats", "test_accuracy": "accuracy"}
MARGINS = {
    "test_loss": f"{percent(CLOSE['test_loss'])} of test cross-entropy",
    "test_accuracy": f"{plain(100 * CLOSE['test_accuracy'])} percentage points of test accuracy",
}


def tuned(tables: Tables) -> pd.DataFrame:
    """The tuning table's rows of both methods in the network's setting with the most strengths; empty without them."""
    table = tables.tuning
    if table.empty:
        return table
    chosen = table[
        (table["experiment"] == "fashion_mnist") & table["method"].isin(METHODS) & table["metric"].isin(METRICS)
    ]
    regrets = chosen[chosen["quantity"] == "regret"]
    many = regrets.groupby("setting", sort=False)["strength"].nunique()
    return chosen[chosen["setting"] == many.idxmax()] if len(many) else chosen


def exhibits(tables: Tables) -> list[Exhibit]:
    """Regret by strength, a column a method, and best of k; a row a metric. Empty where nothing was tuned."""
    data = tuned(tables)
    if data.empty:
        return []
    methods = [name for name in METHODS if (data["method"] == name).any()]
    metrics = [name for name in METRICS if (data["metric"] == name).any()]
    figure = Figure(figsize=(WIDTH, 0.6 + 1.9 * len(metrics)))
    rows = figure.subplots(len(metrics), len(methods) + 1, sharex="col", squeeze=False)
    for row, metric in zip(rows, metrics, strict=True):
        here = data[data["metric"] == metric]
        for axis, method in zip(row, methods, strict=False):
            _regret(axis, here[here["method"] == method], method)
        top = _top(here)
        for axis in row[:-1]:
            axis.set_ylim(-0.06 * top, top)
        for axis in row[1:-1]:
            axis.tick_params(labelleft=False)
        for method in methods:
            found = here[(here["quantity"] == "best_of_k") & (here["method"] == method)]
            cells_line(row[-1], found.rename(columns={"value": "mean"}), "k", look(method))
        row[0].set_ylabel(f"regret, {METRICS[metric]}")
        row[-1].set_ylabel(METRICS[metric])
    for axis, method in zip(rows[0], methods, strict=False):
        axis.set_title(METHODS[method])
    rows[0, -1].set_title("best of k strengths")
    for axis, method in zip(rows[-1], methods, strict=False):
        axis.set_xlabel({"weight_decay": "λ", "dropout": "p"}[method])
    rows[-1, -1].set_xlabel("strengths tried, k")
    rows[-1, -1].set_xticks(sorted(int(k) for k in data["k"].dropna().unique()))
    legend_above(figure, [handle(look(method)) for method in methods])
    n = [int(value) for value in data.loc[data["quantity"].isin(["regret", "best_of_k"]), "n"]]
    return [
        Exhibit(
            name="tuning",
            section="dropout",
            figure=figure,
            caption=(
                f"**{_finding(data, methods)}** {_close(data, methods, 'test_loss')}"
                "Regret: how much worse a strength's mean on test data is than the best "
                "strength's of its method; the method's effective range (where it does something and not only harm) "
                "is shaded, and regrets far above it leave the picture. Right: what a random search over the "
                "effective range ends with that tries k strengths and keeps the best by the metric's value on "
                f"validation data. {_flattery(data, methods)}"
                f"Means over {span(n)} seeds; bars are 95 % t intervals. "
                f"n = {plain(tables.setting('fashion_mnist', data['setting'].iloc[0])['n_train'])}."
            ),
            alt=(
                f"{len(metrics)} rows ({listing(METRICS[metric] for metric in metrics)}), in each a panel of regret "
                f"against the strength for {listing(look(method).label for method in methods)} with the effective "
                "range shaded, and a panel of what random search finds against the number of strengths tried."
            ),
            data=data,
        )
    ]


def _regret(axis: Axes, data: pd.DataFrame, method: str) -> None:
    """A method's regret by strength; marks outside the effective range are open."""
    regret = data[data["quantity"] == "regret"].rename(columns={"value": "mean"}).sort_values("strength")
    inside = _effective(data)
    cells_line(axis, regret, "strength", look(method))
    outside = regret[~regret["strength"].isin(inside)]
    style = look(method)
    axis.plot(outside["strength"], outside["mean"], linestyle="none", marker=style.marker, color=style.colour,
              markerfacecolor=PAPER, markersize=3.6, zorder=3)  # fmt: skip
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


def _finding(data: pd.DataFrame, methods: list[str]) -> str:
    return _close(data, methods, "test_accuracy").strip() or "Regret by strength."


def _close(data: pd.DataFrame, methods: list[str], metric: str) -> str:
    """How much of each method's effective range is close to its best, by one metric; empty where that is not known."""
    own = data[(data["metric"] == metric) & (data["quantity"] == "share_within")].set_index("method")["value"]
    shares = [f"{percent(own[method])} for {look(method).label}" for method in methods if method in own.index]
    if not shares:
        return ""
    return f"Of the effective strengths {listing(shares)} come within {MARGINS[metric]} of the method's best. "


def _flattery(data: pd.DataFrame, methods: list[str]) -> str:
    """By how much choosing on test data would flatter each method, by each metric; empty where that is not known."""
    parts = []
    for method in methods:
        own = data[(data["method"] == method) & (data["quantity"] == "optimism")].set_index("metric")["value"]
        units = {"test_loss": (1, "nats"), "test_accuracy": (100, "points of accuracy")}
        said = [f"{number(per * own[metric])} {unit}" for metric, (per, unit) in units.items() if metric in own.index]
        if said:
            parts.append(f"{look(method).label} by {' and '.join(said)}")
    return f"Choosing each seed's strength on test data would flatter {listing(parts)}. " if parts else ""
