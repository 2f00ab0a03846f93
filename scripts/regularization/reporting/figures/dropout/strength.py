"""Test error against the dropout probability, the same p in every hidden layer."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.naming import parse_p
from regularization.reporting.drawing.axes import cells_line, log_axis, name_line, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, LineStyle, Look
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
