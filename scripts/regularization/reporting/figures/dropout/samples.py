"""Generalisation gap and test error of the MLP against the number of training images."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables, estimate
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, log_axis, name_line
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import METHODS, WIDTH, look
from regularization.reporting.words import interval, listing, plain, seeds

PREFIX = "samples_"
P = "0.5/0.5"


def measured(tables: Tables) -> pd.DataFrame:
    """Columns setting, n_train, method, metric (gap or test_loss), mean, ci_low, ci_high, n, n_diverged."""
    rows = []
    for name in tables.studied("fashion_mnist", prefix=PREFIX):
        if tables.crossed("fashion_mnist", name):
            continue
        n_train = int(tables.setting("fashion_mnist", name)["n_train"])
        for key in (tables.baseline("fashion_mnist", name), Key("fashion_mnist", name, "dropout", 0.0, P)):
            runs = tables.ok(key)
            n_diverged = len(tables.select(key)) - len(runs)
            for metric, values in {
                "gap": runs["test_loss"] - runs["train_loss"],
                "test_loss": runs["test_loss"],
            }.items():
                if len(values):
                    rows.append((name, n_train, key.method, metric, *vars(estimate(values, n_diverged)).values()))
    columns = ["setting", "n_train", "method", "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    return pd.DataFrame(rows, columns=columns).sort_values(["metric", "method", "n_train"], kind="stable")


def exhibits(tables: Tables) -> list[Exhibit]:
    """Two panels, gap and test cross-entropy; empty unless at least two sample sizes were run."""
    data = measured(tables)
    if data["n_train"].nunique() < 2:
        return []
    figure = Figure(figsize=(WIDTH, 2.8))
    axes = figure.subplots(1, 2)
    methods = sorted(set(data["method"]), key=list(METHODS).index)
    looks = {name: look(name) for name in methods}
    if "dropout" in looks:
        looks["dropout"] = replace(looks["dropout"], label=f"dropout p = {P.split('/')[0]}")
    for axis, metric, words in zip(axes, ("gap", "test_loss"), ("test − training loss", "test loss"), strict=True):
        for method, style in looks.items():
            cells = data[(data["metric"] == metric) & (data["method"] == method)]
            cells_line(axis, cells, "n_train", style, label=style.label)
            if axis is axes[0]:
                middle = cells.iloc[len(cells) // 2]
                name_line(axis, middle, "n_train", style, "above" if method == "none" else "below")
        axis.set_title(words)
        axis.set_xlabel("training images n")
        log_axis(axis, "x")
        axis.set_xticks(sorted(data["n_train"].unique()))
    axes[0].set_ylabel("cross-entropy, nats")
    axes[0].set_ylim(bottom=0)
    return [
        Exhibit(
            name="dropout-samples",
            section="dropout",
            figure=figure,
            caption=f"**{_finding(tables, data)}** Differences are paired by seed. "
            + seeds(data["n"], data["n_diverged"]),
            alt=(
                "Two panels against the number of training images, "
                f"{listing(plain(n) for n in sorted(set(data['n_train'])))}: "
                "test minus training cross-entropy on the left, test cross-entropy on the right. Lines for "
                f"{listing(look(method).label for method in methods)}."
            ),
            data=data,
        )
    ]


def _finding(tables: Tables, data: pd.DataFrame) -> str:
    parts = []
    for name, n_train in data[["setting", "n_train"]].drop_duplicates().itertuples(index=False):
        paired = tables.paired(
            Key("fashion_mnist", name, "dropout", 0.0, P), tables.baseline("fashion_mnist", name), "test_loss"
        )
        if paired is not None:
            parts.append(f"{interval(paired.difference)} (n = {plain(n_train)})")
    if not parts:
        return "Generalisation gap and test cross-entropy against the number of training images."
    return f"Dropout (p = {P.split('/')[0]}) changes the test cross-entropy by {listing(parts)}."
