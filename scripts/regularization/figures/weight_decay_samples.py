"""More samples: risk and generalisation gap against n through n ≈ d, at λ = 0, at the chapter's λ and at the best λ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from regularization.figures.axes import cells_line, handle, legend_above, log_axis, marked_line
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import COLOURS, WIDTH, Look, look
from regularization.reporting.tables import CHAPTER_LAM, Key, Tables, estimate
from regularization.reporting.words import listing, number, plain, seeds

PREFIX = "samples_"


class Curve(NamedTuple):
    """A line of the figure: a method at a rule for λ."""

    method: str
    rule: str  # "0", "chapter" or "best"
    style: Look


CURVES = (
    Curve("ridge", "0", Look("ridge, λ = 0 (minimum norm)", COLOURS["vermillion"][0], "-", "d")),
    Curve("ridge", "chapter", Look(f"ridge, λ = {plain(CHAPTER_LAM)}", COLOURS["blue"][0], (0, (5, 1.5)), "s")),
    Curve("ridge", "best", Look("ridge, λ = λ*", COLOURS["green"][0], (0, (1, 1)), "o")),
    Curve("none", "0", Look("SGD, λ = 0", look("none").colour, "none", "o")),
    Curve("l2_penalty", "chapter", Look(f"SGD, λ = {plain(CHAPTER_LAM)}", COLOURS["purple"][0], "none", "s")),
)


def measured(tables: Tables) -> pd.DataFrame:
    """Columns curve, setting, n_train, n_features, lam, metric (risk or gap), mean, ci_low, ci_high, n, n_diverged."""
    rows = []
    for name in tables.studied("weight_decay", prefix=PREFIX):
        task = tables.setting("weight_decay", name)
        for curve in CURVES:
            key = _key(tables, name, curve)
            if key is None:
                continue
            runs = tables.ok(key)
            n_diverged = len(tables.select(key)) - len(runs)
            for metric, values in {"risk": runs["risk"], "gap": runs["test_loss"] - runs["train_loss"]}.items():
                if not values.dropna().empty:
                    result = estimate(values.dropna(), n_diverged)
                    head = (curve.style.label, name, int(task["n_train"]), int(task["n_features"]), key.lam, metric)
                    rows.append((*head, *vars(result).values()))
    columns = ["curve", "setting", "n_train", "n_features", "lam", "metric"]
    frame = pd.DataFrame(rows, columns=[*columns, "mean", "ci_low", "ci_high", "n", "n_diverged"])
    return frame.sort_values(["metric", "curve", "n_train"], kind="stable")


def exhibits(tables: Tables) -> list[Exhibit]:
    """Two panels, risk and gap; empty unless at least two sample sizes were run."""
    data = measured(tables)
    if data["n_train"].nunique() < 2:
        return []
    figure = Figure(figsize=(WIDTH, 3.0))
    axes = figure.subplots(1, 2)
    d = int(data["n_features"].iloc[0])
    present = [curve for curve in CURVES if (data["curve"] == curve.style.label).any()]
    for axis, metric, words in zip(axes, ("risk", "gap"), ("exact risk", "test loss − training loss"), strict=True):
        for curve in present:
            chosen = data[(data["curve"] == curve.style.label) & (data["metric"] == metric)]
            cells_line(axis, chosen, "n_train", curve.style, **_hollow(curve))
        axis.set_xlabel("training samples n")
        axis.set_title(words)
    positive_gap = (data.loc[data["metric"] == "gap", "mean"] > 0).all()
    log_axis(axes[0])
    if positive_gap:
        log_axis(axes[1])
    for axis in axes:
        log_axis(axis, "x")
        if data["n_train"].min() < d < data["n_train"].max():
            marked_line(axis, d, "n = d")
    axes[0].set_ylabel("squared error")
    floor = next((tables.constant(name, "noise_floor") for name in data["setting"]), None)
    if floor:
        marked_line(axes[0], floor, "σ²", which="y")
    legend_above(
        figure,
        [handle(curve.style, **_hollow(curve)) for curve in present],
        columns=3,
    )
    return [
        Exhibit(
            name="weight-decay-samples",
            section="weight_decay",
            figure=figure,
            caption=(
                f"**{_finding(data)}** {d} features, started at zero. λ* = dσ²/(n‖w\\*‖²) is the best ridge penalty for each n. "
                + seeds(data["n"], data["n_diverged"])
            ),
            alt=(
                f"Two panels against the number of training samples from {plain(data['n_train'].min())} to "
                f"{plain(data['n_train'].max())} on a logarithmic axis: exact risk on the left, test loss minus "
                f"training loss on the right. Lines for {listing(curve.style.label for curve in present)}."
            ),
            data=data,
        )
    ]


def _hollow(curve: Curve) -> dict[str, object]:
    """Points without a line are drawn large and open, so that a line's own marks show through."""
    return {"markerfacecolor": "none", "markersize": 6, "markeredgewidth": 1.2} if curve.style.line == "none" else {}


def _key(tables: Tables, setting: str, curve: Curve) -> Key | None:
    """The cell that a curve has in a setting, or None."""
    if curve.rule == "best":
        optimal = tables.constant(setting, "optimal_lam")
        lams = tables.path(setting, curve.method, "risk")["lam"]
        near = lams[np.isclose(lams, optimal, rtol=0.05)] if optimal else lams[:0]
        return Key("weight_decay", setting, curve.method, float(near.iloc[0]), "0") if len(near) else None
    key = Key("weight_decay", setting, curve.method, 0.0 if curve.rule == "0" else CHAPTER_LAM, "0")
    return key if not tables.select(key).empty else None


def _finding(data: pd.DataFrame) -> str:
    risk = data[data["metric"] == "risk"]
    parts = []
    for curve in CURVES[:3]:
        line = risk[risk["curve"] == curve.style.label]
        if line.empty:
            continue
        peak, last = line.loc[line["mean"].idxmax()], line.iloc[-1]
        if curve.rule == "0":
            parts.append(
                f"Without a penalty the risk peaks at n = {plain(peak['n_train'])} ({number(peak['mean'])}) and falls to "
                f"{number(last['mean'])} at n = {plain(last['n_train'])}"
            )
        elif curve.rule == "chapter":
            parts.append(f"λ = {plain(CHAPTER_LAM)} ends at {number(last['mean'])}")
        else:
            parts.append(f"at the best λ for each n it is never above {number(peak['mean'])}")
    return f"{listing(parts)}." if parts else "Risk and generalisation gap against the number of samples."
