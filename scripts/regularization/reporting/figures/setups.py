"""What the two experiments are made of: examples and weights drawn to scale, and a network with its masks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from regularization.analysis.tables import CHAPTER_P, Tables
from regularization.naming import parse_p
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, WIDTH
from regularization.reporting.words import plain
from regularization.streams import generator
from regularization.system.fashion_mnist import CLASSES

SHOWN = (9, 0, 3, 8)  # the classes whose first test image is shown
SIDE = 28  # pixels


def _canvas(height: float, width: float) -> tuple[Figure, Axes]:
    """A figure as wide as the text whose unit of length is the same across and down, with its origin at the top."""
    figure = Figure(figsize=(WIDTH, WIDTH * height / width), layout="none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(height, 0))
    axis.set_axis_off()
    return figure, axis


def _cells(axis: Axes, values: np.ndarray, left: float, top: float, size: float, colour: str) -> None:
    """Values in [0, 1], shape (rows, columns), as cells that are the more opaque the larger they are."""
    rgba = np.broadcast_to(to_rgba(COLOURS[colour][0]), (*values.shape, 4)).copy()
    rgba[..., 3] = values
    height, width = (size * n for n in values.shape)
    axis.imshow(rgba, extent=(left, left + width, top + height, top), interpolation="nearest", aspect="auto")
    axis.plot([left, left + width, left + width, left, left], [top, top, top + height, top + height, top],
              color=MUTED, linewidth=0.6, gid="untold")  # fmt: skip


def _words(axis: Axes, x: float, y: float, text: str, ha: str = "left", va: str = "baseline", weight: str = "normal") -> None:
    axis.text(x, y, text, ha=ha, va=va, color=INK, weight=weight)


def setup_linear(tables: Tables) -> Exhibit | None:
    """The first seed's inputs and answers, one row an example and one column a weight, to scale."""
    if not tables.studied("linear_regression", ("textbook",)):
        return None
    task = tables.setting("linear_regression", "textbook")
    n, d = int(task["n_train"]), int(task["n_features"])
    inputs = generator("data", 0, part=0).standard_normal((n, d))
    noise = task["noise_std"] * generator("data", 0, part=1).standard_normal(n)
    answers = inputs.sum(axis=1) * task["true_weight"] + task["true_bias"] + noise
    figure, axis = _canvas(n + 34, d + 22)
    for left, top, values, colour in (
        (1, 8, np.full((2, d), 0.85), "vermillion"),
        (1, 19, np.abs(inputs) / 3, "blue"),
        (d + 10, 19, np.abs(answers)[:, None].repeat(4, axis=1) / np.abs(answers).max(), "green"),
    ):
        _cells(axis, np.clip(values, 0, 1), left, top, 1.0, colour)
    _words(axis, 1, 5.5, f"{plain(d)} weights to learn, one a column", weight="bold")
    _words(axis, 1, 16.5, f"{plain(n)} examples, one a row: {plain(d)} random inputs each", weight="bold")
    _words(axis, d + 14, 16.5, "answers", ha="right", weight="bold")
    _words(axis, d + 5.5, 19 + n / 2, "→", ha="center", va="center")
    _words(axis, 1, 19 + n + 7, "an example's answer  =  the sum of its inputs × the weights  +  the intercept  +  a little noise")
    data = pd.DataFrame({"example": range(n), "answer": answers})
    return Exhibit(figure, {"n": n, "d": d}, data)


def setup_network(tables: Tables) -> Exhibit | None:
    """Test images, and the chapter's network with the masks of one training step; None without the images."""
    if not tables.studied("fashion_mnist") or tables.sample_images.empty:
        return None
    known = tables.studied("fashion_mnist", ("textbook",)) or tables.studied("fashion_mnist")
    hidden = [int(width) for width in str(tables.setting("fashion_mnist", known[0])["hidden"]).split("/")]
    images = tables.sample_images.pivot_table(index="label", columns="pixel", values="value")
    shown = [label for label in SHOWN if label in images.index]
    figure, axis = _canvas(70, 220)
    for place, label in enumerate(shown):
        pixels = images.loc[label].to_numpy().reshape(SIDE, SIDE) / 255
        _cells(axis, pixels, 1 + 28 * (place % 2), 14 + 28 * (place // 2), 25 / SIDE, "ink")
    _words(axis, 1, 10, f"{plain(SIDE**2)} pixels", weight="bold")
    draw = np.random.default_rng(0)
    kept = _hidden_layers(axis, hidden, parse_p(CHAPTER_P), draw)
    left = 68 + 56 * len(hidden)
    _words(axis, left, 10, f"{len(CLASSES)} classes", weight="bold")
    for place, name in enumerate(CLASSES):
        _words(axis, left, 18 + 5.2 * place, name, va="center")
    data = pd.DataFrame({"layer": range(1, len(hidden) + 1), "units": hidden, "kept": kept})
    return Exhibit(figure, {"hidden": hidden, "p": parse_p(CHAPTER_P), "classes": [CLASSES[one] for one in shown]}, data)


def _hidden_layers(axis: Axes, hidden: Sequence[int], probabilities: Sequence[float], draw: np.random.Generator) -> list[int]:
    """Each layer's units as a square of cells, those that a mask dropped empty; how many were kept."""
    kept = []
    for place, (units, p) in enumerate(zip(hidden, probabilities, strict=False)):
        left, columns = 70 + 56 * place, int(np.ceil(np.sqrt(units)))
        mask = np.zeros(columns * int(np.ceil(units / columns)))
        mask[:units] = draw.random(units) >= p
        kept.append(int(mask.sum()))
        _cells(axis, mask.reshape(-1, columns), left, 14, 38 / columns, "orange")
        _words(axis, left, 10, f"{plain(units)} units", weight="bold")
        _words(axis, left, 59, f"p = {plain(p)}: {plain(units - kept[-1])} dropped")
        _words(axis, left - 6, 33, "→", ha="center", va="center")
    _words(axis, 64 + 56 * len(hidden), 33, "→", ha="center", va="center")
    return kept
