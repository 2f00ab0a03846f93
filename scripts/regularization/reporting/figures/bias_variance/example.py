"""The chapter's own example of bias and variance: a linear model and a small network on y = x² and y = x₁x₂."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, WIDTH
from regularization.reporting.figures.bias_variance.components import SECTION, decomposed, one, replicates
from regularization.reporting.words import count, listing, number, plain

EXAMPLE_MODELS = {"linear_model": "linear model", "network": "network"}
TARGETS = {"square": "x²", "interaction": "x₁x₂"}


def exhibits(tables: Tables) -> list[Exhibit]:
    """The fits to y = x² and all bars; empty where the example was not run."""
    data = decomposed(tables, "example")
    curves = tables.examples
    if data.empty or curves.empty:
        return []
    drawn = curves[curves["setting"] == "square"]
    bars = _example_bars(data)
    figure = Figure(figsize=(WIDTH, 3.2))
    models = [model for model in EXAMPLE_MODELS if (drawn["method"] == model).any()]
    axes = figure.subplots(1, len(models) + 1, width_ratios=[1] * len(models) + [1.55])
    for axis, model in zip(axes, models, strict=False):
        line = drawn[drawn["method"] == model].sort_values("x1")
        axis.fill_between(line["x1"], line["low"], line["high"], color=COLOURS["sky"][0], alpha=0.3, linewidth=0)
        axis.plot(line["x1"], line["target"], color=INK, linestyle=(0, (1, 1)), linewidth=1.2)
        axis.plot(line["x1"], line["mean"], color=COLOURS["blue"][0])
        axis.set_title(f"{EXAMPLE_MODELS[model]}, σ = {plain(bars['sigma'].min())}")
        axis.set_xlabel("x")
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
    return [
        Exhibit(
            name="bias-variance-example",
            section=SECTION,
            figure=figure,
            caption=(
                f"**{_example_finding(data)}** {_variances(data)}"
                "Mean squared error on fixed points, the noise itself left out. "
                + replicates(data[data["component"] != "noise"]).replace("; bars are", "; intervals in the data are")
            ),
            alt=(
                "Two panels, linear model and network, each with the parabola y = x² dotted, the models' mean "
                "prediction as a solid line and a band around it. A third panel has stacked bars of "
                f"squared bias and variance, {count(len(bars), 'bar')} for {listing(TARGETS.values())} at "
                f"{count(bars['sigma'].nunique(), 'noise level')}, linear model and network in turn."
            ),
            data=pd.concat([data.drop(columns="n_train").assign(of="bars"), drawn.assign(of="curves")]),
        )
    ]


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
    axis.set_yticks(heights)
    axis.set_yticklabels(labels, fontsize=7.5)
    axis.tick_params(axis="y", length=0)
    for border in np.flatnonzero(bars["method"].to_numpy()[:-1] == "network"):
        axis.axhline(border + 0.5, color=MUTED, linewidth=0.4)
    axis.set_ylim(len(bars) - 0.5, -0.5)
    axis.grid(False, axis="y")
    axis.set_xlabel("squared error")


def _example_finding(data: pd.DataFrame) -> str:
    parts = _by_target(data, "bias")
    if not parts:
        return "Bias and variance in the chapter's example."
    return f"With little noise the bias² of the linear model and of the network is {listing(parts)}."


def _variances(data: pd.DataFrame) -> str:
    """The variances beside that, and whose is larger."""
    parts = _by_target(data, "variance")
    text = f"Their variances are {listing(parts)}." if parts else ""
    return "".join(f"{sentence} " for sentence in (text, _loudest(data)) if sentence)


def _by_target(data: pd.DataFrame, component: str) -> list[str]:
    """One component of both models under the least noise, target by target."""
    parts = []
    for target, words in TARGETS.items():
        own = [one(data[data["setting"] == target], component, method=model) for model in EXAMPLE_MODELS]
        known = [number(value.mean) for value in own if value is not None]
        if len(known) == len(EXAMPLE_MODELS):
            parts.append(f"{' and '.join(known)} on y = {words}")
    return parts


def _loudest(data: pd.DataFrame) -> str:
    """Whose variance is larger under the most noise, said only where it differs from under the least."""
    bars = _example_bars(data)
    square = bars[bars["target"] == "square"].pivot_table(index="sigma", columns="method", values="variance")
    if len(square) < 2 or not {"linear_model", "network"} <= set(square.columns):
        return ""
    larger = square["network"] > square["linear_model"]
    if larger.iloc[0] == larger.iloc[-1]:
        which = "network" if larger.iloc[0] else "linear model"
        return f"The {which} has the larger variance at every noise level shown."
    sigma = square.index[-1]
    return (
        f"Whose variance is larger depends on the noise: at σ = {plain(sigma)} the network's on x² is "
        f"{number(square['network'].iloc[-1])}, the linear model's {number(square['linear_model'].iloc[-1])}."
    )
