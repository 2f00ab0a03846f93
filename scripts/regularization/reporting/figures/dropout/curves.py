"""The book's run of the network, every seed: test accuracy by epoch, without dropout and with it."""

from dataclasses import replace
from typing import Any

import pandas as pd

from regularization.analysis.tables import CHAPTER_P, Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, Look, look

PARTS = {"train": Look("training", INK, (0, (1, 1)), ""), "test": Look("test", INK, "-", "")}
LOST = Look("collapsed or diverged", COLOURS["vermillion"][0], (0, (4, 1)), "")


def dropout_curves(tables: Tables) -> Exhibit | None:
    """A panel without dropout and one with it, a line a run; None where the book's setting was not run."""
    none, dropout = _cells(tables)
    curves = {key: tables.curve(key, whole=True) for key in (none, dropout)}
    found = book_runs(tables)
    if not found or any(curve.empty for curve in curves.values()):
        return None
    figure, (axes,) = panels(2.5, 1, 2, sharey=True)
    drawn = []
    for axis, (key, curve) in zip(axes, curves.items(), strict=True):
        style, kept = look(key.method), set(tables.ok(key)["run_id"])
        for run, own in curve[curve["epoch"] > 0].groupby("run_id"):
            line = style if run in kept else LOST
            axis.plot(own["epoch"], 100 * own["test_accuracy"], color=line.colour, linestyle=line.line, linewidth=0.9)
            drawn.append(own[["seed", "epoch", "test_accuracy"]].assign(method=key.method, lost=run not in kept))
        axis.set(title="without dropout" if key == none else "with dropout", xlabel="epoch")
    axes[0].set_ylabel("test accuracy, %")
    if any(one["lost"] for one in found):
        legend_above(figure, [replace(look("none"), label="a run", marker=""), LOST])
    facts = {"n_train": tables.setting("fashion_mnist", "textbook")["n_train"], "without": found[0], "with": found[1]}
    return Exhibit(figure, facts, pd.concat(drawn, ignore_index=True))


def book_runs(tables: Tables) -> list[dict[str, Any]]:
    """Without dropout and with it: how many runs, how many were lost, and where the others end; empty if not run."""
    found = []
    for key in _cells(tables):
        runs, kept = tables.select(key), tables.ok(key)["test_accuracy"]
        if kept.empty:
            return []
        ends = {"lowest": kept.min(), "highest": kept.max()}
        found.append({"n": len(runs), "lost": len(runs) - len(kept), **ends})
    return found


def _cells(tables: Tables) -> tuple[Key, Key]:
    """The book's run without dropout and with it."""
    none = tables.baseline("fashion_mnist", "textbook")
    return none, none._replace(method="dropout", p=CHAPTER_P)
