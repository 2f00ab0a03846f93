"""Every method at its best: right, or only less confident? And which of them helps at all?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Estimate, Tables, chosen_on_validation, estimate
from regularization.naming import Key, parse_p
from regularization.reporting.drawing.axes import drawn_as, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, Look, look
from regularization.reporting.words import plain

METHODS = ("none", "weight_decay", "dropout", "dropout_weight_decay", "input_noise", "layer_noise")
RAW, OTHER = (Look("", COLOURS[name][0], "none", marker) for name, marker in (("vermillion", "o"), ("blue", "D")))
DRAWN = {
    "accuracy": replace(OTHER, label="accuracy"),
    "confidence": replace(RAW, label="confidence"),
    "tempered_loss": replace(OTHER, label="confidence rescaled"),
    "loss": replace(RAW, label="as trained"),
}
ALONE = {"test accuracy, %": ("accuracy",), "test cross-entropy, nats": ("loss",)}
PANELS = {"% of the test images": ("accuracy", "confidence"), "test cross-entropy, nats": ("tempered_loss", "loss")}
LABELS = {"input_noise": "noise on the pixels", "dropout_weight_decay": "both"}


class Best(NamedTuple):
    """A method at the strength that the mean validation loss chooses."""

    method: str
    key: Key
    means: dict[str, Estimate]  # by metric of `DRAWN`
    change: dict[str, Estimate]  # to no regularization, paired by seed

    @property
    def label(self) -> str:
        """What the method is called."""
        return LABELS.get(self.method, look(self.method).label)

    @property
    def strength(self) -> str:
        """What its cell is keyed by, in words: "λ = 0.01, p = 0.5"; noise by its standard deviation."""
        p = sorted(set(parse_p(self.key.p)))
        if self.method.endswith("noise"):
            return f"variance {plain(self.key.lam)}{f', {plain(p[0])} in hidden layers' if any(p) else ''}"
        parts = [f"λ = {plain(self.key.lam)}"] if self.key.lam else []
        return ", ".join([*parts, *([f"p = {plain(p[0]) if len(p) == 1 else self.key.p}"] if any(p) else [])])


class AtBest(NamedTuple):
    """Every method at its best, in one setting."""

    n_train: int
    methods: dict[str, Best]
    versus: dict[str, Estimate]  # dropout minus weight decay, by metric, paired by seed

    @property
    def lost(self) -> dict[str, list[int]]:
        """The facts `n` and `n_diverged` of a caption."""
        losses = [one.means["loss"] for one in self.methods.values()]
        return {"n": [one.n for one in losses], "n_diverged": [one.n_diverged for one in losses]}


def at_best(tables: Tables) -> AtBest | None:
    """The first setting with weight decay and dropout whose runs have a temperature; None where there is none."""
    for setting in tables.studied("fashion_mnist"):
        keys = _chosen(tables, setting)
        if {"none", "weight_decay", "dropout"} <= set(keys):
            break
    else:
        return None
    runs = {method: tables.calibrated(key).set_index(["seed", "data_seed"]) for method, key in keys.items()}
    found = {}
    for method, key in keys.items():
        lost = len(tables.select(key)) - len(runs[method])
        means = {name: estimate(runs[method][name].dropna(), lost) for name in DRAWN}
        change = {name: estimate((runs[method][name] - runs["none"][name]).dropna()) for name in DRAWN}
        found[method] = Best(method, key, means, change)
    versus = {name: estimate((runs["dropout"][name] - runs["weight_decay"][name]).dropna()) for name in DRAWN}
    return AtBest(int(tables.setting("fashion_mnist", setting)["n_train"]), found, versus)


def _chosen(tables: Tables, setting: str) -> dict[str, Key]:
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
    """Accuracy beside confidence, cross-entropy before and after one temperature a run; None without calibration."""
    found = at_best(tables)
    return found and _exhibit(found, PANELS, [one for one in METHODS if one != "layer_noise"])


def at_its_best(tables: Tables) -> Exhibit | None:
    """Accuracy and cross-entropy of every method, each against the line of none; None without calibration."""
    found = at_best(tables)
    return found and _exhibit(found, ALONE, METHODS)


def _exhibit(found: AtBest, shown: Mapping[str, tuple[str, ...]], methods: Sequence[str]) -> Exhibit:
    rows = [found.methods[method] for method in methods if method in found.methods]
    figure, (axes,) = panels(0.85 + 0.3 * len(rows), 1, 2, sharey=True)
    for axis, (title, metrics) in zip(axes, shown.items(), strict=True):
        _draw(axis, rows, metrics)
        axis.set_xlabel(title)
    axes[0].set_yticks(range(len(rows)), [row.label for row in rows])
    axes[0].set_ylim(len(rows) - 0.5, -0.9)
    parts = [(*row.key, metric, *vars(row.means[metric]).values(), *[*vars(row.change[metric]).values()][:3])
             for row in rows for metrics in shown.values() for metric in metrics]  # fmt: skip
    columns = [*Key._fields, "metric", "mean", "ci_low", "ci_high", "n", "n_diverged", "change", "lower", "higher"]
    return Exhibit(figure, {"best": found, "rows": rows, **found.lost}, pd.DataFrame(parts, columns=columns))


def _draw(axis: Axes, rows: list[Best], metrics: tuple[str, ...]) -> None:
    """Means with intervals, a row a method: of two metrics a thin line joins them, one is set against none's."""
    places = np.arange(len(rows))
    scale = 100 if "accuracy" in metrics else 1
    values = scale * np.array([[row.means[name].mean for row in rows] for name in metrics])
    if len(metrics) > 1:
        axis.hlines(places, values.min(axis=0), values.max(axis=0), color=MUTED, linewidth=0.6)
    else:
        axis.axvline(values[0, 0], color=MUTED, linewidth=0.8, linestyle=(0, (1, 1.5)))
    for name, mean in zip(metrics, values, strict=True):
        style = DRAWN[name] if len(metrics) > 1 else Look("", INK, "none", "o")
        axis.plot(mean, places, markersize=4, label=style.label, **drawn_as(style))
        if len(metrics) > 1:
            place: dict[str, Any] = {"va": "bottom", "color": style.colour}
            place["ha"] = "left" if mean[0] == values[:, 0].min() else "right"
            axis.annotate(style.label, (mean[0], 0), (0, 5), textcoords="offset points", **place)
        for y, row in enumerate(rows):
            of = row.means[name] if len(metrics) > 1 or y == 0 else row.change[name]
            start = 0.0 if of is row.means[name] else values[0, 0]
            if y or len(metrics) > 1:
                axis.hlines(y, start + scale * of.low, start + scale * of.high, color=style.colour, linewidth=1.6)
