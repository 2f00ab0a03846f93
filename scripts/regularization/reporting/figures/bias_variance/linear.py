"""Bias and variance of the linear model against λ, exact from its weights."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED, PAPER
from regularization.reporting.figures.bias_variance.components import COMPONENTS, decomposed, one, replicates
from regularization.reporting.words import setting_title

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
