"""What dropout does to accuracy and cross-entropy, from few training images to all of them."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import CHAPTER_P, Estimate, Tables
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import INK, PAPER, look
from regularization.reporting.figures.dropout.strength import sizes
from regularization.reporting.words import plain

P = "0.5/0.5"
BOOK = {"textbook": "in the book's run", "textbook_cosine": "with a falling learning rate"}
PANELS = {"test_accuracy": ("test accuracy, %", 100.0), "test_loss": ("test cross-entropy, nats", 1.0)}


class Pair(NamedTuple):
    """A metric without a method and with it: means over all runs, and the mean change, paired by seed."""

    before: Estimate
    after: Estimate
    change: Estimate


class Comparison(NamedTuple):
    """Dropout in one setting."""

    setting: str
    n_train: int
    run: str  # what sets the setting apart from others with as many images
    p: str
    accuracy: Pair
    loss: Pair
    fit: Pair  # training accuracy
    size: str  # n_train in words, with the setting's name where another has as many

    @property
    def name(self) -> str:
        """The setting in words: "60,000 images in the book's run"."""
        return f"{self.size} images {self.run}".strip()


def compared(tables: Tables) -> list[Comparison]:
    """Dropout against none by the number of images, p = 0.5, and in the book's run, with the book's p."""
    found, series = [], sizes(tables, tables.series("fashion_mnist"))
    for name in (*series, *tables.studied("fashion_mnist", list(BOOK))):
        n_train, p = int(tables.setting("fashion_mnist", name)["n_train"]), CHAPTER_P if name in BOOK else P
        run, size = BOOK.get(name, ""), series.get(name, plain(n_train))
        accuracy, loss, fit = (pair(tables, name, p, metric) for metric in (*PANELS, "train_accuracy"))
        if accuracy and loss and fit:
            found.append(Comparison(name, n_train, run, p, accuracy, loss, fit, size))
    return found


def pair(tables: Tables, setting: str, p: str, metric: str) -> Pair | None:
    """A metric without dropout and with it; None where either was not trained."""
    none = tables.baseline("fashion_mnist", setting)
    dropout = none._replace(method="dropout", p=p)
    before, after = (tables.cell(key, metric) for key in (none, dropout))
    paired = tables.paired(dropout, none, metric)
    return Pair(before, after, paired.difference) if before and after and paired else None


def dropout_samples(tables: Tables) -> Exhibit | None:
    """A row a number of images, from without dropout to with it; None unless at least two sample sizes were run."""
    rows = compared(tables)
    if len({row.n_train for row in rows}) < 2:
        return None
    figure, (axes,) = panels(0.75 + 0.36 * len(rows), 1, 2, sharey=True)
    colour, drawn = look("dropout").colour, []
    for axis, (metric, (words, factor)) in zip(axes, PANELS.items(), strict=True):
        pairs = [row.accuracy if metric == "test_accuracy" else row.loss for row in rows]
        for y, one in enumerate(pairs):
            before, after = factor * one.before.mean, factor * one.after.mean
            low, high = (before + factor * end for end in (one.change.low, one.change.high))
            axis.hlines(y, low, high, color=colour, linewidth=4, alpha=0.35)
            axis.plot(before, y, "o", color=INK, markerfacecolor=PAPER, label="without dropout")
            axis.plot(after, y, "P", color=colour, markersize=5, label="with dropout")
            drawn.append((*rows[y][:4], metric, before, after, low, high, one.change.n, one.before.n_diverged))
        widest = int(np.argmax([abs(one.after.mean - one.before.mean) for one in pairs]))
        _name(axis, widest, factor * pairs[widest].before.mean, factor * pairs[widest].after.mean, colour)
        axis.set_xlabel(words)
        axis.margins(x=0.2)
    axes[0].set_yticks(range(len(rows)), [row.name.replace("images ", "images\n") for row in rows])
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    columns = ["setting", "n_train", "run", "p", "metric", "without", "with", "ci_low", "ci_high", "n", "n_diverged"]
    facts = {
        "sizes": rows,
        "n": [row.accuracy.change.n for row in rows],
        "n_diverged": [one.n_diverged for row in rows for one in (row.accuracy.before, row.accuracy.after)],
    }
    return Exhibit(figure, facts, pd.DataFrame(drawn, columns=columns).replace({np.nan: None}))


def _name(axis: Axes, y: int, before: float, after: float, colour: str) -> None:
    """What the two marks of a row are, outside of them."""
    outwards = 1 if after >= before else -1
    for x, side, text, ink in ((before, -outwards, "without", INK), (after, outwards, "with", colour)):
        place: dict[str, Any] = {"ha": "left" if side > 0 else "right", "va": "center", "color": ink}
        axis.annotate(text, (x, y), (6 * side, 0), textcoords="offset points", **place)
