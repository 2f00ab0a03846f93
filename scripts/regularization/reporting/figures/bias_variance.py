"""Bias and variance: of the linear model by λ, of the network, of what varies it, and in the chapter's own example."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Estimate, Tables, as_estimate, chosen_on_validation
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, handle, lambda_axis, legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, PAPER, Look, look
from regularization.reporting.figures.dropout.right_or_confident import METHODS, Best
from regularization.reporting.words import plain, setting_title

COMPONENTS = {
    "bias": Look("bias²", COLOURS["blue"][0], "-", "s"),
    "variance": Look("variance", COLOURS["vermillion"][0], (0, (5, 1.5)), "o"),
    "risk": Look("risk", INK, (0, (1, 1)), "none"),
}
CROSSED = {
    "variance_sampling": "training set",
    "variance_optimisation": "everything else (initial weights, batches, masks)",
    "variance_interaction": "both together",
}
COLUMNS = ["setting", "method", "lam", "p", "loss", "component", "mean", "ci_low", "ci_high", "n_replicates", "n_train"]


def decomposed(tables: Tables, experiment: str) -> pd.DataFrame:
    """The experiment's rows of the decomposition, with `COLUMNS`."""
    table = tables.decomposition
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    chosen = table[table["experiment"] == experiment].rename(columns={"value": "mean"})
    return chosen[COLUMNS].reset_index(drop=True)


def one(data: pd.DataFrame, component: str, **where: object) -> Estimate | None:
    """The only row of a component for which columns have given values, or None."""
    for column, value in where.items():
        data = data[data[column] == value]
    rows = data[data["component"] == component]
    return as_estimate(rows, "n_replicates") if len(rows) == 1 else None


def replicates(data: pd.DataFrame) -> list[int]:
    """Over how many models the rows are."""
    return [int(n) for n in data["n_replicates"].unique()]


LINEAR = ("zero_init_noise_0.1", "converged", "textbook_noise_0.1", "textbook")
BY_LAMBDA = {"ridge": "closed form", "l2_penalty": "SGD"}


def bias_variance_linear(tables: Tables) -> Exhibit | None:
    """Ridge and SGD in one setting; None where too few λ were decomposed."""
    curves = _linear_by_lambda(decomposed(tables, "linear_regression"))
    if curves.empty:
        return None
    figure, ((axis,),) = panels(3.0)
    shown = pd.concat(_draw_by_lambda(axis, tables, curves), ignore_index=True)
    legend_above(
        figure, [Line2D([], [], color=MUTED, linestyle="none", marker="o", markerfacecolor=PAPER, label="SGD")]
    )
    sizes = replicates(shown[shown["curve"] != "theory"])
    return Exhibit(figure, {"ends": _ends(curves), "sizes": sizes}, shown)


def _linear_by_lambda(data: pd.DataFrame) -> pd.DataFrame:
    """Ridge and SGD with an L2 penalty by λ, in the first of `LINEAR` that has three λ; column curve: the method."""
    for setting in LINEAR:
        here = data[(data["setting"] == setting) & data["component"].isin(COMPONENTS)]
        parts = [here[here["method"] == "ridge"].assign(curve="ridge")]
        if (here["method"] == "l2_penalty").any():
            parts.append(here[here["method"].isin(["none", "l2_penalty"])].assign(curve="l2_penalty"))
        curves = pd.concat(parts)
        if curves["lam"].nunique() > 2:
            return curves.sort_values(["curve", "component", "lam"], kind="stable")
    return data.iloc[:0].assign(curve="")


def _draw_by_lambda(axis: Axes, tables: Tables, curves: pd.DataFrame) -> list[pd.DataFrame]:
    """Ridge as lines with their names, SGD as open marks, ridge theory as thin dotted lines; returns what was drawn."""
    setting = curves["setting"].iloc[0]
    floor = tables.constant(setting, "noise_floor") or 0.0
    above = curves.assign(
        **{name: curves[name].where(curves["component"] != "risk", curves[name] - floor)
           for name in ("mean", "ci_low", "ci_high")}
    )  # fmt: skip
    for component, style in COMPONENTS.items():
        for curve in BY_LAMBDA:
            line = above[(above["component"] == component) & (above["curve"] == curve)]
            label = f"{style.label}, {BY_LAMBDA[curve]}"
            if curve == "ridge":
                cells_line(axis, line, "lam", style, label=label)
            elif component != "risk":
                cells_line(axis, line, "lam", style, linestyle="none", markerfacecolor=PAPER, markersize=5, label=label)
    lines = []
    for quantity, minus in {"ridge_risk": floor, "ridge_variance": 0.0}.items():
        theory = tables.reference(setting, quantity)
        theory = theory[theory["lam"] <= curves["lam"].max()]
        line = pd.DataFrame({"curve": "theory", "component": quantity, "lam": theory["lam"]})
        lines.append(line.assign(setting=setting, mean=theory["value"] - minus))
        axis.plot(line["lam"], lines[-1]["mean"], color=MUTED, linewidth=0.8, linestyle=(0, (1, 1)), zorder=1)
    axis.set_ylim(0, 1.12 * above["mean"].max())
    axis.yaxis.set_major_locator(MaxNLocator(5))
    lambda_axis(axis, curves["lam"], "λ", most_ticks=6)
    axis.set(ylabel="squared error", title=setting_title(setting))
    first = above[(above["lam"] == above["lam"].min())].sort_values("curve", ascending=False, kind="stable")
    named = first.drop_duplicates("component").set_index("component")["mean"]
    for component, words in {"bias": "bias²", "variance": "variance", "risk": "their sum"}.items():
        place, align = ((4, -4), "top") if component == "bias" else ((4, 5), "bottom")
        told: dict[str, Any] = {"va": align, "color": COMPONENTS[component].colour}
        axis.annotate(words, (0, named[component]), place, textcoords="offset points", **told)
    return [above.replace({"component": {"risk": "bias and variance"}}), *lines]


def _ends(curves: pd.DataFrame) -> list[dict[str, float]]:
    """Ridge's bias² and variance at its smallest and its largest λ; empty where one is missing."""
    ridge = curves[curves["curve"] == "ridge"] if (curves["curve"] == "ridge").any() else curves
    ends = []
    for lam in (ridge["lam"].min(), ridge["lam"].max()):
        bias, variance = (one(ridge, component, lam=lam) for component in ("bias", "variance"))
        if bias is None or variance is None:
            return []
        ends.append({"lam": lam, "bias": bias.mean, "variance": variance.mean})
    return ends


LOSSES = {"squared_error": "squared error of the probabilities", "cross_entropy": "cross-entropy, nats"}
SPLIT = ("bias", "variance")


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
        loss: {part: found for part in SPLIT if (found := one(here[here["loss"] == loss], part))} for loss in LOSSES
    }
    if any(len(split) < len(SPLIT) for split in parts.values()):
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
        for part in SPLIT:
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
        handles=[Patch(facecolor=COMPONENTS[part].colour, label=COMPONENTS[part].label) for part in SPLIT],
        loc="outside upper left", ncols=2, handlelength=1.8,
    )  # fmt: skip
    columns = [*Key._fields, "loss", "component", "mean", "ci_low", "ci_high", "n_replicates", "n_diverged"]
    sizes = sorted({value.n for row in rows for value in row.parts["squared_error"].values()})
    facts = {"n_train": n_train, "rows": rows, "sizes": sizes}
    return Exhibit(figure, facts, pd.DataFrame(drawn, columns=columns).drop(columns="n_diverged"))


def bias_variance_crossed(tables: Tables) -> Exhibit | None:
    """The three parts of the variance, a dot a method; None where nothing was crossed."""
    data = decomposed(tables, "fashion_mnist")
    data = data[data["setting"].isin(data.loc[data["component"].isin(CROSSED), "setting"])]
    parts = data[data["component"].isin(CROSSED)]
    if parts.empty:
        return None
    cells = _cells(parts)
    figure, ((axis,),) = panels(0.8 + 0.42 * len(CROSSED))
    for offset, (style, own) in zip(np.linspace(-0.15, 0.15, len(cells)), cells, strict=True):
        heights = np.arange(len(own)) + offset
        axis.plot(own["mean"], heights, linestyle="none", marker=style.marker, color=style.colour, markersize=5)
        axis.hlines(heights, own["ci_low"], own["ci_high"], color=style.colour, linewidth=1.1)
    axis.axvline(0, color=MUTED, linewidth=0.6)
    axis.set_yticks(range(len(CROSSED)), [*CROSSED.values()])
    axis.set(ylim=(len(CROSSED) - 0.5, -0.5), xlabel="variance of the class probabilities, squared error")
    legend_above(figure, [handle(style, linestyle="none") for style, _ in cells])
    facts = {
        "n_train": tables.setting("fashion_mnist", parts["setting"].iloc[0])["n_train"],
        "cells": [
            {"method": style.label, "sampling": own.loc["variance_sampling", "mean"] / own["mean"].sum()}
            for style, own in cells
        ],
        "components": [*CROSSED.values()],
        "sizes": replicates(parts),
    }
    return Exhibit(figure, facts, data)


def _cells(parts: pd.DataFrame) -> list[tuple[Look, pd.DataFrame]]:
    """Each cell's look and its rows by component in the order of `CROSSED`; the baseline first."""
    found = []
    for (_, method, lam, p), own in parts.groupby(["setting", "method", "lam", "p"]):
        strength = [f"λ = {plain(lam)}"] * (lam > 0) + [f"p = {p.split('/')[0]}"] * (method == "dropout")
        style = replace(look(method), label=" ".join([look(method).label, *strength]))
        found.append((style, own.set_index("component").reindex(list(CROSSED))))
    return sorted(found, key=lambda cell: cell[0].label != look("none").label)


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
        **example(tables),
        "targets": [*TARGETS.values()],
        "n_bars": len(bars),
        "n_noises": bars["sigma"].nunique(),
        "sizes": replicates(data[data["component"] != "noise"]),
    }
    shown = pd.concat([data.assign(of="bars"), drawn.assign(of="curves")])
    return Exhibit(figure, facts, shown)


def example(tables: Tables) -> dict[str, list[dict[str, Any]]]:
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
