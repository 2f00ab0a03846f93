"""Right, or confident? Accuracy beside confidence, and cross-entropy before and after one temperature a run."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Estimate, Tables, chosen_on_validation, estimate
from regularization.naming import Key, parse_p
from regularization.reporting.drawing.axes import handle, legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, Look, look
from regularization.reporting.words import plain

METHODS = ("none", "weight_decay", "dropout", "dropout_weight_decay", "input_noise")
RAW, OTHER = (Look("", COLOURS[name][0], "none", marker) for name, marker in (("vermillion", "o"), ("blue", "D")))
PANELS = {
    "fraction of the test images": {"accuracy": OTHER, "confidence": RAW},
    "test cross-entropy, nats": {"tempered_loss": OTHER, "loss": RAW},
}
LABELS = {name: name for name in ("accuracy", "confidence")}
LABELS |= {"tempered_loss": "with one temperature a run", "loss": "as trained"}


def chosen(tables: Tables, setting: str) -> dict[str, Key]:
    """Method → its cell with the lowest mean validation loss among those with a temperature, in the order drawn."""
    validation = tables.of("fashion_mnist", setting, "validation_loss")
    found = {}
    for method in METHODS:
        own = validation[validation["method"] == method]
        if (best := chosen_on_validation(own, own)) is not None:
            key = Key("fashion_mnist", setting, method, float(best["lam"]), str(best["p"]))
            if tables.calibrated(key)["tempered_loss"].notna().any():
                found[method] = key
    return found


def right_or_confident(tables: Tables) -> Exhibit | None:
    """A row a method in the first setting with weight decay and dropout; None where there is none with calibration."""
    for setting in tables.studied("fashion_mnist"):
        keys = chosen(tables, setting)
        if {"none", "weight_decay", "dropout"} <= set(keys):
            break
    else:
        return None
    runs = {method: tables.calibrated(key).set_index(["seed", "data_seed"]) for method, key in keys.items()}
    rows = []
    for method, key in keys.items():
        n_diverged = len(tables.select(key)) - len(runs[method])
        for metric in LABELS:
            mean = estimate(runs[method][metric].dropna(), n_diverged)
            rows.append((*key, metric, mean.mean, mean.low, mean.high, mean.n, n_diverged))
    data = pd.DataFrame(rows, columns=[*Key._fields, "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"])
    figure, (axes,) = panels(0.9 + 0.33 * len(keys), 1, 2, sharey=True)
    for axis, (title, metrics) in zip(axes, PANELS.items(), strict=True):
        _draw(axis, data, metrics)
        axis.set_xlabel(title)
    axes[0].set_yticks(range(len(keys)), [look(method).label for method in keys])
    axes[0].set_ylim(len(keys) - 0.5, -0.5)
    drawn = {name: style for metrics in PANELS.values() for name, style in metrics.items()}
    legend_above(figure, [handle(style, LABELS[name]) for name, style in drawn.items()])
    facts = {
        "n_train": tables.setting("fashion_mnist", setting)["n_train"],
        "changes": [
            {"method": look(method).label, "strength": _strength(keys[method]), **_changes(runs[method], runs["none"])}
            for method in keys
            if method != "none"
        ],
        "methods": [look(method).label for method in keys],
        **counted(data[data["metric"] == "loss"]),
    }
    return Exhibit(figure, facts, data)


def _draw(axis: Axes, data: pd.DataFrame, metrics: dict[str, Look]) -> None:
    """Means with intervals, a row a method; a thin line joins a row's two."""
    places = np.arange(data["method"].nunique())
    pair = np.array([data.loc[data["metric"] == name, "mean"] for name in metrics])
    axis.hlines(places, pair.min(axis=0), pair.max(axis=0), color=COLOURS["muted"][0], linewidth=0.6)
    for name, style in metrics.items():
        own = data[data["metric"] == name]
        axis.plot(own["mean"], places, linestyle="none", marker=style.marker, color=style.colour, markersize=4)
        axis.hlines(places, own["ci_low"], own["ci_high"], color=style.colour, linewidth=1.6)


def _strength(key: Key) -> str:
    """What a method's cell is keyed by, in words: "λ = 0.01, p = 0.5"."""
    p = sorted(set(parse_p(key.p)))
    parts = [f"λ = {plain(key.lam)}"] if key.lam else []
    return ", ".join([*parts, *([f"p = {plain(p[0]) if len(p) == 1 else key.p}"] if any(p) else [])])


def _changes(runs: pd.DataFrame, none: pd.DataFrame) -> dict[str, Estimate]:
    """Metric → the mean difference to no regularization, paired by seed."""
    return {name: estimate((runs[name] - none[name]).dropna()) for name in ("accuracy", "loss", "tempered_loss")}
