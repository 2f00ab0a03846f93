"""Bias and variance of the network, without regularization and with each method at its best."""

from typing import NamedTuple

import pandas as pd
from matplotlib.patches import Patch

from regularization.analysis.tables import Estimate, Tables, chosen_on_validation
from regularization.naming import Key
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.figures.bias_variance.components import COMPONENTS, decomposed, one
from regularization.reporting.figures.dropout.right_or_confident import METHODS, Best

LOSSES = {"squared_error": "squared error of the probabilities", "cross_entropy": "cross-entropy, nats"}
PARTS = ("bias", "variance")


class Split(NamedTuple):
    """A method at its best, and its bias² and variance by loss."""

    best: Best
    parts: dict[str, dict[str, Estimate]]  # loss → part → estimate


def splits(tables: Tables) -> tuple[int, list[Split]]:
    """The number of images and the methods, none first, in the setting where the most were decomposed.

    Each at the strength that the mean validation loss chooses among those decomposed; no methods where none has both
    losses split.
    """
    data = decomposed(tables, "fashion_mnist")
    data = data[data["loss"].isin(LOSSES)]
    found: tuple[int, list[Split]] = (0, [])
    for setting in tables.series("fashion_mnist"):
        own = data[data["setting"] == setting]
        rows = [row for method in METHODS if (row := _split(tables, setting, method, own)) is not None]
        if rows and rows[0].best.method == "none" and len(rows) > max(1, len(found[1])):
            found = int(own["n_train"].iloc[0]), rows
    return found


def _split(tables: Tables, setting: str, method: str, data: pd.DataFrame) -> Split | None:
    own = data[data["method"] == method]
    cells = own.drop_duplicates(["method", "lam", "p"]).assign(n_diverged=0)
    best = chosen_on_validation(cells, tables.of("fashion_mnist", setting, "validation_loss"))
    if best is None:
        return None
    here = own[(own["lam"] == best["lam"]) & (own["p"] == best["p"])]
    parts = {
        loss: {part: found for part in PARTS if (found := one(here[here["loss"] == loss], part))} for loss in LOSSES
    }
    if any(len(split) < len(PARTS) for split in parts.values()):
        return None
    key = Key("fashion_mnist", setting, method, float(best["lam"]), str(best["p"]))
    return Split(Best(method, key, {}, {}), parts)


def bias_variance_network(tables: Tables) -> Exhibit | None:
    """A bar a method, of squared error and of cross-entropy; None unless something besides none was decomposed."""
    n_train, rows = splits(tables)
    if not rows:
        return None
    figure, (axes,) = panels(0.95 + 0.34 * len(rows), 1, 2, sharey=True)
    drawn = []
    for axis, (loss, words) in zip(axes, LOSSES.items(), strict=True):
        start = [0.0] * len(rows)
        for part in PARTS:
            values = [row.parts[loss][part] for row in rows]
            widths = [value.mean for value in values]
            axis.barh(range(len(rows)), widths, 0.62, start, color=COMPONENTS[part].colour)
            start = [at + width for at, width in zip(start, widths, strict=True)]
            drawn += [
                (*row.best.key, loss, part, *vars(value).values()) for row, value in zip(rows, values, strict=True)
            ]
        axis.set_xlabel(words)
        axis.grid(False, axis="y")
    axes[0].set_yticks(range(len(rows)), [row.best.label for row in rows])
    axes[0].tick_params(axis="y", length=0)
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.legend(
        handles=[Patch(facecolor=COMPONENTS[part].colour, label=COMPONENTS[part].label) for part in PARTS],
        loc="outside upper left", ncols=2, handlelength=1.8,
    )  # fmt: skip
    columns = [*Key._fields, "loss", "component", "mean", "ci_low", "ci_high", "n_replicates", "n_diverged"]
    sizes = sorted({value.n for row in rows for value in row.parts["squared_error"].values()})
    facts = {"n_train": n_train, "rows": rows, "sizes": sizes}
    return Exhibit(figure, facts, pd.DataFrame(drawn, columns=columns).drop(columns="n_diverged"))
