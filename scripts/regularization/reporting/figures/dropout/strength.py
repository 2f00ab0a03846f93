"""What dropout's probability, the same in every hidden layer, does to the test error and to the learning curves."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.naming import Key, parse_p
from regularization.reporting.drawing.axes import cells_line, log_axis, name_line, panels, seed_band
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, MUTED, LineStyle, Look
from regularization.reporting.figures.weight_decay.curves import LINES as OF_CURVES
from regularization.reporting.words import plain

LINES: tuple[LineStyle, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (3, 1.2, 1, 1.2)))
NAMES = ("orange", "blue", "green", "purple", "sky", "vermillion", "yellow")  # as many as have no line style twice


def uniform_p(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with the same p in every hidden layer, with it as column `probability`."""
    p = cells["p"].map(parse_p)
    same = p.map(lambda values: len(set(values)) == 1).astype(bool)
    return cells[same].assign(probability=p[same].map(lambda values: values[0]).astype(float))


def error_rates(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Cells of an accuracy as cells of the error rate."""
    low, high = accuracies["ci_low"], accuracies["ci_high"]
    return accuracies.assign(mean=1 - accuracies["mean"], ci_low=1 - high, ci_high=1 - low)


def richest(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows of the setting with the most values of a column."""
    many = frame.groupby("setting", sort=False)[column].nunique()
    return frame[frame["setting"] == many.idxmax()] if len(many) else frame


def sizes(tables: Tables, settings: Iterable[str]) -> dict[str, str]:
    """What settings are called: their number of images, "500", and their name where others have as many."""
    n = {name: plain(tables.setting("fashion_mnist", name)["n_train"]) for name in settings}
    return {name: f"{size} ({name})" if [*n.values()].count(size) > 1 else size for name, size in n.items()}


def strengths(tables: Tables, setting: str, metric: str) -> pd.DataFrame:
    """Cells of dropout alone by p, the baseline at p = 0 included."""
    cells = tables.of("fashion_mnist", setting, metric)
    return uniform_p(cells[cells["method"].isin(["none", "dropout"])]).sort_values("probability")


def dropout_strength(tables: Tables) -> Exhibit | None:
    """Cross-entropy and test error rate against p, a line a setting with at least three p; None where there is none."""
    losses = {name: strengths(tables, name, "test_loss") for name in tables.series("fashion_mnist")}
    kept = {name: cells.dropna(subset=["mean"])["probability"] for name, cells in losses.items()}
    losses = {name: cells for name, cells in losses.items() if kept[name].nunique() > 2}
    if not losses:
        return None
    looks = {
        name: Look(f"n = {size}", COLOURS[colour][0], line, marker)
        for (name, size), colour, line, marker in zip(
            sizes(tables, losses).items(), cycle(NAMES), cycle(LINES), cycle("os^D"), strict=False
        )
    }
    figure, (axes,) = panels(2.9, 1, 2)
    drawn = []
    for name, style in looks.items():
        error = error_rates(strengths(tables, name, "test_accuracy"))
        for axis, cells, metric in zip(axes, (losses[name], error), ("test_loss", "test_error_rate"), strict=True):
            cells_line(axis, cells, "probability", style)
            drawn.append(cells.assign(metric=metric))
    for axis, words in zip(axes, ("test cross-entropy, nats", "test error rate"), strict=True):
        axis.set(xlabel="dropout probability p", ylabel=words)
        log_axis(axis)
    columns = ["setting", "method", "lam", "p", "probability", "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    data = pd.concat(drawn, ignore_index=True)[columns]
    losses_drawn = data[(data["metric"] == "test_loss") & np.isfinite(data["mean"])]
    _name(axes[0], looks, losses_drawn)
    facts = {
        "chosen": list(_chosen(tables, losses_drawn, looks)),
        "lowest_p": data["probability"].min(),
        "highest_p": data["probability"].max(),
        "lines": [style.label for style in looks.values()],
        **counted(data),
    }
    return Exhibit(figure, facts, data)


def _name(axis: Axes, looks: dict[str, Look], losses: pd.DataFrame) -> None:
    """Every line's name: to the right of one that ends before the others, above the middle of one that does not."""
    for name, style in looks.items():
        own = losses[losses["setting"] == name]
        if own["probability"].max() < losses["probability"].max():
            name_line(axis, own.iloc[-1], "probability", style, "right")
        else:
            name_line(axis, own.iloc[len(own) // 2], "probability", style, "above")


def _chosen(tables: Tables, losses: pd.DataFrame, looks: dict[str, Look]) -> Iterator[dict[str, Any]]:
    """A line each: its label, the p that validation data choose out of how many, and the test loss there.

    And, of the chosen p or, where that is 0, of the best above it: test loss, and change of accuracy paired by seed.
    """
    for name, style in looks.items():
        own = losses[losses["setting"] == name]
        best = chosen_on_validation(own, strengths(tables, name, "validation_loss"))
        if best is not None:
            start, above = own.loc[own["probability"] == 0, "mean"], own[own["probability"] > 0]
            other = best if best["probability"] > 0 else above.loc[above["mean"].idxmin()]
            none = tables.baseline("fashion_mnist", name)
            accuracy = tables.paired(none._replace(method="dropout", p=other["p"]), none, "test_accuracy")
            yield {
                "line": style.label,
                "p": best["probability"],
                "tried": len(own),
                "loss": best["mean"],
                "without": start.iloc[0] if len(start) else None,
                "other": {"p": other["probability"], "loss": other["mean"]},
                "accuracy": accuracy and accuracy.difference,
            }


WANTED = (0.0, 0.2, 0.5, 0.8)  # none, and a weak, the usual and a strong one: of the studied p the nearest are shown
PARTS = {part: OF_CURVES[f"{part}_loss"] for part in ("train", "test")}  # as in the linear model's learning curves
QUANTITIES = {"loss": "cross-entropy, nats", "error": "error rate"}
WITHOUT = "test, p = 0"


def dropout_strength_curves(tables: Tables) -> Exhibit | None:
    """A column a p for the smallest number of images with curves of at least two; None where there is none."""
    found = {name: curves for name in tables.series("fashion_mnist") if len(curves := _curves(tables, name)) >= 2}
    if not found:
        return None
    setting = min(found, key=lambda name: tables.setting("fashion_mnist", name)["n_train"])
    curves = found[setting]
    figure, rows = panels(3.9, 2, len(curves), sharex=True, sharey="row")
    data = pd.concat([_drawn(rows[:, i], p, curve) for i, (p, curve) in enumerate(curves.items())], ignore_index=True)
    reference = data[(data["p"] == 0) & (data["part"] == "test")]
    for column, p in zip(rows.T, curves, strict=True):
        column[0].set_title(f"p = {plain(p)}")
        column[1].set_xlabel("epoch")
        for axis, quantity in zip(column, QUANTITIES, strict=True):
            own = reference[reference["quantity"] == quantity]
            if p > 0 and len(own):
                axis.plot(own["epoch"], own["median"], color=MUTED, linewidth=0.9, zorder=1, label=WITHOUT)
    log_axis(rows[0, 0])
    for axis, words in zip(rows[:, 0], QUANTITIES.values(), strict=True):
        axis.set_ylabel(words)
    rows[1, 0].set_ylim(bottom=min(0.0, data.loc[data["quantity"] == "error", "low"].min()))  # no band leaves the axes
    _name_curves(rows[0, 0], data)
    if len(reference):
        place = {"xy": (0.97, 0.96), "xycoords": "axes fraction", "ha": "right", "va": "top"}
        rows[0, 1].annotate(f"grey: {WITHOUT}", fontsize=7.5, color=MUTED, **place)
    medians = data.groupby(["p", "part", "quantity"])["median"].agg(["last", "min"]).to_dict("index")
    facts = {
        "n_train": tables.setting("fashion_mnist", setting)["n_train"],
        "columns": [
            {
                "p": p,
                "lowest": medians[p, "test", "loss"]["min"],
                **{f"{part}_{name}": medians[p, part, name]["last"] for part in PARTS for name in QUANTITIES},
            }
            for p in curves
        ],
        "n_seeds": [curve["seed"].nunique() for curve in curves.values()],
    }
    return Exhibit(figure, facts, data)


def _curves(tables: Tables, setting: str) -> dict[float, pd.DataFrame]:
    """By p, learning curves of the runs with it and no other regularizer, losses and error rates, after epoch 0."""
    cells = strengths(tables, setting, "test_loss")
    studied = cells.set_index("probability")
    if studied.empty:
        return {}
    found = {}
    for p in sorted({min(studied.index, key=lambda own: abs(own - wanted)) for wanted in WANTED}):
        cell = studied.loc[p]
        curve = tables.curve(Key("fashion_mnist", setting, cell["method"], 0.0, cell["p"]))
        if len(curve):
            errors = {f"{part}_error": 1 - curve[f"{part}_accuracy"] for part in PARTS}
            found[p] = curve.assign(**errors)[curve["epoch"] > 0]  # at the start every loss is ln 10
    return found


def _drawn(axes: np.ndarray, p: float, curve: pd.DataFrame) -> pd.DataFrame:
    """A column's curves, and what was drawn: quantity, part, p, epoch, median, low, high."""
    drawn = []
    for axis, quantity in zip(axes, QUANTITIES, strict=True):
        for part, (words, colour, line) in PARTS.items():
            label = words.removesuffix(" loss")
            band = seed_band(axis, curve, f"{part}_{quantity}", colour, linestyle=line, label=label, zorder=3)
            drawn.append(band.assign(quantity=quantity, part=part, p=p))
    return pd.concat(drawn)


def _name_curves(axis: Axes, data: pd.DataFrame) -> None:
    """The names of the first panel's lines, where each leaves room above."""
    for part, (words, colour, line) in PARTS.items():
        own = data[(data["part"] == part) & (data["quantity"] == "loss") & (data["p"] == data["p"].min())]
        place = own.iloc[len(own) * 2 // 3 if part == "test" else max(len(own) - 2, 0)].rename({"median": "mean"})
        name_line(axis, place, "epoch", Look(words.removesuffix(" loss"), colour, line, ""), "above")
