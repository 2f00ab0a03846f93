"""More samples: risk and generalisation gap against n through n ≈ d, at λ = 0, at the chapter's λ and at the best λ."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from regularization.analysis.tables import CHAPTER_LAM, Tables, estimate
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, handle, legend_above, log_axis, marked_line, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, INK, Look
from regularization.reporting.words import plain

ROW = ["curve", "setting", "n_train", "n_features", "lam", "metric"]
AS_PUBLISHED = ("textbook", "more_samples_100", "more_samples_200", "more_samples_500")


class Curve(NamedTuple):
    """A line of the figure: a method at a rule for λ."""

    method: str
    rule: str  # "0", "chapter" or "best"
    style: Look


def _points(label: str, colour: str, marker: str) -> Look:
    return Look(label, COLOURS[colour][0], "none", marker)


RIDGE = (
    Curve("ridge", "0", Look("ridge, λ = 0 (minimum norm)", COLOURS["vermillion"][0], "-", "d")),
    Curve("ridge", "chapter", Look(f"ridge, λ = {plain(CHAPTER_LAM)}", COLOURS["blue"][0], (0, (5, 1.5)), "s")),
    Curve("ridge", "best", Look("ridge, λ = λ*", COLOURS["green"][0], (0, (1, 1)), "o")),
)
SGD = (
    Curve("none", "0", _points("SGD, λ = 0", "vermillion", "d")),
    Curve("l2_penalty", "chapter", _points(f"SGD, λ = {plain(CHAPTER_LAM)}", "blue", "s")),
    Curve("l2_penalty", "best", _points("SGD, λ = λ*", "green", "o")),
)
SGD_LINES = tuple(
    curve._replace(style=replace(curve.style, line=ridge.style.line)) for curve, ridge in zip(SGD, RIDGE, strict=True)
)


def measured(tables: Tables, settings: Sequence[str], curves: Sequence[Curve]) -> pd.DataFrame:
    """Columns curve, setting, n_train, n_features, lam, metric (risk or gap), mean, ci_low, ci_high, n, n_diverged."""
    rows = []
    for name in settings:
        task = tables.setting("linear_regression", name)
        for curve in curves:
            key = key_of(tables, name, curve)
            if key is None:
                continue
            runs = tables.ok(key)
            head = (curve.style.label, name, int(task["n_train"]), int(task["n_features"]), key.lam)
            for metric, values in {"risk": runs["risk"], "gap": runs["test_loss"] - runs["train_loss"]}.items():
                if len(known := values.dropna()):
                    result = estimate(known, len(tables.select(key)) - len(runs))
                    rows.append((*head, metric, *vars(result).values()))
    frame = pd.DataFrame(rows, columns=[*ROW, "mean", "ci_low", "ci_high", "n", "n_diverged"])
    return frame.sort_values(["metric", "curve", "n_train"], kind="stable")


def expected(tables: Tables, data: pd.DataFrame) -> pd.DataFrame:
    """Theory of the measured risk, as in `measured`: ridge's as n and d grow together, SGD's in the very batches."""
    quantities = {curve.style.label: "sgd_risk" for curve in (*SGD, *SGD_LINES)}
    quantities |= {curve.style.label: "asymptotic_ridge_risk" for curve in RIDGE}
    rows = []
    for row in data[data["metric"] == "risk"].itertuples():
        quantity = quantities[row.curve]
        theory = tables.reference(row.setting, quantity)
        value = theory.loc[np.isclose(theory["lam"], row.lam), "value"]
        if len(value):
            metric = "asymptotic" if quantity == "asymptotic_ridge_risk" else "exact"
            rows.append((*(getattr(row, name) for name in ROW[:-1]), metric, value.iloc[0]))
    return pd.DataFrame(rows, columns=[*ROW, "mean"])


def sample_sizes(tables: Tables) -> pd.DataFrame:
    """What the sweep through n ≈ d measured, ridge and SGD, started at zero."""
    return measured(tables, tables.series("linear_regression"), [*RIDGE, *SGD])


def weight_decay_samples(tables: Tables) -> Exhibit | None:
    """The sweep through n ≈ d; None where fewer than two sample sizes were trained."""
    data = sample_sizes(tables)
    risk = data[data["metric"] == "risk"].set_index("n_train")
    means = {curve.rule: risk.loc[risk["curve"] == curve.style.label, "mean"] for curve in RIDGE}
    means = {rule: line for rule, line in means.items() if len(line) > 1}
    peak = means["0"].idxmax() if "0" in means else None
    last = max((line.index.max() for line in means.values()), default=None)
    facts = {
        "peak": peak,
        "at_peak": {rule: line[peak] for rule, line in means.items() if peak in line},
        "last": last,
        "at_last": {rule: line[last] for rule, line in means.items() if last in line},
        "lam": CHAPTER_LAM,
    }
    return _drawn(tables, data, [*RIDGE, *SGD], facts)


def weight_decay_more_samples(tables: Tables) -> Exhibit | None:
    """The chapter's own run with more samples; None where it was trained on fewer than two sample sizes."""
    data = measured(tables, tables.studied("linear_regression", AS_PUBLISHED), SGD_LINES)
    free = data[(data["metric"] == "risk") & (data["curve"] == SGD[0].style.label)]
    ends = free.iloc[[0, -1]].to_dict("records") if len(free) > 1 else []
    return _drawn(tables, data, SGD_LINES, {"ends": ends})


def _drawn(tables: Tables, data: pd.DataFrame, curves: Sequence[Curve], facts: dict[str, Any]) -> Exhibit | None:
    """Risk and gap against n, with the facts that both figures need added to their own."""
    if data["n_train"].nunique() < 2:
        return None
    figure, (axes,) = panels(3.0, columns=2)
    d = int(data["n_features"].iloc[0])
    present = [curve for curve in curves if (data["curve"] == curve.style.label).any()]
    for axis, metric, words in zip(axes, ("risk", "gap"), ("exact risk", "test loss − training loss"), strict=True):
        for curve in present:
            chosen = data[(data["curve"] == curve.style.label) & (data["metric"] == metric)]
            cells_line(axis, chosen, "n_train", curve.style, **_hollow(curve))
        axis.set(xlabel="training samples n", title=words)
        if metric == "risk" or (data.loc[data["metric"] == "gap", "mean"] > 0).all():
            log_axis(axis)
        log_axis(axis, "x")
        if data["n_train"].min() < d < data["n_train"].max():
            marked_line(axis, d, "n = d")
    theory = expected(tables, data)
    keys = [handle(curve.style, **_hollow(curve)) for curve in present] + _draw_expected(axes[0], theory)
    axes[0].set_ylabel("squared error")
    floor = next((tables.constant(setting, "noise_floor") for setting in data["setting"]), None)
    if floor:
        axes[0].set_ylim(bottom=floor / 3)  # room for "n = d" below the line
        marked_line(axes[0], floor, "σ²", which="y")
    legend_above(figure, keys, columns=3)
    facts |= {
        "n_features": d,
        "sizes": [data["n_train"].min(), data["n_train"].max()],
        "curves": [curve.style.label for curve in present],
        "theories": set(theory["metric"]),
        **counted(data),
    }
    return Exhibit(figure, facts, pd.concat([data, theory], ignore_index=True))


LOOKS: dict[str, dict[str, Any]] = {
    "asymptotic": {"label": "ridge, asymptotic theory", "color": INK, "linewidth": 0.6},
    "exact": {"label": "SGD, theory", "color": INK, "linestyle": "none", "marker": "+", "markersize": 5},
}


def _draw_expected(axis: Axes, theory: pd.DataFrame) -> list[Line2D]:
    """Thin lines for ridge's limit, crosses for SGD, and their keys."""
    present = [metric for metric in LOOKS if (theory["metric"] == metric).any()]
    for metric in present:
        for _, line in theory[theory["metric"] == metric].groupby("curve"):
            axis.plot(line["n_train"], line["mean"], zorder=5, **LOOKS[metric])
    return [Line2D([], [], **LOOKS[metric]) for metric in present]


def _hollow(curve: Curve) -> dict[str, Any]:
    """Points without a line are drawn large and open, so that a line's own marks show through."""
    return {"markerfacecolor": "none", "markersize": 6, "markeredgewidth": 1.2} if curve.style.line == "none" else {}


def key_of(tables: Tables, setting: str, curve: Curve) -> Key | None:
    """The cell that a curve has in a setting, or None."""
    if curve.rule == "best":
        optimal = tables.constant(setting, "optimal_lam")
        lams = tables.path(setting, curve.method, "risk")["lam"]
        near = lams[np.isclose(lams, optimal, rtol=0.05)] if optimal else lams[:0]
        return Key("linear_regression", setting, curve.method, float(near.iloc[0]), "0") if len(near) else None
    key = Key("linear_regression", setting, curve.method, 0.0 if curve.rule == "0" else CHAPTER_LAM, "0")
    return key if not tables.select(key).empty else None
