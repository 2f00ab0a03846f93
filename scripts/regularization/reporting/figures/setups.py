"""What the two experiments are made of: examples and weights drawn to scale, and a network with its masks."""

from itertools import chain, repeat
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from regularization.analysis.tables import CHAPTER_P, Tables
from regularization.naming import parse_p
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS
from regularization.reporting.words import plain
from regularization.streams import generator
from regularization.system import image_sets

SHOWN = (9, 0, 3, 8)  # the classes whose first test image is shown
SIDE = 28  # pixels
MOST_LAYERS = 4  # that are drawn


def cells(values: np.ndarray, colour: str) -> np.ndarray:
    """Values in [0, 1], shape (rows, columns), as RGBA that is the more opaque the larger they are."""
    rgba = np.broadcast_to(to_rgba(COLOURS[colour][0]), (*values.shape, 4)).copy()
    rgba[..., 3] = np.clip(values, 0, 1)
    return rgba


def show(axis: Axes, rgba: np.ndarray, title: str, label: str = "", aspect: Literal["equal", "auto"] = "equal") -> None:
    """An image of cells in a frame, with words above and below it."""
    axis.imshow(rgba, interpolation="nearest", aspect=aspect)
    axis.set_title(title)
    axis.set_xlabel(label, loc="left")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(True)


def setup_linear(tables: Tables) -> Exhibit | None:
    """The first seed's inputs and answers, one row an example and one column a weight, to scale."""
    if not tables.studied("linear_regression", ("textbook",)):
        return None
    task = tables.setting("linear_regression", "textbook")
    n, d = int(task["n_train"]), int(task["n_features"])
    inputs = generator("data", 0, part=0).standard_normal((n, d))
    noise = task["noise_std"] * generator("data", 0, part=1).standard_normal(n)
    answers = inputs.sum(axis=1) * task["true_weight"] + task["true_bias"] + noise
    figure, axes = panels(1.9, rows=2, height_ratios=[2, n], sharex=True)
    gap, width = max(1, d // 20), max(1, d // 25)
    beside = np.zeros((n, gap, 4))  # between the inputs and the answers
    answered = cells(np.abs(answers)[:, None].repeat(width, axis=1) / (np.abs(answers).max() or 1.0), "green")
    blank = np.zeros((2, gap + width, 4))
    weights = np.concatenate([cells(np.full((2, d), 0.85), "vermillion"), blank], axis=1)
    examples = np.concatenate([cells(np.abs(inputs) / 3, "blue"), beside, answered], axis=1)
    show(axes[0, 0], weights, f"{plain(d)} weights to learn, one a column", aspect="auto")
    show(axes[1, 0], examples, f"{plain(n)} examples, one a row, and their answers", aspect="auto")
    for axis in axes.flat:
        axis.spines[:].set_visible(False)
    return Exhibit(figure, {"n": n, "d": d}, pd.DataFrame({"example": range(n), "answer": answers}))


def setup_network(tables: Tables) -> Exhibit | None:
    """Test images, and the chapter's network with the masks of one training step.

    None without the images or without a network that has hidden layers.
    """
    named = (*tables.studied("fashion_mnist", ("textbook",)), *tables.studied("fashion_mnist"))
    networks = [parse_p(str(tables.setting("fashion_mnist", name)["hidden"])) for name in named]
    hidden = [int(width) for width in next(filter(None, networks), ())]
    if not hidden or tables.sample_images.empty:
        return None
    shown = hidden[:MOST_LAYERS]
    images = tables.sample_images.pivot_table(index="label", columns="pixel", values="value")
    images = images.loc[[label for label in SHOWN if label in images.index]]
    figure, (axes,) = panels(2.15, columns=2 + len(shown))
    squares = images.to_numpy().reshape(-1, SIDE, SIDE) / 255
    mosaic = np.concatenate([np.concatenate(list(pair), axis=1) for pair in np.split(squares, len(squares) // 2)])
    show(axes[0], mosaic[..., None].repeat(3, axis=2), f"{plain(SIDE**2)} pixels in")  # white on black, as they are
    draw, kept, ps = np.random.default_rng(0), [], parse_p(CHAPTER_P)
    for axis, units, p in zip(axes[1:-1], shown, chain(ps, repeat(ps[-1])), strict=False):
        columns = int(np.ceil(np.sqrt(units)))
        mask = np.zeros(columns * int(np.ceil(units / columns)))
        mask[:units] = draw.random(units) >= p
        kept.append(int(mask.sum()))
        show(axis, cells(mask.reshape(-1, columns), "orange"), f"→ {plain(units)} units",
             f"p = {plain(p)}: {plain(units - kept[-1])} left out")  # fmt: skip
    classes = image_sets.classes(tables.images)
    axes[-1].set_title(f"→ {len(classes)} classes")
    axes[-1].set_axis_off()
    axes[-1].text(0, 1, "\n".join(classes), va="top", transform=axes[-1].transAxes)
    data = pd.DataFrame({"layer": range(1, len(kept) + 1), "units": shown, "kept": kept})
    layers = {"hidden": shown, "n_hidden": len(hidden), "p": ps[: len(shown)]}
    facts = {**layers, "classes": [classes[one] for one in images.index]}
    return Exhibit(figure, facts, data)
