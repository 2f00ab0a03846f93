"""What the chapter's own run looks like: one run as the notebook shows it, over the band of all of them."""

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, Tables, setting_of
from regularization.naming import Key
from regularization.reporting.drawing.axes import log_axis, panels, seed_band
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, LineStyle
from regularization.reporting.words import plain
from regularization.theory.data import training_inputs
from regularization.theory.expected_risk import diagonalised, gradient_descent_risk, loss_factor

SETTING = "textbook"
LAMS = (0.0, CHAPTER_LAM)
LINES: dict[str, tuple[str, str, LineStyle]] = {  # column: (words, colour, line style)
    "train_loss": ("its examples", COLOURS["blue"][0], "-"),
    "test_loss": ("new data", COLOURS["vermillion"][0], (0, (5, 1.5))),
}
MOST_SEEDS = 200  # inputs that the expectation is averaged over, at most


def _agreement(tables: Tables, key: Key) -> float:
    """Mean exact risk of a cell's runs over what theory expects of full batches at the end, for the same inputs."""
    task = setting_of(tables.setting(key.experiment, key.setting))
    runs = tables.ok(key)
    runs = runs[runs["seed"] < MOST_SEEDS]
    inputs = np.stack(list(training_inputs(task.n_train, task.n_features, MOST_SEEDS)))
    spectra = diagonalised(inputs, np.array([key.lam / loss_factor(task)]))
    expected = gradient_descent_risk(spectra, task, task.epochs * task.steps_per_epoch).total[runs["seed"].to_numpy()]
    return float(runs["risk"].mean() / expected.mean())


def weight_decay_curves(tables: Tables) -> Exhibit | None:
    """One panel a λ, the first seed's run as the notebook shows it over all of them; None without the setting."""
    baseline = tables.baseline("linear_regression", SETTING)
    keys = [baseline if lam == 0 else Key("linear_regression", SETTING, "l2_penalty", lam, "0") for lam in LAMS]
    curves = {key: curve for key in keys if not (curve := tables.curve(key)).empty}
    if not curves:
        return None
    figure, (axes,) = panels(2.7, columns=len(curves), sharey=True)
    drawn, one = [], next(iter(curves.values()))["seed"].min()
    for axis, (key, curve) in zip(axes, curves.items(), strict=True):
        for column, (words, colour, line) in LINES.items():
            band = seed_band(axis, curve, column, colour, linestyle="none")
            own = curve[curve["seed"] == one].sort_values("epoch")
            axis.plot(own["epoch"], own[column], color=colour, linestyle=line, label=words)
            drawn += [band.assign(lam=key.lam, metric=column), own.assign(lam=key.lam, metric=f"{column} of one run",
                      median=own[column])[["epoch", "median", "lam", "metric"]]]  # fmt: skip
            if axis is axes[0]:
                middle = band.iloc[(band["epoch"] - band["epoch"].max() / 2).abs().argmin()]
                axis.annotate(words, (middle["epoch"], middle["median"]), (0, -12 if column == "test_loss" else 12),
                              textcoords="offset points", color=colour)  # fmt: skip
        axis.set(title=f"weight decay λ = {plain(key.lam)}" if key.lam else "without weight decay", xlabel="epoch")
    log_axis(axes[0])
    axes[0].set_ylabel("squared error")
    data = pd.concat(drawn, ignore_index=True)
    last = data[data["epoch"] == data["epoch"].max()].pivot_table(index="lam", columns="metric", values="median")
    start = data[(data["epoch"] == data["epoch"].min())].pivot_table(index="lam", columns="metric", values="median")
    facts = {
        "ends": last.reset_index().to_dict("records"),
        "starts": start["test_loss"].to_list(),
        "off": max(abs(_agreement(tables, key) - 1) for key in curves),
        "n_seeds": sorted({curve["seed"].nunique() for curve in curves.values()}),
    }
    return Exhibit(figure, facts, data)
