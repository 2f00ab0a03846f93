"""Strengths of dropout and weight decay: test error over the λ × p grid, and what random search in it ends with."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.analysis.tuning import CLOSE
from regularization.reporting.drawing.axes import cells_line, legend_above, panels, power
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, look
from regularization.reporting.figures.dropout.strength import error_rates, richest, uniform_p
from regularization.reporting.words import fixed, number, plain

METHODS = ("none", "dropout", "weight_decay", "dropout_weight_decay")
SHADES = ("#fdf3e1", "#8fb8d6", "#00527f")  # good to bad
DARK_FROM = 0.79  # share of the way to bad from which white is read more easily than black
FRAME = COLOURS["vermillion"][0]
DARK_TEXT, LIGHT_TEXT = "#000000", "#ffffff"  # not the page's ink: a cell's ground does not change in dark mode


def grid(tables: Tables, setting: str, metric: str) -> pd.DataFrame:
    """All cells of the grid: `none` at the origin, `dropout` and `weight_decay` on its axes, both inside."""
    cells = tables.of("fashion_mnist", setting, metric)
    return uniform_p(cells[cells["method"].isin(METHODS)])


def crossed(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of λ and p that were crossed with each other, and 0 beside them; empty where none were."""
    both = cells[(cells["lam"] > 0) & (cells["probability"] > 0)]
    inside = cells["lam"].isin([0.0, *both["lam"]]) & cells["probability"].isin([0.0, *both["probability"]])
    return cells[inside] if len(both) else cells.iloc[:0]


def edge(cells: pd.DataFrame, best: pd.Series) -> tuple[str, list[str]] | None:
    """Where the best cell lies, if there may be a better one beyond it; None if it lies inside of what was trained.

    Beyond the largest λ and p nothing was trained; beyond the smallest is none at all. Returned is of what ("crossed"
    grid or method "alone") it has the largest λ or p, and which; ("outside", []) if the grid was not crossed with it.
    """
    used = {column: name for column, name in {"lam": "λ", "probability": "p"}.items() if best[column] > 0}
    inside = crossed(cells)
    if len(used) == 2:
        ends = [name for column, name in used.items() if best[column] == inside[column].max()]
        return ("crossed", ends) if ends else None
    for column, name in used.items():
        if best[column] == cells.loc[cells["method"] == best["method"], column].max():
            return "alone", [name]
        if best[column] not in set(inside[column]):
            return "outside", []
    return None


def dropout_grid(tables: Tables) -> Exhibit | None:
    """Heat maps a metric for the first setting with at least two λ and two p; None where there is none."""
    for setting in tables.series("fashion_mnist"):
        loss = grid(tables, setting, "test_loss")
        kept = loss.dropna(subset=["mean"])
        if kept["lam"].nunique() >= 2 and kept["probability"].nunique() >= 2:
            break
    else:
        return None
    error = error_rates(grid(tables, setting, "test_accuracy"))
    error = error.assign(mean=100 * error["mean"], ci_low=np.nan, ci_high=np.nan)
    figure, blocks = _drawn(loss, error)
    columns = ["setting", "method", "lam", "probability", "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    data = pd.concat([loss, error.assign(metric="test_error_percent")])[columns]
    best = chosen_on_validation(loss, grid(tables, setting, "validation_loss"))
    validated = best is not None
    best = best if best is not None else loss.loc[loss["mean"].idxmin()]
    lam, p = loss["lam"] > 0, loss["probability"] > 0
    single = {"dropout alone": ~lam & p, "weight decay alone": lam & ~p, "neither": ~lam & ~p}
    facts = {
        "n_train": tables.setting("fashion_mnist", setting)["n_train"],
        "validated": validated,
        "best": {"lam": best["lam"], "p": best["probability"], "loss": best["mean"]},
        "edge": edge(loss, best),
        "single": [(name, kept.loc[of, "mean"].min()) for name, of in single.items() if of[kept.index].any()],
        "maps": [
            {"alone": block.title, "x": block.x, "n": len(block.cells), **block.cells[["lam", "probability"]].nunique()}
            for block in blocks
        ],
        **counted(loss),
    }
    return Exhibit(figure, facts, data)


class Block(NamedTuple):
    """One of the heat maps that stand above each other: which cells, and by what."""

    cells: pd.DataFrame
    title: str  # empty where λ and p were crossed
    x: str  # column of the horizontal axis


def _blocks(cells: pd.DataFrame) -> list[Block]:
    """The crossed grid, and below it each method alone where more of its strengths were trained than were crossed."""
    both = crossed(cells)
    blocks = [Block(both, "", "probability")] if len(both) else []
    for x, other, title in (("probability", "lam", "dropout alone"), ("lam", "probability", "weight decay alone")):
        alone = cells[cells[other] == 0]
        if set(alone[x]) - set(both[x]):
            blocks.append(Block(alone, title, x))
    return blocks


def _drawn(loss: pd.DataFrame, error: pd.DataFrame) -> tuple[Figure, list[Block]]:
    """A column of heat maps a metric, all of a column in the same shades."""
    blocks = _blocks(loss)
    rows = [len(_table(block)) for block in blocks]
    figure, axes = panels(0.5 + 0.3 * sum(rows) + 0.5 * len(rows), len(blocks), 2, height_ratios=rows)
    for column, (cells, write, title) in enumerate(
        (
            (loss, lambda value: number(value, 3), "test cross-entropy, nats"),
            (error, lambda value: fixed(value, 1), "test error rate, %"),
        )
    ):
        values = np.log(cells["mean"][cells["mean"] > 0])
        norm = Normalize(values.min(), values.max()) if len(values) else Normalize(0, 1)
        for axis, block in zip(axes[:, column], _blocks(cells), strict=True):
            _heat(axis, block, norm, write, cells["mean"].min())
        axes[0, column].set_title("\n".join(part for part in (title, axes[0, column].get_title(loc="left")) if part))
    return figure, blocks


def _table(block: Block) -> pd.DataFrame:
    """The block's means as they lie on the page."""
    index = "lam" if block.x == "probability" else "probability"
    return block.cells.pivot_table(index=index, columns=block.x, values="mean").sort_index(ascending=False)


def _heat(axis: Axes, block: Block, norm: Normalize, write: Callable[[float], str], lowest: float) -> None:
    """A heat map, with a frame around the cell with the mean `lowest`."""
    import seaborn  # here: it takes a second to import, and the report's text needs other functions of this module

    table = _table(block)
    values = np.log(
        table.clip(lower=math.exp(float(norm.vmin or 0))).to_numpy(dtype=float)
    )  # 0 is as good as the best above it
    alone = bool(block.title)
    seaborn.heatmap(
        values,
        ax=axis,
        cmap=LinearSegmentedColormap.from_list("good to bad", SHADES),
        vmin=norm.vmin,
        vmax=norm.vmax,
        annot=table.map(lambda value: write(value) if np.isfinite(value) else "").to_numpy(),
        fmt="",
        annot_kws={"fontsize": 8},
        linewidths=1,
        linecolor="#fefefe",
        cbar=False,
        xticklabels=[power(value) if 0 < value < 0.001 else plain(value) for value in table.columns],
        yticklabels=False if alone else [plain(lam) for lam in table.index],
    )
    for text, value in zip(axis.texts, values[np.isfinite(values)], strict=True):
        text.set_color(LIGHT_TEXT if norm(value) > DARK_FROM else DARK_TEXT)
    axis.tick_params(length=0, rotation=0)
    axis.grid(False)
    axis.spines[:].set_visible(False)
    axis.set(title=block.title, ylabel="" if alone else "weight decay λ")
    axis.set_xlabel("weight decay λ" if block.x == "lam" else "dropout probability p")
    for row, column in np.argwhere(table.to_numpy() == lowest)[:1]:
        axis.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=FRAME, linewidth=2, zorder=5))


SEARCHED = ("weight_decay", "dropout")
REPORTED = {"test_loss": "cross-entropy, nats", "test_accuracy": "accuracy"}


def tuned(tables: Tables) -> pd.DataFrame:
    """The tuning table's rows of both methods in the network's setting with the most strengths; empty without them."""
    table = tables.tuning
    if table.empty:
        return table
    chosen = table[table["method"].isin(SEARCHED) & table["metric"].isin(REPORTED)]
    chosen = chosen[(chosen["experiment"] == "fashion_mnist") & chosen["setting"].isin(tables.series("fashion_mnist"))]
    regrets = richest(chosen[chosen["quantity"] == "regret"], "strength")
    return chosen[chosen["setting"].isin(regrets["setting"])] if len(regrets) else chosen


def tuning(tables: Tables) -> Exhibit | None:
    """What random search ends with, a panel a metric; None where nothing was tuned."""
    data = tuned(tables)
    if data.empty:
        return None
    methods = [name for name in SEARCHED if (data["method"] == name).any()]
    metrics = [name for name in REPORTED if (data["metric"] == name).any()]
    found = data[data["quantity"] == "best_of_k"].rename(columns={"value": "mean"})
    if found.empty:
        return None
    figure, (axes,) = panels(2.6, 1, len(metrics))
    for axis, metric in zip(axes, metrics, strict=True):
        for method in methods:
            cells_line(axis, found[(found["method"] == method) & (found["metric"] == metric)], "k", look(method))
        axis.set(xlabel="strengths tried, k", ylabel=REPORTED[metric])
        axis.set_xticks(sorted(int(k) for k in found["k"].unique()))
    legend_above(figure, [look(method) for method in methods])
    facts = {
        "margins": CLOSE,
        "methods": [{"name": look(name).label, "share_within": _share_within(data, name)} for name in methods],
        "metrics": [REPORTED[name] for name in metrics],
        "n_train": tables.setting("fashion_mnist", data["setting"].iloc[0])["n_train"],
        "n": [int(value) for value in found["n"]],
    }
    return Exhibit(figure, facts, data)


def _share_within(data: pd.DataFrame, method: str) -> dict[str, float]:
    """Metric → the share of a method's effective strengths that are close to its best."""
    own = data[(data["method"] == method) & (data["quantity"] == "share_within")]
    return dict(zip(own["metric"], own["value"], strict=True))
