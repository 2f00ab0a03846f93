"""Can a network fit what has no structure? Accuracy with the true labels and with random ones, by epoch."""

from typing import Any

import numpy as np
import pandas as pd

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import legend_above, marked_line, panels, seed_band, swatch
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, Look
from regularization.reporting.figures.dropout.curves import PARTS
from regularization.system.fashion_mnist import CLASSES

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
    members = [*tables.series("fashion_mnist"), *tables.series("fashion_mnist", "random_labels")]
    trained = [
        name in members and len(tables.ok(tables.baseline("fashion_mnist", name))) for name in networks["setting"]
    ]
    labels = networks["random_labels"].map({0: "true", 1: "random"})
    found = networks.assign(labels=labels)
    found = found[np.array(trained, dtype=bool)]
    found = found.sort_values(["labels", "n_train"], ignore_index=True)[columns]
    return found.astype({"n_train": int, "epochs": int})


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
