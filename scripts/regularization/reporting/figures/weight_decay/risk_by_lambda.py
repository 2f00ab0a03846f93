"""Risk and weight norm against λ, every method, with the theory drawn over the measurements."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.naming import parse_p
from regularization.reporting.drawing.axes import (
    cells_line,
    lambda_axis,
    legend_above,
    log_axis,
    log_limits,
    marked_line,
)
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import INK, METHODS, MUTED, WIDTH, look
from regularization.reporting.words import number, setting_title

AS_PUBLISHED = ("textbook",)
FITTING_ALONE = ("zero_init_noise_0.1", "converged")
THEORY: dict[str, Any] = {"color": INK, "linestyle": (0, (1, 1)), "linewidth": 1.1}
EXPECTED: dict[str, Any] = {"color": INK, "linewidth": 0.7, "zorder": 6, "label": "trained, in theory"}
NULL_SPACE = "null-space prediction"
PREDICTION: dict[str, Any] = {"color": MUTED, "linestyle": "-", "linewidth": 3.2, "alpha": 0.45}
# What is to be expected of methods that are trained: quantity, words, and of which methods.
TRAINED: dict[str, tuple[str, tuple[str, ...]]] = {
    "sgd_risk": ("SGD, theory", ("l2_penalty", "weight_decay")),
    "early_stopping_risk": ("stopping, theory", ("early_stopping",)),
    "input_noise_risk": ("input noise, theory", ("input_noise",)),
    "dropout_risk": ("dropout, theory", ("dropout",)),
}


class Panel(NamedTuple):
    """What one panel draws: the methods' cells against λ, and the settings' parameters."""

    setting: str
    cells: dict[str, pd.DataFrame]

    @property
    def lams(self) -> np.ndarray:
        return np.unique(np.concatenate([frame["lam"] for frame in self.cells.values()]))


def panel(tables: Tables, setting: str, metric: str) -> Panel | None:
    """The paths of all methods that have λ > 0 cells in a setting; dropout on the inputs sits at λ = p/(1 − p).

    None without such cells, or where all of their runs were lost.
    """
    present = tables.of("linear_regression", setting, metric)
    cells = {}
    for method in [*METHODS, *sorted(set(present["method"]) - set(METHODS))]:
        if method == "none" or method not in set(present["method"]):
            continue
        path = tables.path(setting, method, metric)
        if method == "dropout":
            path = present[present["method"] == method]
            p = path["p"].map(lambda text: parse_p(text)[0])
            path = path.assign(lam=p / (1 - p))[p < 1].sort_values("lam")
        if (path["lam"] > 0).any():
            cells[method] = path.assign(method=method)
    return Panel(setting, cells) if any(frame["mean"].notna().any() for frame in cells.values()) else None


def weight_decay_risk(tables: Tables) -> Exhibit | None:
    """Risk as published; None where there is no method at a λ above 0."""
    return _risk(tables, AS_PUBLISHED)


def weight_decay_risk_zero_init(tables: Tables) -> Exhibit | None:
    """Risk without initialisation left over; None where there is no method at a λ above 0."""
    return _risk(tables, FITTING_ALONE)


def _risk(tables: Tables, settings: Sequence[str]) -> Exhibit | None:
    panels = [found for setting in settings if (found := panel(tables, setting, "risk"))]
    if not panels:
        return None
    figure, axes, strips = layout(panels)
    drawn, theory_drawn, expected = [], False, list[pd.DataFrame]()
    for axis, strip, one in zip(axes, strips, panels, strict=True):
        drawn += draw_cells(axis, strip, one)
        ridge = within(tables.reference(one.setting, "ridge_risk"), one)
        if not ridge.empty:
            axis.plot(ridge["lam"], ridge["value"], zorder=5, **THEORY)
            axis.fill_between(ridge["lam"], ridge["ci_low"], ridge["ci_high"], color=INK, alpha=0.12, linewidth=0)
            theory_drawn = True
            drawn.append(ridge.assign(method="ridge, exact theory", mean=ridge["value"], setting=one.setting))
        expected += _expected(tables, axis, one)
        draw_boundary(axis, tables, one)
    low, high = stable_range(panels)
    if high > 3 * low:
        floors = [floor for one in panels if (floor := tables.constant(one.setting, "noise_floor"))]
        log_limits(axes[0], min([low, *floors]) / 1.5, 2 * high)
    else:  # methods that hardly differ are looked at closely, without the noise floor far below them
        log_limits(axes[0], low / 1.04, high * 1.04)
    for axis, one in zip(axes, panels, strict=True):
        floor = tables.constant(one.setting, "noise_floor")
        if floor and floor > axes[0].get_ylim()[0]:
            marked_line(axis, floor, "σ²", which="y")
    log_axis(axes[0])
    axes[0].set_ylabel("exact risk, squared error")
    exact = [Line2D([], [], label="ridge, exact theory", **THEORY)] * theory_drawn
    name_methods(figure, panels, [*exact, *[Line2D([], [], **EXPECTED)] * bool(expected)])
    shown = framed([*drawn, *expected])
    facts = {
        "chosen": [cell for one in panels if (cell := _chosen(tables, one))],
        "spoken_of": [*dict.fromkeys(look(_spoken_of(one)).label for one in panels)],
        "exact": theory_drawn,
        "expected": bool(expected),
        "perturbed": any(line["quantity"].isin(["input_noise_risk", "dropout_risk"]).any() for line in expected),
        "dropout": any("dropout" in one.cells for one in panels),
        **counted(shown[shown["n"].notna()]),
        **panel_facts(tables, panels),
    }
    return Exhibit(figure, facts, shown)


def _expected(tables: Tables, axis: Axes, one: Panel) -> list[pd.DataFrame]:
    """What theory expects of a panel's trained methods, drawn where they were measured."""
    found = []
    for quantity, (words, methods) in TRAINED.items():
        cells = [one.cells[method].dropna(subset=["mean"]) for method in methods if method in one.cells]
        measured = np.concatenate([frame["lam"] for frame in cells]) if cells else np.empty(0)
        line = tables.reference(one.setting, quantity)
        line = line[line["lam"].isin(measured)]
        if len(line):
            axis.plot(line["lam"], line["value"], **EXPECTED)
            found.append(line.assign(method=words, mean=line["value"], setting=one.setting))
    return found


def weight_decay_norm(tables: Tables) -> Exhibit | None:
    """Weight norms of the settings as published; None where there are none at a λ above 0."""
    panels = [found for setting in AS_PUBLISHED if (found := panel(tables, setting, "weight_norm"))]
    if not panels:
        return None
    figure, axes, strips = layout(panels)
    drawn, predicted = [], False
    for axis, strip, one in zip(axes, strips, panels, strict=True):
        prediction = within(tables.reference(one.setting, "null_space_norm"), one)
        if not prediction.empty:
            axis.plot(prediction["lam"], prediction["value"], **PREDICTION)
            drawn.append(prediction.assign(mean=prediction["value"], method=NULL_SPACE, setting=one.setting))
            predicted = True
        drawn += draw_cells(axis, strip, one)
        draw_boundary(axis, tables, one)
    low, high = stable_range(panels)
    log_limits(axes[0], low / 3, 3 * high)
    log_axis(axes[0])
    axes[0].set_ylabel("‖w‖ after training")
    name_methods(figure, panels, [Line2D([], [], label=NULL_SPACE, **PREDICTION)] if predicted else [])
    shown = framed(drawn)
    spoken_of = next(kept for cells in panels[0].cells.values() if len(kept := cells.dropna(subset=["mean"])))
    expected = tables.reference(panels[0].setting, "null_space_norm")
    facts = {
        "first": spoken_of.iloc[0].to_dict(),
        "lowest": spoken_of.loc[spoken_of["mean"].idxmin()].to_dict(),
        "predicted": predicted,
        "predicted_at_zero": next(iter(expected.loc[expected["lam"] == 0, "value"]), None),
        **counted(shown[shown["n"].notna()]),
        **panel_facts(tables, panels),
    }
    return Exhibit(figure, facts, shown)


# --- shared by the figures ------------------------------------------------------------------------------------------


def layout(panels: Sequence[Panel]) -> tuple[Figure, list[Axes], list[Axes | None]]:
    """Panels side by side, each with a strip below for the share of runs that diverged if any run shown did."""
    heights = [6, 1] if any(frame["n_diverged"].sum() for one in panels for frame in one.cells.values()) else [6]
    figure = Figure(figsize=(WIDTH, 2.5 + 0.5 * len(heights)))
    shared: dict[str, Any] = {"sharex": "col", "sharey": "row", "squeeze": False}
    grid = figure.subplots(len(heights), len(panels), height_ratios=heights, **shared)
    return figure, list(grid[0]), list(grid[1]) if len(heights) > 1 else [None] * len(panels)


def within(reference: pd.DataFrame, one: Panel) -> pd.DataFrame:
    """The part of a theoretical line over the λ that were measured."""
    lam = reference["lam"]
    return reference[(lam == 0) | lam.between(one.lams[one.lams > 0].min(), one.lams.max())]


def stable_range(panels: Sequence[Panel]) -> tuple[float, float]:
    """Smallest and largest mean of the cells without a diverged run: what lies beyond leaves the picture."""
    cells = pd.concat([frame for one in panels for frame in one.cells.values()])
    stable = cells.loc[cells["n_diverged"] == 0, "mean"].dropna()
    return float(stable.min()), float(stable.max())


def draw_cells(axis: Axes, strip: Axes | None, one: Panel) -> list[pd.DataFrame]:
    for method, cells in one.cells.items():
        cells_line(axis, cells, "lam", look(method), zorder=3 if method != "ridge" else 2)
        if strip is not None:
            share = 100 * cells["n_diverged"] / (cells["n"] + cells["n_diverged"])
            style = look(method)
            strip.plot(cells["lam"], share, color=style.colour, linestyle=style.line, linewidth=1, label=style.label)
    lambda_axis(axis, one.lams)
    if strip is not None:
        axis.set_xlabel("")
        axis.tick_params(labelbottom=False)
        lambda_axis(strip, one.lams)
        strip.set_ylim(-8, 108)
        strip.set_yticks([0, 100])
        strip.set_ylabel("% diverged", fontsize=7.5)
    return [frame.assign(setting=one.setting) for frame in one.cells.values()]


def name_methods(figure: Figure, panels: Sequence[Panel], extra: Sequence[Line2D]) -> None:
    methods = dict.fromkeys(method for one in panels for method in one.cells)
    legend_above(figure, [*map(look, methods), *extra])
    for axis, one in zip(figure.axes, panels, strict=False):
        axis.set_title(setting_title(one.setting))


def draw_boundary(axis: Axes, tables: Tables, one: Panel) -> None:
    boundary = tables.constant(one.setting, "stability_boundary")
    if boundary is None or one.lams.max() < boundary / 4:
        return
    marked_line(axis, boundary, f"unstable from λ ≈ {number(boundary, 2)}")
    axis.set_xlim(right=max(axis.get_xlim()[1], boundary * 1.3))


def _spoken_of(one: Panel) -> str:
    """The method whose λ the caption speaks of."""
    return next((name for name in ("l2_penalty", "weight_decay") if name in one.cells), next(iter(one.cells)))


def _chosen(tables: Tables, one: Panel) -> dict[str, Any] | None:
    """The λ that validation data choose with its mean risk, the risk at λ = 0, and the λ that is ridge's best."""
    cells = one.cells[_spoken_of(one)]
    validation = tables.of("linear_regression", one.setting, "validation_loss")
    best = chosen_on_validation(cells.dropna(subset=["mean"]), validation)
    if best is None:
        return None
    zero = cells.loc[cells["lam"] == 0, "mean"].dropna()
    chosen = {"setting": one.setting, "lam": best["lam"], "risk": best["mean"]}
    return {**chosen, "at_zero": next(iter(zero), None), "optimal": tables.constant(one.setting, "optimal_lam")}


def panel_facts(tables: Tables, panels: Sequence[Panel]) -> dict[str, Any]:
    """What the words of panels by λ name: their settings, methods, smallest and largest λ, and where steps diverge."""
    lams = np.concatenate([one.lams for one in panels])
    return {
        "settings": [one.setting for one in panels],
        "methods": [*dict.fromkeys(look(method).label for one in panels for method in one.cells)],
        "lams": [lams.min(), lams.max()],
        "boundaries": [tables.constant(one.setting, "stability_boundary") for one in panels],
    }


def framed(drawn: Sequence[pd.DataFrame]) -> pd.DataFrame:
    columns = ["setting", "method", "lam", "p", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    shown = pd.concat(drawn, ignore_index=True).reindex(columns=columns)
    return shown.assign(share_diverged=shown["n_diverged"] / (shown["n"] + shown["n_diverged"]))
