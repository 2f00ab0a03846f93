"""The null space of one example with two inputs: gradient descent moves the weights along the input only."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, PAPER
from regularization.reporting.words import plain

X, Y = np.array([0.9, 0.45]), 0.5  # the one example
N_STARTS, N_STEPS, RATE, LAM = 9, 400, 0.02, 0.3


def paths(lam: float) -> np.ndarray:
    """Weights from every start after every step, shape (starts, steps + 1, 2)."""
    weights = np.random.default_rng(4).standard_normal((N_STARTS, 2))
    found = [weights]
    for _ in range(N_STEPS):
        weights = weights - RATE * (np.outer(weights @ X - Y, X) + lam * weights)
        found.append(weights)
    return np.stack(found, axis=1)


def null_space(tables: Tables) -> Exhibit | None:
    """Both ways from the same random starts, without weight decay and with it; None without a linear model."""
    if "linear_regression" not in tables.experiments:
        return None
    figure, ((free, decayed),) = panels(3.0, columns=2, sharex=True, sharey=True)
    lams = (0.0, LAM)
    drawn = []
    for axis, lam in ((free, lams[0]), (decayed, lams[1])):
        found = paths(lam)
        _draw(axis, found)
        drawn += [
            pd.DataFrame({"lam": lam, "start": start, "step": range(N_STEPS + 1), "w1": way[:, 0], "w2": way[:, 1]})
            for start, way in enumerate(found, 1)
        ]
    free.set_title("without weight decay")
    decayed.set_title(f"with weight decay, λ = {plain(lams[1])}")
    free.set_ylabel("second weight")
    data = pd.concat(drawn, ignore_index=True)
    across = np.array([-X[1], X[0]]) / np.linalg.norm(X)
    data["sideways"] = data[["w1", "w2"]].to_numpy() @ across
    moved = data.groupby(["lam", "start"])["sideways"].agg(["first", "last"])
    left = (moved["last"] / moved["first"]).groupby("lam").median()
    return Exhibit(figure, {"left": left[lams[1]], "lam": lams[1], "n_starts": N_STARTS}, data[data["step"] % 10 == 0])


def _draw(axis: Axes, found: np.ndarray) -> None:
    """The line of weights that fit the example, and every start with its way and its end."""
    reach = np.array([-3.5, 3.5])
    axis.plot(reach, (Y - X[0] * reach) / X[1], color=INK, linewidth=1, gid="untold")
    place = (-0.42, (Y + 0.42 * X[0]) / X[1])
    axis.annotate("these weights\nfit the example", place, (8, 0), textcoords="offset points", va="center")
    axis.plot(0, 0, marker="+", color=MUTED, markersize=7)
    colour = COLOURS["vermillion"][0]
    for start, way in enumerate(found, 1):
        shown = way[:: N_STEPS // 40]
        axis.plot(*shown.T, color=colour, linewidth=1.2, label=f"start {start}")
        axis.plot(*way[0], marker="o", color=colour, markerfacecolor=PAPER, markersize=4.5)
        axis.plot(*way[-1], marker="o", color=colour, markersize=4.5)
    axis.set(xlim=(-2.6, 2.6), ylim=(-1.0, 3.0), aspect="equal", xlabel="first weight")
