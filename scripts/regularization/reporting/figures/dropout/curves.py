"""The chapter's MLP as published: cross-entropy and accuracy by epoch, without dropout and with it."""

from dataclasses import replace

import pandas as pd

from regularization.analysis.tables import CHAPTER_P, Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import legend_above, log_axis, panels, seed_band, swatch
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import INK, Look, look

SETTINGS = {"textbook": "from scratch", "textbook_concise": "concise", "textbook_cosine": "cosine schedule"}
PARTS = {"train": Look("training", INK, (0, (1, 1)), ""), "test": Look("test", INK, "-", "")}


def dropout_curves(tables: Tables) -> Exhibit | None:
    """Two rows (cross-entropy, accuracy) and a column a setting; None where no textbook setting was run."""
    names = tables.studied("fashion_mnist", list(SETTINGS))
    if not names:
        return None
    figure, rows = panels(4.0, 2, len(names), sharex="col", sharey="row")
    drawn, looks, n_seeds, changes, lost = [], {}, set(), [], []
    for column, name in zip(rows.T, names, strict=True):
        none, dropout = tables.baseline("fashion_mnist", name), Key("fashion_mnist", name, "dropout", 0.0, CHAPTER_P)
        for key in (none, dropout):
            curve = tables.curve(key)
            if curve.empty:
                continue
            style = looks[key.method] = _look(key.method)
            n_seeds.add(curve["seed"].nunique())
            if n_lost := len(runs := tables.select(key)) - len(tables.ok(key)):
                lost.append({"n": n_lost, "of": len(runs), "method": style.label, "setting": SETTINGS[name]})
            trained = curve[curve["epoch"] > 0]  # before training the loss is ln 10 and would set the scale
            for axis, quantity in zip(column, ("loss", "accuracy"), strict=True):
                for part, dashed in PARTS.items():
                    named = {"label": f"{style.label}, {dashed.label}", "linestyle": dashed.line}
                    band = seed_band(axis, trained, f"{part}_{quantity}", style.colour, **named)
                    drawn.append(band.assign(setting=name, method=key.method, metric=f"{part}_{quantity}"))
        column[0].set_title(SETTINGS[name])
        column[1].set_xlabel("epoch")
        if paired := tables.paired(dropout, none, "test_accuracy"):
            changes.append((SETTINGS[name], paired.difference))
    log_axis(rows[0, 0])
    rows[0, 0].set_ylabel("cross-entropy, nats")
    rows[1, 0].set_ylabel("accuracy")
    legend_above(figure, [*map(swatch, looks.values()), *PARTS.values()])
    facts = {
        "n_train": tables.setting("fashion_mnist", names[0])["n_train"],
        "changes": changes,
        "lost": lost,
        "n_seeds": sorted(n_seeds),
        "columns": [SETTINGS[name] for name in names],
        "methods": [style.label for style in looks.values()],
    }
    return Exhibit(figure, facts, pd.concat(drawn, ignore_index=True))


def _look(method: str) -> Look:
    """A method's look, dropout with the chapter's p for a name."""
    style = look(method)
    return replace(style, label=f"dropout {CHAPTER_P.replace('/', ' and ')}") if method == "dropout" else style
