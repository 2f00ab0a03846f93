"""Bias and variance of the linear model, exact from its weights: against λ, and against the number of samples."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import cells_line, cut_at, lambda_axis, legend_above, log_axis, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED, PAPER, Look
from regularization.reporting.figures.bias_variance.components import COMPONENTS, decomposed, of, one, replicates
from regularization.reporting.figures.weight_decay.samples import RIDGE, key_of
from regularization.reporting.words import setting_title

LINEAR = ("zero_init_noise_0.1", "converged", "textbook_noise_0.1", "textbook")
BY_LAMBDA = {"ridge": "closed form", "l2_penalty": "SGD"}


def bias_variance_linear(tables: Tables) -> Exhibit | None:
    """By λ and by n, each where there are enough of them; None where neither was decomposed."""
    data = decomposed(tables, "linear_regression")
    by_lambda = _linear_by_lambda(data)
    by_n = _linear_by_n(tables, data)
    if by_lambda.empty and len(set(by_n["n_train"])) < 2:
        return None
    n_panels = (not by_lambda.empty) + (2 if len(set(by_n["n_train"])) > 1 else 0)
    figure, (row,) = panels(3.3, columns=n_panels)
    axes = list(row)
    drawn: list[pd.DataFrame] = []
    entries: list[Line2D | Look] = []
    if not by_lambda.empty:
        drawn += _draw_by_lambda(axes.pop(0), tables, by_lambda)
        entries.append(Line2D([], [], color=MUTED, linestyle="none", marker="o", markerfacecolor=PAPER, label="SGD"))
    if axes:
        drawn.append(by_n)
        entries += _draw_by_n(axes, by_n)
    legend_above(figure, entries[::-1])
    shown = pd.concat(drawn, ignore_index=True)
    free = of(by_n[by_n["curve"] == RIDGE[0].style.label], "variance")
    facts = {
        "by_lambda": not by_lambda.empty,
        "by_n": bool(axes),
        "ends": _ends(by_lambda),
        "peak": free.loc[free["mean"].idxmax()].to_dict() if axes and len(free) else None,
        "last": free.iloc[-1].to_dict() if axes and len(free) else None,
        "sizes": replicates(shown[shown["curve"] != "theory"]),
    }
    return Exhibit(figure, facts, shown)


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


def _linear_by_n(tables: Tables, data: pd.DataFrame) -> pd.DataFrame:
    """Bias and variance of ridge by n, one curve a rule for λ; column curve: the rule's label."""
    rows = []
    for setting in tables.series("linear_regression"):
        for curve in RIDGE:
            key = key_of(tables, setting, curve)
            if key is not None:
                here = data[(data["setting"] == setting) & (data["method"] == key.method)]
                here = here[np.isclose(here["lam"], key.lam) & here["component"].isin(["bias", "variance"])]
                rows.append(here.assign(curve=curve.style.label))
    if not rows:
        return data.iloc[:0].assign(curve="")
    return pd.concat(rows).sort_values(["curve", "component", "n_train"], kind="stable")


def _draw_by_n(axes: Sequence[Axes], curves: pd.DataFrame) -> list[Look]:
    present = [curve for curve in RIDGE if (curves["curve"] == curve.style.label).any()]
    for axis, component in zip(axes, ("bias", "variance"), strict=True):
        for curve in present:
            line = curves[(curves["curve"] == curve.style.label) & (curves["component"] == component)]
            if component == "variance":  # an interval that reaches below 0 has no end on a logarithmic axis
                line = cut_at(line, line["mean"].clip(lower=0) / 10)
            cells_line(axis, line, "n_train", curve.style)
        axis.set(title=f"{COMPONENTS[component].label} by n", xlabel="training samples n")
        if component == "variance":
            log_axis(axis)
        log_axis(axis, "x")
    shown = curves[curves["component"] == "bias"]
    axes[0].set_ylim(-0.05 * shown["mean"].max(), 1.15 * shown["mean"].max())
    return [curve.style for curve in present]


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
