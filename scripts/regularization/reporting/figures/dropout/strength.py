"""Test error against the dropout probability, the same p in every hidden layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.naming import parse_p
from regularization.reporting.drawing.axes import cells_line, log_axis, name_line
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import COLOURS, WIDTH, LineStyle, Look
from regularization.reporting.words import listing, number, plain, seeds

LINES: tuple[LineStyle, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (3, 1.2, 1, 1.2)))
NAMES = ("orange", "blue", "green", "purple")


def uniform_p(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with the same p in every hidden layer, with it as column `probability`."""
    p = cells["p"].map(parse_p)
    same = p.map(lambda values: len(set(values)) == 1).astype(bool)
    return cells[same].assign(probability=p[same].map(lambda values: values[0]))


def strengths(tables: Tables, setting: str, metric: str) -> pd.DataFrame:
    """Cells of dropout alone by p, the baseline at p = 0 included."""
    cells = tables.of("fashion_mnist", setting, metric)
    return uniform_p(cells[cells["method"].isin(["none", "dropout"])]).sort_values("probability")


def exhibits(tables: Tables) -> list[Exhibit]:
    """Cross-entropy and test error rate against p, a line a setting with at least two p."""
    settings = [
        name
        for name in tables.studied("fashion_mnist")
        if not tables.crossed("fashion_mnist", name)
        and len(set(strengths(tables, name, "test_loss")["probability"])) >= 2
    ]
    if not settings:
        return []
    figure = Figure(figsize=(WIDTH, 2.9))
    axes = figure.subplots(1, 2)
    looks = {
        name: Look(_label(tables, name), COLOURS[colour][0], line, marker)
        for name, colour, line, marker in zip(settings, NAMES, LINES, "os^D", strict=False)
    }
    drawn = []
    for name, style in looks.items():
        loss = strengths(tables, name, "test_loss")
        error = strengths(tables, name, "test_accuracy")
        error = error.assign(mean=1 - error["mean"], ci_low=1 - error["ci_high"], ci_high=1 - error["ci_low"])
        for axis, cells, metric in zip(axes, (loss, error), ("test_loss", "test_error_rate"), strict=True):
            shown = cells.assign(mean=cells["mean"], metric=metric)
            cells_line(axis, shown, "probability", style, label=style.label)
            drawn.append(shown)
    for axis, words in zip(axes, ("test cross-entropy, nats", "test error rate"), strict=True):
        axis.set_xlabel("dropout probability p")
        axis.set_ylabel(words)
        log_axis(axis)
    _name(axes[0], looks, pd.concat(drawn))
    columns = ["setting", "method", "lam", "p", "probability", "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    data = pd.concat(drawn, ignore_index=True)[columns]
    return [
        Exhibit(
            name="dropout-strength",
            section="dropout",
            figure=figure,
            caption=f"**{_finding(tables, data, looks)}** {_reached(tables, data, looks)}"
            + seeds(data["n"], data["n_diverged"]),
            alt=(
                "Two panels against the dropout probability from "
                f"{plain(data['probability'].min())} to {plain(data['probability'].max())}: test cross-entropy on the "
                "left, test error rate on the right, both logarithmic. Lines for "
                f"{listing(style.label for style in looks.values())}."
            ),
            data=data,
        )
    ]


def _name(axis: Axes, looks: dict[str, Look], drawn: pd.DataFrame) -> None:
    """Every line's name: to the right of one that ends before the others, above the middle of one that does not."""
    losses = drawn[drawn["metric"] == "test_loss"].dropna(subset=["mean"])
    for name, style in looks.items():
        own = losses[losses["setting"] == name]
        if own["probability"].max() < losses["probability"].max():
            name_line(axis, own.iloc[-1], "probability", style, "right")
        else:
            name_line(axis, own.iloc[len(own) // 2], "probability", style, "above")


def _label(tables: Tables, name: str) -> str:
    return f"n = {plain(tables.setting('fashion_mnist', name)['n_train'])}"


def _chosen(tables: Tables, data: pd.DataFrame, looks: dict[str, Look]) -> dict[str, pd.Series]:
    """Setting → its cell (test cross-entropy) at the p that validation data choose."""
    losses = data[(data["metric"] == "test_loss") & np.isfinite(data["mean"])]
    found = {
        name: chosen_on_validation(losses[losses["setting"] == name], strengths(tables, name, "validation_loss"))
        for name in looks
    }
    return {name: best for name, best in found.items() if best is not None}


def _finding(tables: Tables, data: pd.DataFrame, looks: dict[str, Look]) -> str:
    chosen = _chosen(tables, data, looks)
    parts = [f"{plain(best['probability'])} at {looks[name].label}" for name, best in chosen.items()]
    if not parts:
        return "Test error against the dropout probability."
    return f"Chosen on validation data, the best p is {listing(parts)}."


def _reached(tables: Tables, data: pd.DataFrame, looks: dict[str, Look]) -> str:
    """The test cross-entropy at the chosen p, and at p = 0."""
    parts = []
    for name, best in _chosen(tables, data, looks).items():
        rows = data[(data["setting"] == name) & (data["metric"] == "test_loss") & (data["probability"] == 0)]
        zero = rows["mean"].dropna()
        against = f" against {number(zero.iloc[0])} at p = 0" if len(zero) and best["probability"] > 0 else ""
        parts.append(f"{number(best['mean'])}{against} ({looks[name].label})")
    return f"Test cross-entropy there: {listing(parts)}. " if parts else ""
