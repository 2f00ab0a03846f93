"""Where a step with weight decay is itself unstable: runs that diverge, and ‖w‖, around η(λ + L) = 2."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from regularization.analysis.statistics import proportion_interval
from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import decade_axis, drawn_as, handle, legend_above, marked_line, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import INK, MUTED, look
from regularization.reporting.words import number, percent, setting_title

SETTINGS = ("textbook", "textbook_noise_0.1")
METHODS = ("l2_penalty", "weight_decay")
FROM = 0.3  # of the boundary: smaller λ are in other figures
VANISHED = 0.01  # of the norm at λ = 0
THEORY: dict[str, Any] = {"color": MUTED, "linewidth": 3.2, "alpha": 0.45}


def boundary_cells(tables: Tables) -> pd.DataFrame:
    """What runs do near the boundary, diverged ones included.

    Columns setting, method, lam, n, n_diverged, share, ci_low, ci_high (Wilson's 95 % interval of the share), norm,
    norm_min, norm_max (median and range of the final ‖w‖ over all seeds).
    """
    runs = tables.runs[tables.runs["experiment"] == "linear_regression"]
    runs = runs[runs["setting"].isin(SETTINGS) & runs["method"].isin(METHODS)]
    rows = []
    for (setting, method, lam), cell in runs.groupby(["setting", "method", "lam"]):
        boundary = tables.constant(setting, "stability_boundary")
        if boundary is None or lam < FROM * boundary:
            continue
        n, lost = len(cell), int((cell["status"] != "ok").sum())
        norms = cell["weight_norm"].astype(float)
        low, high = proportion_interval(lost, n)
        rows.append((setting, method, lam, n, lost, lost / n, low, high, norms.median(), norms.min(), norms.max()))
    columns = ["setting", "method", "lam", "n", "n_diverged", "share", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=[*columns, "norm", "norm_min", "norm_max"])


def weight_decay_stability(tables: Tables) -> Exhibit | None:
    """A column a setting; None where no λ on either side of the boundary was run."""
    data = boundary_cells(tables)
    boundaries = {name: tables.constant(name, "stability_boundary") or 0.0 for name in SETTINGS}
    names = [str(name) for name, lam in data.groupby("setting")["lam"] if lam.min() < boundaries[name] < lam.max()]
    if not names:
        return None
    data = data[data["setting"].isin(names)].reset_index(drop=True)
    figure, grid = panels(3.9, rows=2, columns=len(names), sharex="col", sharey="row", height_ratios=[2.2, 1])
    theory = []
    for (upper, lower), name in zip(grid.T, names, strict=True):
        own = data[data["setting"] == name]
        for method in METHODS:
            _lines(upper, lower, own[own["method"] == method], method)
        theory.append(_theory(tables, upper, own, name))
        _references(tables, (upper, lower), name)
        upper.set_title(setting_title(name))
        lower.set_xlabel("regularization strength λ")
    decade_axis(grid[0, 0], data["norm_min"].min() / 5, _top(tables, data))
    grid[0, 0].set_ylabel("‖w‖ after training")
    grid[1, 0].set(ylabel="% diverged", ylim=(-6, 106))
    methods = [name for name in METHODS if (data["method"] == name).any()]
    expected = [Line2D([], [], label="initial weights left, theory", **THEORY)] if any(map(len, theory)) else []
    legend_above(figure, [*(handle(look(name), **_style(name)) for name in methods), *expected])
    by_lam = data.groupby("lam")[["n", "n_diverged"]].sum()
    lost, every = by_lam["n_diverged"] > 0, by_lam["n_diverged"] == by_lam["n"]
    facts = {
        "settings": names,
        "methods": [look(name).label for name in methods],
        "lams": [*by_lam.index],
        "boundary": tables.reference(names[0], "stability_boundary").iloc[0].to_dict(),
        "stable": [*by_lam.index[~lost]],
        "some": [*by_lam.index[lost & ~every]],
        "lost": [*by_lam.index[every]],
        "last_norm": float(data.loc[data["lam"] == by_lam.index[-1], "norm"].median()),
        **counted(data),
    }
    return Exhibit(figure, facts, pd.concat([data, *theory], ignore_index=True))


def _style(method: str) -> dict[str, Any]:
    """The L2 penalty's marks are large and open, so that the same ones of weight decay show inside them."""
    marks = {"markersize": 6, "markerfacecolor": "none"} if method == METHODS[0] else {"markersize": 3}
    return drawn_as(look(method)) | marks


def _lines(upper: Axes, lower: Axes, own: pd.DataFrame, method: str) -> None:
    finite = own[np.isfinite(own["norm"])]
    upper.plot(finite["lam"], finite["norm"], **_style(method))
    upper.vlines(finite["lam"], finite["norm_min"], finite["norm_max"], color=look(method).colour, linewidth=0.9)
    lower.plot(own["lam"], 100 * own["share"], **_style(method))
    lower.vlines(own["lam"], 100 * own["ci_low"], 100 * own["ci_high"], color=look(method).colour, linewidth=0.9)


def _theory(tables: Tables, axis: Axes, own: pd.DataFrame, name: str) -> pd.DataFrame:
    """Draw the root mean square of the initial weights that full-batch gradient descent leaves; returns its points."""
    left = tables.reference(name, "sgd_initialisation")
    left = left[left["lam"].between(own["lam"].min(), own["lam"].max()) & (left["value"] > 0)]
    points = pd.DataFrame({"setting": name, "method": "theory", "lam": left["lam"], "norm": np.sqrt(left["value"])})
    axis.plot(points["lam"], points["norm"], zorder=1, **THEORY)
    return points


def _references(tables: Tables, axes: Sequence[Axes], name: str) -> None:
    boundary = tables.constant(name, "stability_boundary")
    assert boundary is not None
    for axis in axes:
        axis.axvline(boundary, color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)))
    at: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    axes[0].annotate(f"λ = {number(boundary, 3)}", (boundary, 0.97), (-4, 0), ha="right", va="top", **at)
    free = tables.cell(tables.baseline("linear_regression", name), "weight_norm")
    if free is not None:
        marked_line(axes[0], VANISHED * free.mean, f"{percent(VANISHED)} of ‖w‖ at λ = 0", which="y")


def _top(tables: Tables, data: pd.DataFrame) -> float:
    """The upper end of the norm's axis: three decades above the first λ beyond the boundary."""
    boundary = tables.constant(data["setting"].iloc[0], "stability_boundary")
    beyond = data[data["lam"] > boundary]
    first = beyond.loc[beyond["lam"] == beyond["lam"].min(), "norm"].max()
    return float(1e3 * np.fmax(first, data["norm"].min()))
