"""What dropout does to the network's learning curves: training and test loss and error by epoch, a column a p."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import log_axis, name_line, panels, seed_band
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED, Look
from regularization.reporting.figures.dropout.strength import strengths
from regularization.reporting.figures.weight_decay.curves import LINES
from regularization.reporting.words import plain

WANTED = (0.0, 0.2, 0.5, 0.8)  # none, and a weak, the usual and a strong one: of the studied p the nearest are shown
PARTS = {part: LINES[f"{part}_loss"] for part in ("train", "test")}  # as in the linear model's learning curves
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
    _name_lines(rows[0, 0], data)
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


def _name_lines(axis: Axes, data: pd.DataFrame) -> None:
    """The names of the first panel's lines, where each leaves room above."""
    for part, (words, colour, line) in PARTS.items():
        own = data[(data["part"] == part) & (data["quantity"] == "loss") & (data["p"] == data["p"].min())]
        place = own.iloc[len(own) * 2 // 3 if part == "test" else max(len(own) - 2, 0)].rename({"median": "mean"})
        name_line(axis, place, "epoch", Look(words.removesuffix(" loss"), colour, line, ""), "above")
