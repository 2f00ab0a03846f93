"""The chapter's own example of bias and variance: a linear model and a small network on y = x² and y = x₁x₂."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED
from regularization.reporting.figures.bias_variance.components import decomposed, one, replicates
from regularization.reporting.words import plain

EXAMPLE_MODELS = {"linear_model": "linear model", "network": "network"}
TARGETS = {"square": "x²", "interaction": "x₁x₂"}
DRAWN = {target + noise for target in TARGETS for noise in ("", "_noise_0.3", "_noise_1")}  # of one sample size


def bias_variance_example(tables: Tables) -> Exhibit | None:
    """The fits to y = x² and all bars; None where the example was not run."""
    data = decomposed(tables, "example")
    data = data[data["setting"].isin(DRAWN)]
    curves = tables.examples
    if data.empty or curves.empty:
        return None
    drawn = curves[curves["setting"] == "square"]
    bars = _example_bars(data)
    models = [model for model in EXAMPLE_MODELS if (drawn["method"] == model).any()]
    figure, (axes,) = panels(3.2, columns=len(models) + 1, width_ratios=[1] * len(models) + [1.55])
    for axis, model in zip(axes, models, strict=False):
        line = drawn[drawn["method"] == model].sort_values("x1")
        axis.fill_between(line["x1"], line["low"], line["high"], color=COLOURS["sky"][0], alpha=0.3, linewidth=0)
        axis.plot(line["x1"], line["target"], color=INK, linestyle=(0, (1, 1)), linewidth=1.2)
        axis.plot(line["x1"], line["mean"], color=COLOURS["blue"][0])
        axis.set(title=f"{EXAMPLE_MODELS[model]}, σ = {plain(bars['sigma'].min())}", xlabel="x")
        if axis is not axes[0]:
            axis.sharey(axes[0])
            axis.tick_params(labelleft=False)
    axes[0].set_ylabel("prediction")
    _draw_bars(axes[-1], bars)
    blue, sky, vermillion = (COLOURS[name][0] for name in ("blue", "sky", "vermillion"))
    figure.legend(
        handles=[
            Line2D([], [], color=INK, linestyle=(0, (1, 1)), linewidth=1.2, label="y = x²"),
            Line2D([], [], color=blue, label="mean prediction"),
            Patch(facecolor=sky, alpha=0.3, label="middle 80 % of the models"),
            Patch(facecolor=blue, label="bias²"),
            Patch(facecolor=vermillion, label="variance"),
        ],
        loc="outside upper left", ncols=5, handlelength=1.8, columnspacing=1.2,
    )  # fmt: skip
    facts = {
        **compared(tables),
        "targets": [*TARGETS.values()],
        "n_bars": len(bars),
        "n_noises": bars["sigma"].nunique(),
        "sizes": replicates(data[data["component"] != "noise"]),
    }
    shown = pd.concat([data.assign(of="bars"), drawn.assign(of="curves")])
    return Exhibit(figure, facts, shown)


def compared(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """Bias² and variance of both models under the least noise, target by target, and their variances on x² by σ."""
    data = decomposed(tables, "example")
    data = data[data["setting"].isin(DRAWN)]
    if data.empty:
        return {"bias": [], "variance": [], "by_noise": []}
    bars = _example_bars(data)
    square = bars[bars["target"] == "square"].pivot_table(index="sigma", columns="method", values="variance")
    whole = len(square) > 1 and set(EXAMPLE_MODELS) <= set(square.columns)  # both models', at several σ
    return {
        "bias": _by_target(data, "bias"),
        "variance": _by_target(data, "variance"),
        "by_noise": square.reset_index().to_dict("records") if whole else [],
    }


def _example_bars(data: pd.DataFrame) -> pd.DataFrame:
    """One row a bar: target, sigma, method, bias, variance; sorted as drawn."""
    wide = data.pivot_table(index=["setting", "method"], columns="component", values="mean").reset_index()
    wide["sigma"] = np.sqrt(wide["noise"]).round(6)
    wide["target"] = wide["setting"].str.split("_").str[0]
    order = {name: position for position, name in enumerate([*TARGETS, *EXAMPLE_MODELS])}
    wide["rank"] = wide["target"].map(order) * 10 + wide["method"].map(order)
    return wide.sort_values(["target", "sigma", "rank"], key=lambda c: c.map(order) if c.name == "target" else c)


def _draw_bars(axis: Axes, bars: pd.DataFrame) -> None:
    bias, variance = bars["bias"].clip(lower=0).to_numpy(), bars["variance"].to_numpy()
    heights = np.arange(len(bars))
    axis.barh(heights, bias, 0.7, color=COLOURS["blue"][0])
    axis.barh(heights, variance, 0.7, bias, color=COLOURS["vermillion"][0])
    labels = [
        f"{TARGETS.get(bar.target, bar.target)}, σ = {plain(bar.sigma)}: linear"
        if bar.method == "linear_model"
        else "network"
        for bar in bars.itertuples()
    ]
    axis.set_yticks(heights, labels, fontsize=7.5)
    axis.tick_params(axis="y", length=0)
    for border in np.flatnonzero(bars["method"].to_numpy()[:-1] == "network"):
        axis.axhline(border + 0.5, color=MUTED, linewidth=0.4)
    axis.set_ylim(len(bars) - 0.5, -0.5)
    axis.grid(False, axis="y")
    axis.set_xlabel("squared error")


def _by_target(data: pd.DataFrame, component: str) -> list[dict[str, Any]]:
    """One component of both models under the least noise, target by target."""
    parts = []
    for target, name in TARGETS.items():
        own = [one(data[data["setting"] == target], component, method=model) for model in EXAMPLE_MODELS]
        if None not in own:
            parts.append({"target": name, "values": [value.mean for value in own if value]})
    return parts
