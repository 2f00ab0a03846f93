"""The chapter's MLP as published: cross-entropy and accuracy by epoch, without dropout and with it."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from regularization.analysis.tables import CHAPTER_P, Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import legend_above, log_axis, seed_band
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import INK, WIDTH, LineStyle, look
from regularization.reporting.words import interval, listing, plain

SETTINGS = {
    "textbook": "from scratch",
    "textbook_concise": "concise",
    "textbook_cosine": "cosine schedule",
}
PARTS: dict[str, tuple[str, LineStyle]] = {"train": ("training", (0, (1, 1))), "test": ("test", "-")}


def exhibits(tables: Tables) -> list[Exhibit]:
    """Two rows (cross-entropy, accuracy) and a column a setting; empty where no textbook setting was run."""
    names = tables.studied("fashion_mnist", list(SETTINGS))
    if not names:
        return []
    figure = Figure(figsize=(WIDTH, 4.0))
    rows = figure.subplots(2, len(names), sharex="col", sharey="row", squeeze=False)
    drawn, methods, n_seeds = [], {}, set()
    for column, name in enumerate(names):
        for key in (tables.baseline("fashion_mnist", name), Key("fashion_mnist", name, "dropout", 0.0, CHAPTER_P)):
            curve = tables.curve(key)
            if curve.empty:
                continue
            methods[key.method] = look(key.method)
            n_seeds.add(curve["seed"].nunique())
            trained = curve[curve["epoch"] > 0]  # before training the loss is ln 10 and would set the scale
            for row, quantity in enumerate(("loss", "accuracy")):
                for part, (words, line) in PARTS.items():
                    metric = f"{part}_{quantity}"
                    named = {"label": f"{_label(key.method)}, {words}", "linestyle": line}
                    band = seed_band(rows[row, column], trained, metric, look(key.method).colour, **named)
                    drawn.append(band.assign(setting=name, method=key.method, metric=metric))
        rows[0, column].set_title(SETTINGS[name])
        rows[1, column].set_xlabel("epoch")
    log_axis(rows[0, 0])
    rows[0, 0].set_ylabel("cross-entropy, nats")
    rows[1, 0].set_ylabel("accuracy")
    legend_above(
        figure,
        [
            *(
                Line2D([], [], color=style.colour, linewidth=3, label=_label(method))
                for method, style in methods.items()
            ),
            *(Line2D([], [], color=INK, linestyle=line, label=words) for words, line in PARTS.values()),
        ],
    )
    data = pd.concat(drawn, ignore_index=True)
    return [
        Exhibit(
            name="dropout-curves",
            section="dropout",
            figure=figure,
            caption=(
                f"**{_finding(tables, names)}** "
                f"Differences are paired by seed. Lines are medians over {listing(str(n) for n in sorted(n_seeds))} "
                f"{'seed' if n_seeds == {1} else 'seeds'}, bands hold the middle 80 % of them. Curves are evaluated on "
                "a fixed subset of the images; the numbers in the text use all of them."
            ),
            alt=(
                f"{len(names)} columns ({listing(SETTINGS[name] for name in names)}), two rows: cross-entropy on a "
                "logarithmic axis above, accuracy below, against the epoch. Dotted training curves and solid test "
                f"curves for {listing(_label(method) for method in methods)}."
            ),
            data=data,
        )
    ]


def _label(method: str) -> str:
    return f"dropout {CHAPTER_P.replace('/', ' and ')}" if method == "dropout" else look(method).label


def _finding(tables: Tables, names: list[str]) -> str:
    parts = []
    for name in names:
        none, dropout = tables.baseline("fashion_mnist", name), Key("fashion_mnist", name, "dropout", 0.0, CHAPTER_P)
        paired = tables.paired(dropout, none, "test_accuracy")
        if paired is not None:
            parts.append(f"{interval(paired.difference, 2, scale=100)} ({SETTINGS[name]})")
    n = tables.setting("fashion_mnist", names[0])["n_train"]
    if not parts:
        return f"Learning curves on {plain(n)} images."
    return f"On {plain(n)} images dropout changes the test accuracy by {listing(parts)} points."
