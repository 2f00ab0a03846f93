"""Generalisation gap and test error of the MLP against the number of training images."""

from dataclasses import replace

import pandas as pd

from regularization.analysis.tables import Tables, estimate
from regularization.naming import Key, parse_p
from regularization.reporting.drawing.axes import cells_line, log_axis, name_line, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import METHODS, look
from regularization.reporting.words import plain

P = "0.5/0.5"


def measured(tables: Tables) -> pd.DataFrame:
    """Columns setting, n_train, method, metric (gap or test_loss), mean, ci_low, ci_high, n, n_diverged."""
    rows = []
    for name in tables.series("fashion_mnist"):
        n_train = int(tables.setting("fashion_mnist", name)["n_train"])
        for key in _compared(tables, name):
            runs = tables.ok(key)
            n_diverged = len(tables.select(key)) - len(runs)
            gap = runs["test_loss"] - runs["train_loss"]
            for metric, values in {"gap": gap, "test_loss": runs["test_loss"]}.items():
                if len(values):
                    rows.append((name, n_train, key.method, metric, *vars(estimate(values, n_diverged)).values()))
    columns = ["setting", "n_train", "method", "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    return pd.DataFrame(rows, columns=columns).sort_values(["metric", "method", "n_train"], kind="stable")


def dropout_samples(tables: Tables) -> Exhibit | None:
    """Two panels, gap and test cross-entropy; None unless at least two sample sizes were run."""
    data = measured(tables)
    if data["n_train"].nunique() < 2:
        return None
    p = parse_p(P)[0]
    looks = {name: look(name) for name in METHODS if (data["method"] == name).any()}
    if "dropout" in looks:
        looks["dropout"] = replace(looks["dropout"], label=f"dropout p = {plain(p)}")
    figure, (axes,) = panels(2.8, 1, 2)
    for axis, metric, words in zip(axes, ("gap", "test_loss"), ("test − training loss", "test loss"), strict=True):
        for method, style in looks.items():
            cells = data[(data["metric"] == metric) & (data["method"] == method)]
            cells_line(axis, cells, "n_train", style)
            if axis is axes[0]:
                middle = cells.iloc[len(cells) // 2]
                name_line(axis, middle, "n_train", style, "above" if method == "none" else "below")
        axis.set(title=words, xlabel="training images n")
        log_axis(axis, "x")
        axis.set_xticks(sorted(data["n_train"].unique()))
    axes[0].set_ylabel("cross-entropy, nats")
    axes[0].set_ylim(bottom=0)
    changes = []
    for name, n_train in data[["setting", "n_train"]].drop_duplicates().itertuples(index=False):
        none, dropout = _compared(tables, name)
        if paired := tables.paired(dropout, none, "test_loss"):
            changes.append((n_train, paired.difference))
    facts = {
        "p": p,
        "changes": changes,
        "sizes": sorted(set(data["n_train"])),
        "methods": [look(method).label for method in looks],
        **counted(data),
    }
    return Exhibit(figure, facts, data)


def _compared(tables: Tables, setting: str) -> tuple[Key, Key]:
    """The cells without and with dropout."""
    return tables.baseline("fashion_mnist", setting), Key("fashion_mnist", setting, "dropout", 0.0, P)
