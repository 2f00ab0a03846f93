"""Can a network fit what has no structure? Accuracy with the true labels and with random ones, by epoch and by n."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from regularization.analysis.tables import MANY, Tables, estimate
from regularization.reporting.drawing.axes import cells_line, legend_above, log_axis, marked_line, seed_band
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, WIDTH, Look
from regularization.reporting.figures.dropout.curves import PARTS
from regularization.reporting.words import count, listing, number, plain, seeds
from regularization.system.fashion_mnist import CLASSES, N_PIXELS

LABELS = {
    "true": Look("true labels", COLOURS["blue"][0], "-", "o"),
    "random": Look("random labels", COLOURS["vermillion"][0], "-", "s"),
}
SIZES = {"true": 4.0, "random": 6.5}  # of open marks: of two at one place both can be seen


def settings_of(tables: Tables) -> pd.DataFrame:
    """The networks trained without regularization on blocks of images, one a number of images and kind of labels.

    Columns setting, n_train, epochs, labels (true or random), per_feature. Settings whose labels are partly random, and
    those whose data seeds are crossed, are left out; of two alike the one with more epochs is taken.
    """
    columns = ["setting", "n_train", "epochs", "labels", "per_feature"]
    table = tables.settings[tables.settings["experiment"] == "fashion_mnist"]
    if table.empty:
        return pd.DataFrame(columns=columns)
    networks = table[(table["hidden"] != "") & (table["images"] == "blocks") & table["random_labels"].isin([0, 1])]
    trained = [
        not tables.crossed("fashion_mnist", name) and not tables.ok(tables.baseline("fashion_mnist", name)).empty
        for name in networks["setting"]
    ]
    labels = networks["random_labels"].map({0: "true", 1: "random"})
    found = networks.assign(labels=labels, per_feature=networks["n_train"] / N_PIXELS)
    found = found[np.array(trained, dtype=bool)]
    found = found.sort_values(["labels", "n_train", "epochs"]).drop_duplicates(["labels", "n_train"], keep="last")
    return found[columns].astype({"n_train": int, "epochs": int}).reset_index(drop=True)


def final(tables: Tables, settings: pd.DataFrame) -> pd.DataFrame:
    """Training and test accuracy after the last epoch: labels, setting, n_train, per_feature, part, mean, …, n."""
    rows = []
    for one in settings.itertuples():
        key = tables.baseline("fashion_mnist", one.setting)
        runs = tables.ok(key)
        for part in PARTS:
            found = estimate(runs[f"{part}_accuracy"], len(tables.select(key)) - len(runs))
            rows.append((one.labels, one.setting, one.n_train, one.per_feature, part, *vars(found).values()))
    columns = ["labels", "setting", "n_train", "per_feature", "part", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    return pd.DataFrame(rows, columns=columns)


def exhibits(tables: Tables) -> list[Exhibit]:
    """Curves at one number of images, and final accuracies by samples a feature; empty without random labels."""
    settings = settings_of(tables)
    random = settings[settings["labels"] == "random"]
    if random.empty:
        return []
    largest = random.loc[random["n_train"].idxmax()]
    true = settings[settings["labels"] == "true"]
    alike = true.loc[(true["n_train"] - largest["n_train"]).abs().idxmin()] if len(true) else None
    shown = {"random": largest} | ({"true": alike} if alike is not None else {})
    figure = Figure(figsize=(WIDTH, 3.1))
    left, right = figure.subplots(1, 2, sharey=True)
    curves = _curves(left, tables, shown)
    data = final(tables, settings)
    _by_size(right, data)
    marked_line(left, 1 / len(CLASSES), "", which="y")
    marked_line(right, 1 / len(CLASSES), "chance", which="y")
    left.set_ylabel("accuracy")
    left.set_ylim(0, 1.05)
    legend_above(
        figure,
        [
            *(
                Line2D([], [], color=style.colour, linewidth=3, label=style.label)
                for name, style in LABELS.items()
                if (settings["labels"] == name).any()
            ),
            *(Line2D([], [], color=INK, linestyle=line, label=words) for words, line in PARTS.values()),
        ],
    )
    return [
        Exhibit(
            name="random-labels",
            section="dropout",
            figure=figure,
            caption=(
                f"**{_finding(data, shown)}** No regularization. Left: {_trained(shown)}; lines are medians over "
                "seeds, bands hold the middle 80 % of them, on a fixed subset of the images. Right: after the last "
                f"epoch, on all images, against the training images per input ({plain(N_PIXELS)} pixels). "
                f"{_reach(largest['per_feature'])}{seeds(data['n'], _lost(data))}"
            ),
            alt=(
                "Two panels of accuracy with a dotted line at chance. Left, against the epoch, training curves dotted "
                f"and test curves solid, for {listing(LABELS[name].label for name in LABELS if name in shown)}. Right, "
                "against the number of training images per input on a logarithmic axis, the final accuracies of "
                f"{len(settings)} settings, with an upright line at {MANY}."
            ),
            data=pd.concat([data.assign(of="final accuracy"), *(c.assign(of="curve") for c in curves)]),
        )
    ]


def _curves(axis: Axes, tables: Tables, shown: dict[str, pd.Series]) -> list[pd.DataFrame]:
    drawn = []
    for name, one in shown.items():
        curve = tables.curve(tables.baseline("fashion_mnist", one["setting"]))
        for part, (words, line) in PARTS.items():
            style = LABELS[name]
            named = {"label": f"{style.label}, {words}", "linestyle": line}
            band = seed_band(axis, curve, f"{part}_accuracy", style.colour, **named)
            drawn.append(band.assign(labels=name, setting=one["setting"], part=part))
    axis.set_xlabel("epoch")
    axis.set_title("by epoch")
    return drawn


def _by_size(axis: Axes, data: pd.DataFrame) -> None:
    for name, style in LABELS.items():
        for part, (words, line) in PARTS.items():
            own = data[(data["labels"] == name) & (data["part"] == part)]
            marks = (
                {"markerfacecolor": "none", "markersize": SIZES[name], "markeredgewidth": 0.9}
                if part == "train"
                else {}
            )
            cells_line(axis, own, "per_feature", style, linestyle=line, label=f"{style.label}, {words}", **marks)
    axis.set_xlim(min(data["per_feature"].min(), MANY) / 1.6, 1.6 * max(data["per_feature"].max(), MANY))
    log_axis(axis, "x")
    marked_line(axis, MANY, f"{MANY} images a pixel")
    axis.set_xlabel("training images per input pixel")
    axis.set_title("after the last epoch")


def _lost(data: pd.DataFrame) -> list[int]:
    """Diverged runs, each counted once and not for either part."""
    return [int(n) if part == "test" else 0 for n, part in zip(data["n_diverged"], data["part"], strict=True)]


def _mean(data: pd.DataFrame, setting: str, part: str) -> str:
    row = data[(data["setting"] == setting) & (data["part"] == part)]
    return number(row["mean"].iloc[0])


def _finding(data: pd.DataFrame, shown: dict[str, pd.Series]) -> str:
    """Training and test accuracy with random labels, and with true ones: on what, where it was not the same."""
    said = {name: listing(_mean(data, one["setting"], part) for part in PARTS) for name, one in shown.items()}
    on = {name: _trained_on(one) for name, one in shown.items()}
    text = f"With random labels {on['random']} training and test accuracy are {said['random']}"
    if "true" not in shown:
        return f"{text}."
    return f"{text}; with true labels {'' if on['true'] == on['random'] else on['true'] + ' '}{said['true']}."


def _trained_on(one: pd.Series) -> str:
    """How many images, how often."""
    return f"on {count(one['n_train'], 'image')} ({count(one['epochs'], 'epoch')})"


def _trained(shown: dict[str, pd.Series]) -> str:
    """What the networks of the learning curves were trained on."""
    return listing(f"{LABELS[name].label} {_trained_on(one)}" for name, one in shown.items())


def _reach(per_feature: float) -> str:
    """Whether random labels were tried where a claim about many samples would have to be tested."""
    if per_feature >= MANY:
        return f"Random labels were tried with up to {number(per_feature, 2)} images a pixel. "
    return (
        f"Random labels were tried with {number(per_feature, 2)} images a pixel, short of the {MANY} that would be "
        "many. "
    )
