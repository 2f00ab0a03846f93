"""Learning curves of networks: the book's own run, every seed, and labels without structure, which are fitted."""

from dataclasses import replace
from typing import Any

import pandas as pd

from regularization.analysis.tables import CHAPTER_P, Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import legend_above, marked_line, panels, seed_band, swatch
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, Look, look
from regularization.system.fashion_mnist import CLASSES

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


LABELS = {
    "true": Look("true labels", COLOURS["blue"][0], "-", "o"),
    "random": Look("random labels", COLOURS["vermillion"][0], "-", "s"),
}


def settings_of(tables: Tables) -> pd.DataFrame:
    """The networks trained without regularization on blocks of images: setting, n_train, epochs, labels.

    Labels are "true" or "random"; settings whose labels are partly random are left out.
    """
    columns = ["setting", "n_train", "epochs", "labels"]
    table = tables.settings[tables.settings["experiment"] == "fashion_mnist"]
    if table.empty:
        return pd.DataFrame(columns=columns)
    networks = table[(table["hidden"] != "") & (table["images"] == "blocks") & table["random_labels"].isin([0, 1])]
    members = (*tables.series("fashion_mnist"), *tables.series("fashion_mnist", "random_labels"))
    trained = [name for name in members if len(tables.ok(tables.baseline("fashion_mnist", name)))]
    networks = networks[networks["setting"].isin(trained)].astype({"n_train": int, "epochs": int})
    found = networks.assign(labels=networks["random_labels"].map({0: "true", 1: "random"}))
    return found.sort_values(["labels", "n_train"], ignore_index=True)[columns]


def fits(tables: Tables) -> dict[str, dict[str, Any]]:
    """The network with the most randomly labelled images, and that with true labels nearest in number: by labels.

    Each with its setting, n_train, epochs, its accuracies `train` and `test` and how many runs were kept and lost.
    """
    settings = settings_of(tables)
    random, true = (settings[settings["labels"] == labels] for labels in ("random", "true"))
    if random.empty:
        return {}
    chosen = {"random": random.loc[random["n_train"].idxmax()]}
    if len(true):
        chosen["true"] = true.loc[(true["n_train"] - chosen["random"]["n_train"]).abs().idxmin()]
    found = {}
    for labels, one in chosen.items():
        key = tables.baseline("fashion_mnist", one["setting"])
        runs = tables.ok(key)
        means = {part: runs[f"{part}_accuracy"].mean() for part in PARTS}
        kept = {"n": len(runs), "n_diverged": len(tables.select(key)) - len(runs)}
        found[labels] = {**one[["setting", "n_train", "epochs"]], **means, **kept, "key": key}
    return found


def random_labels(tables: Tables) -> Exhibit | None:
    """Accuracy by epoch, with the true labels and with random ones; None without random labels."""
    found = fits(tables)
    if not found:
        return None
    figure, ((axis,),) = panels(2.7)
    drawn = []
    for labels, one in found.items():
        curve, style = tables.curve(one["key"]), LABELS[labels]
        for part, dashed in PARTS.items():
            named = {"label": f"{style.label}, {dashed.label}", "linestyle": dashed.line}
            band = seed_band(axis, curve, f"{part}_accuracy", style.colour, **named)
            drawn.append(band.assign(labels=labels, setting=one["setting"], part=part))
    marked_line(axis, 1 / len(CLASSES), "guessing", which="y", below=True, end="right")
    axis.set(ylabel="accuracy", ylim=(0, 1.05), xlabel="epoch")
    legend_above(figure, [*(swatch(LABELS[name]) for name in found), *PARTS.values()])
    facts = {"fitted": found, **{name: [one[name] for one in found.values()] for name in ("n", "n_diverged")}}
    return Exhibit(figure, facts, pd.concat(drawn))
