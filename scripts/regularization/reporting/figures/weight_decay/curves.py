"""What the chapter's own run looks like: training and test loss by epoch, and what theory expects of it."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from regularization.analysis.tables import Tables, setting_of
from regularization.naming import Key
from regularization.reporting.drawing.axes import legend_above, log_axis, marked_line, panels, seed_band
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, LineStyle
from regularization.reporting.words import plain
from regularization.theory.expected_curve import expected_curve

SETTING = "textbook"
LAMS = (0.0, 3.0, 10.0)  # without, as the chapter sets it, and its exercise's
LINES: dict[str, tuple[str, str, LineStyle]] = {  # column: (words, colour, line style)
    "train_loss": ("training loss", COLOURS["blue"][0], "-"),
    "test_loss": ("test loss", COLOURS["vermillion"][0], (0, (5, 1.5))),
}
EXPECTED: dict[str, Any] = {"color": INK, "linestyle": (0, (1, 1.2)), "linewidth": 1.1}
MOST_SEEDS = 200  # inputs that the expectation is averaged over, at most


def expected(tables: Tables, key: Key, epochs: np.ndarray) -> pd.DataFrame:
    """Expected risk by epoch over the inputs of the cell's seeds: epoch, median, low, high (middle 80 % of seeds)."""
    n_seeds = min(MOST_SEEDS, tables.select(key)["seed"].nunique())
    risk = expected_curve(setting_of(tables.setting(key.experiment, key.setting)), key.lam, epochs, n_seeds)
    low, median, high = np.quantile(risk, [0.1, 0.5, 0.9], axis=0)
    return pd.DataFrame({"epoch": epochs, "median": median, "low": low, "high": high})


def _agreement(tables: Tables, key: Key) -> float:
    """Mean exact risk of a cell's runs over what theory expects at the end, on average over the same inputs."""
    task = setting_of(tables.setting(key.experiment, key.setting))
    runs = tables.ok(key)
    runs = runs[runs["seed"] < MOST_SEEDS]
    risk = expected_curve(task, key.lam, np.array([task.epochs]), MOST_SEEDS)[runs["seed"].to_numpy(), 0]
    return float(runs["risk"].mean() / risk.mean())


def weight_decay_curves(tables: Tables) -> Exhibit | None:
    """One panel a λ; None where the textbook setting was not run."""
    baseline = tables.baseline("linear_regression", SETTING)
    keys = [baseline if lam == 0 else Key("linear_regression", SETTING, "l2_penalty", lam, "0") for lam in LAMS]
    curves = {key: curve for key in keys if not (curve := tables.curve(key)).empty}
    if not curves:
        return None
    figure, (axes,) = panels(2.5, columns=len(curves), sharey=True)
    drawn = []
    for axis, (key, curve) in zip(axes, curves.items(), strict=True):
        for column, (_, colour, line) in LINES.items():
            band = seed_band(axis, curve, column, colour, linestyle=line)
            drawn.append(band.assign(lam=key.lam, metric=column))
        theory = expected(tables, key, np.unique(curve["epoch"]))
        axis.plot(theory["epoch"], theory["median"], zorder=4, **EXPECTED)
        drawn.append(theory.assign(lam=key.lam, metric="expected_risk"))
        axis.set(title=f"λ = {plain(key.lam)}", xlabel="epoch")
    log_axis(axes[0])
    axes[0].set_ylabel("squared error")
    reference = tables.constant(SETTING, "mean_predictor_risk")
    if reference is not None:
        for axis in axes:
            marked_line(axis, reference, "predicting\nthe mean" if axis is axes[0] else "", which="y", below=True)
    handles = [Line2D([], [], color=colour, linestyle=line, label=words) for words, colour, line in LINES.values()]
    legend_above(figure, [*handles, Line2D([], [], label="expected test loss, theory", **EXPECTED)])
    data = pd.concat(drawn, ignore_index=True)
    last = data[data["epoch"] == data["epoch"].max()].pivot_table(index="lam", columns="metric", values="median")
    facts = {
        "lams": [key.lam for key in curves],
        "ends": last.reset_index().to_dict("records"),
        "off": max(abs(_agreement(tables, key) - 1) for key in curves),
        "n_seeds": sorted({curve["seed"].nunique() for curve in curves.values()}),
        "reference": reference,
    }
    return Exhibit(figure, facts, data)
