"""Can a network fit what has no structure? Accuracy with the true labels and with random ones, by epoch and by n."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import MANY, Tables, estimate
from regularization.reporting.drawing.axes import (
    cells_line,
    legend_above,
    log_axis,
    marked_line,
    panels,
    seed_band,
    swatch,
)
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, Look
from regularization.reporting.figures.dropout.curves import PARTS
from regularization.system.fashion_mnist import CLASSES, N_PIXELS

LABELS = {
    "true": Look("true labels", COLOURS["blue"][0], "-", "o"),
    "random": Look("random labels", COLOURS["vermillion"][0], "-", "s"),
}
SIZES = {"true": 4.0, "random": 6.5}  # of open marks: of two at one place both can be seen


def settings_of(tables: Tables) -> pd.DataFrame:
    """The networks trained without regularization on blocks of images: setting, n_train, epochs, labels, per_feature.

    Labels are "true" or "random"; settings whose labels are partly random are left out.
    """
    columns = ["setting", "n_train", "epochs", "labels", "per_feature"]
    table = tables.settings[tables.settings["experiment"] == "fashion_mnist"]
    if table.empty:
        return pd.DataFrame(columns=columns)
    networks = table[(table["hidden"] != "") & (table["images"] == "blocks") & table["random_labels"].isin([0, 1])]
    members = [*tables.series("fashion_mnist"), *tables.series("fashion_mnist", "random_labels")]
    trained = [
        name in members and len(tables.ok(tables.baseline("fashion_mnist", name))) for name in networks["setting"]
    ]
    labels = networks["random_labels"].map({0: "true", 1: "random"})
    found = networks.assign(labels=labels, per_feature=networks["n_train"] / N_PIXELS)
    found = found[np.array(trained, dtype=bool)]
    found = found.sort_values(["labels", "n_train"], ignore_index=True)[columns]
    return found.astype({"n_train": int, "epochs": int})


def final(tables: Tables, settings: pd.DataFrame) -> pd.DataFrame:
    """Training and test accuracy after the last epoch: labels, setting, n_train, per_feature, part, mean, …, n."""
    rows = []
    for one in settings.itertuples():
        key = tables.baseline("fashion_mnist", one.setting)
        runs = tables.ok(key)
        for part in PARTS:
            found = estimate(runs[f"{part}_accuracy"], len(tables.select(key)) - len(runs), share=True)
            rows.append((one.labels, one.setting, one.n_train, one.per_feature, part, *vars(found).values()))
    columns = ["labels", "setting", "n_train", "per_feature", "part", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    return pd.DataFrame(rows, columns=columns)


def random_labels(tables: Tables) -> Exhibit | None:
    """Curves at one number of images, and final accuracies by samples a feature; None without random labels."""
    settings = settings_of(tables)
    random = settings[settings["labels"] == "random"]
    if random.empty:
        return None
    largest = random.loc[random["n_train"].idxmax()]
    true = settings[settings["labels"] == "true"]
    alike = true.loc[(true["n_train"] - largest["n_train"]).abs().idxmin()] if len(true) else None
    shown = {"random": largest} | ({} if alike is None else {"true": alike})
    figure, ((left, right),) = panels(3.1, 1, 2, sharey=True)
    curves = _curves(left, tables, shown)
    data = final(tables, settings)
    _by_size(right, data)
    marked_line(left, 1 / len(CLASSES), "", which="y")
    marked_line(right, 1 / len(CLASSES), "chance", which="y")
    left.set(ylabel="accuracy", ylim=(0, 1.05))
    studied = [swatch(style) for name, style in LABELS.items() if (settings["labels"] == name).any()]
    legend_above(figure, [*studied, *PARTS.values()])
    accuracy = data.set_index(["setting", "part"])["mean"]
    networks = {
        name: {"n_train": one["n_train"], "epochs": one["epochs"], "accuracies": list(accuracy[one["setting"]])}
        for name, one in shown.items()
    }
    facts = {
        "random": networks["random"],
        "true_labels": networks.get("true"),
        "n_pixels": N_PIXELS,
        "per_pixel": largest["per_feature"],
        "many": MANY,
        "n_settings": len(settings),
        "n": list(data["n"]),
        "n_diverged": list(data["n_diverged"].where(data["part"] == "test", 0)),  # each run once, not for either part
    }
    drawn = pd.concat([data.assign(of="final accuracy"), *(curve.assign(of="curve") for curve in curves)])
    return Exhibit(figure, facts, drawn)


def _curves(axis: Axes, tables: Tables, shown: dict[str, pd.Series]) -> list[pd.DataFrame]:
    drawn = []
    for name, one in shown.items():
        curve = tables.curve(tables.baseline("fashion_mnist", one["setting"]))
        for part, dashed in PARTS.items():
            style = LABELS[name]
            named = {"label": f"{style.label}, {dashed.label}", "linestyle": dashed.line}
            band = seed_band(axis, curve, f"{part}_accuracy", style.colour, **named)
            drawn.append(band.assign(labels=name, setting=one["setting"], part=part))
    axis.set(xlabel="epoch", title="by epoch")
    return drawn


def _by_size(axis: Axes, data: pd.DataFrame) -> None:
    for name, style in LABELS.items():
        for part, dashed in PARTS.items():
            own = data[(data["labels"] == name) & (data["part"] == part)]
            opened = {"markerfacecolor": "none", "markersize": SIZES[name], "markeredgewidth": 0.9}
            named = {"label": f"{style.label}, {dashed.label}", "linestyle": dashed.line}
            cells_line(axis, own, "per_feature", style, **named, **(opened if part == "train" else {}))
    axis.set_xlim(min(data["per_feature"].min(), MANY) / 1.6, 1.6 * max(data["per_feature"].max(), MANY))
    log_axis(axis, "x")
    marked_line(axis, MANY, f"{MANY} images a pixel")
    axis.set(xlabel="training images per input pixel", title="after the last epoch")
