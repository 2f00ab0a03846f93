"""What the chapter's own run looks like: training and test loss by epoch, without weight decay and with it."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from regularization.figures.axes import legend_above, log_axis, marked_line, seed_band
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import COLOURS, WIDTH, LineStyle
from regularization.reporting.words import listing, number, plain
from regularization.tables import Key, Tables

SETTING = "textbook"
LAMS = (0.0, 3.0, 10.0)  # without, as the chapter sets it, and its exercise's
LINES: dict[str, tuple[str, str, LineStyle]] = {  # column: (words, colour, line style)
    "train_loss": ("training loss", COLOURS["blue"][0], "-"),
    "test_loss": ("test loss", COLOURS["vermillion"][0], (0, (5, 1.5))),
}


def exhibits(tables: Tables) -> list[Exhibit]:
    """One panel a λ; an empty list where the textbook setting was not run."""
    baseline = tables.baseline("weight_decay", SETTING)
    keys = [baseline if lam == 0 else Key("weight_decay", SETTING, "l2_penalty", lam, "0") for lam in LAMS]
    curves = {key: curve for key in keys if not (curve := tables.curve(key)).empty}
    if not curves:
        return []

    figure = Figure(figsize=(WIDTH, 2.5))
    axes = figure.subplots(1, len(curves), sharey=True, squeeze=False)[0]
    drawn = []
    for axis, (key, curve) in zip(axes, curves.items(), strict=True):
        for column, (_, colour, line) in LINES.items():
            band = seed_band(axis, curve, column, colour, linestyle=line)
            drawn.append(band.assign(lam=key.lam, metric=column))
        axis.set_title(f"λ = {plain(key.lam)}")
        axis.set_xlabel("epoch")
    log_axis(axes[0])
    axes[0].set_ylabel("squared error")
    reference = tables.constant(SETTING, "mean_predictor_risk")
    if reference is not None:
        for axis in axes:
            marked_line(axis, reference, "predicting the mean" if axis is axes[0] else "", which="y", end="right")
    legend_above(
        figure, [Line2D([], [], color=colour, linestyle=line, label=words) for words, colour, line in LINES.values()]
    )
    data = pd.concat(drawn, ignore_index=True)
    n_seeds = [curve["seed"].nunique() for curve in curves.values()]
    last = data[data["epoch"] == data["epoch"].max()].pivot_table(index="lam", columns="metric", values="median")
    outcomes = [
        f"λ = {plain(lam)} ends at a training loss of {number(row['train_loss'])} and a test loss of "
        f"{number(row['test_loss'])}"
        for lam, row in last.iterrows()
    ]
    return [
        Exhibit(
            name="weight-decay-curves",
            section="weight_decay",
            figure=figure,
            caption=(
                f"**The median run with {listing(outcomes)}.** Lines are medians over "
                f"{listing(sorted({str(n) for n in n_seeds}))} seeds, bands hold the middle 80 % of them. "
                "Losses are squared errors; the chapter plots half of that."
                + (" Dotted: the risk of predicting the mean and ignoring the inputs." if reference is not None else "")
            ),
            alt=(
                f"{len(curves)} panels side by side, one for each λ ({listing(plain(key.lam) for key in curves)}): "
                "squared error on a logarithmic axis against the epoch. In each a solid training curve and a dashed "
                "test curve with a shaded band for the seeds."
            ),
            data=data,
        )
    ]
