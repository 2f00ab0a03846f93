"""Dropout and weight decay together: test error over the λ × p grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from regularization.figures.dropout_strength import uniform_p
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import COLOURS, WIDTH
from regularization.reporting.words import fixed, listing, number, plain, seeds
from regularization.tables import Tables, chosen_on_validation

METHODS = ("none", "dropout", "weight_decay", "dropout_weight_decay")
SHADES = ("#fdf3e1", "#8fb8d6", "#00527f")  # good to bad
DARK_FROM = 0.79  # share of the way to bad from which white is read more easily than black
FRAME = COLOURS["vermillion"][0]
DARK_TEXT, LIGHT_TEXT = "#000000", "#ffffff"  # not the page's ink: a cell's ground does not change in dark mode


def grid(tables: Tables, setting: str, metric: str) -> pd.DataFrame:
    """All cells of the grid: `none` at the origin, `dropout` and `weight_decay` on its axes, both inside."""
    cells = tables.of("dropout", setting, metric)
    return uniform_p(cells[cells["method"].isin(METHODS)])


def exhibits(tables: Tables) -> list[Exhibit]:
    """A heat map a metric for the first setting with at least two λ and two p; else empty."""
    for setting in tables.studied("dropout"):
        loss = grid(tables, setting, "test_loss")
        if loss["lam"].nunique() >= 2 and loss["probability"].nunique() >= 2:
            break
    else:
        return []
    error = grid(tables, setting, "test_accuracy").assign(mean=lambda frame: 100 * (1 - frame["mean"]))
    figure = Figure(figsize=(WIDTH, 0.9 + 0.42 * loss["lam"].nunique()))
    axes = figure.subplots(1, 2, sharey=True)
    _heat(axes[0], loss, lambda value: number(value, 3))
    _heat(axes[1], error, lambda value: fixed(value, 1))
    axes[0].set_title("test cross-entropy, nats")
    axes[1].set_title("test error rate, %")
    axes[0].set_ylabel("weight decay λ")
    columns = ["setting", "method", "lam", "probability", "metric", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    data = pd.concat([loss, error.assign(metric="test_error_percent", ci_low=np.nan, ci_high=np.nan)])[columns]
    n = tables.setting("dropout", setting)["n_train"]
    best = chosen_on_validation(loss, grid(tables, setting, "validation_loss"))
    how = "chosen on validation data"
    if best is None:
        best, how = loss.loc[loss["mean"].idxmin()], "lowest on test data (none was held out to choose by)"
    return [
        Exhibit(
            name="dropout-grid",
            section="dropout",
            figure=figure,
            caption=(
                f"**At n = {plain(n)} the cell {how} is λ = {plain(best['lam'])}, p = "
                f"{plain(best['probability'])} with a test cross-entropy of {number(best['mean'])}.** "
                f"{_alone(loss)}Darker is worse; the lowest cell is framed. "
                + seeds(loss["n"], loss["n_diverged"]).replace("; bars and bands are 95 % t intervals", "")
            ),
            alt=(
                f"Two heat maps with {loss['lam'].nunique()} rows for λ and {loss['probability'].nunique()} columns "
                "for the dropout probability; each cell shows its value, test cross-entropy on the left and test error "
                "rate on the right."
            ),
            data=data,
        )
    ]


def _alone(loss: pd.DataFrame) -> str:
    """The best that either method reaches without the other."""
    single = {
        "dropout alone": loss[(loss["lam"] == 0) & (loss["probability"] > 0)],
        "weight decay alone": loss[(loss["lam"] > 0) & (loss["probability"] == 0)],
        "neither": loss[(loss["lam"] == 0) & (loss["probability"] == 0)],
    }
    reached = [f"{number(cells['mean'].min())} with {words}" for words, cells in single.items() if len(cells)]
    return f"The lowest is {listing(reached)}. " if reached else ""


def _heat(axis: Axes, cells: pd.DataFrame, write: Callable[[float], str]) -> None:
    table = cells.pivot_table(index="lam", columns="probability", values="mean").sort_index()
    values = np.log(table.to_numpy(dtype=float))
    norm = Normalize(np.nanmin(values), np.nanmax(values))
    seaborn.heatmap(
        values,
        ax=axis,
        cmap=LinearSegmentedColormap.from_list("good to bad", SHADES),
        annot=table.map(lambda value: write(value) if np.isfinite(value) else "").to_numpy(),
        fmt="",
        annot_kws={"fontsize": 8},
        linewidths=1,
        linecolor="#fefefe",
        cbar=False,
        xticklabels=[plain(p) for p in table.columns],
        yticklabels=[plain(lam) for lam in table.index],
    )
    for text, value in zip(axis.texts, values[np.isfinite(values)], strict=True):
        text.set_color(LIGHT_TEXT if norm(value) > DARK_FROM else DARK_TEXT)
    axis.invert_yaxis()
    row, column = map(int, np.unravel_index(np.nanargmin(values), values.shape))
    axis.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=FRAME, linewidth=2, zorder=5))
    axis.tick_params(length=0, rotation=0)
    axis.grid(False)
    axis.spines[:].set_visible(False)
    axis.set_xlabel("dropout probability p")
