"""Where the test error at λ = 0 comes from: initialisation that the data cannot see, or fitted noise?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from regularization.figures.axes import legend_above, log_axis
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import COLOURS, INK, MUTED, PAPER, WIDTH
from regularization.reporting.words import number, percent, plain, seeds
from regularization.tables import CHAPTER_LAM, Key, Tables, estimate

SETTINGS = (
    *("textbook_noise_0.1", "textbook", "textbook_noise_0"),
    *("small_init_noise_0.1", "small_init", "small_init_noise_0"),
    *("zero_init_noise_0.1", "zero_init", "zero_init_noise_0"),
)
VERMILLION, BLUE = COLOURS["vermillion"][0], COLOURS["blue"][0]


def account(tables: Tables) -> pd.DataFrame:
    """One row a setting: init_std, noise_std, and the mean (with interval) of what the figure shows.

    Columns: setting, init_std, noise_std, quantity (`risk at λ = 0`, `null space at λ = 0`, `risk at λ = 3`),
    mean, ci_low, ci_high, n, n_diverged. The null-space part is the energy ‖w‖² of the final weights in directions
    orthogonal to every training input.
    """
    rows = []
    for name in tables.studied("weight_decay", SETTINGS):
        task = tables.setting("weight_decay", name)
        baseline = tables.baseline("weight_decay", name)
        decayed = Key("weight_decay", name, "l2_penalty", CHAPTER_LAM, "0")
        measured = {
            "risk at λ = 0": (baseline, tables.ok(baseline)["risk"]),
            "null space at λ = 0": (baseline, tables.ok(baseline)["null_space_norm"] ** 2),
            f"risk at λ = {plain(CHAPTER_LAM)}": (decayed, tables.ok(decayed)["risk"]),
        }
        for quantity, (key, values) in measured.items():
            if values.dropna().empty:
                continue
            n_diverged = int((tables.select(key)["status"] != "ok").sum())
            result = estimate(values.dropna(), n_diverged)
            rows.append((name, task["init_std"], task["noise_std"], quantity, *vars(result).values()))
    columns = ["setting", "init_std", "noise_std", "quantity", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    return pd.DataFrame(rows, columns=columns)


def exhibits(tables: Tables) -> list[Exhibit]:
    """A dot plot, one row a combination of initialisation and noise; empty without the settings."""
    data = account(tables)
    if data.empty:
        return []
    names = list(dict.fromkeys(data["setting"]))
    marks: dict[str, dict[str, Any]] = {
        "risk at λ = 0": {"color": INK, "marker": "o", "markersize": 5},
        "null space at λ = 0": {"color": VERMILLION, "marker": "|", "markersize": 11, "markeredgewidth": 1.8},
        f"risk at λ = {plain(CHAPTER_LAM)}": {
            "color": BLUE, "marker": "s", "markersize": 5, "markerfacecolor": PAPER, "markeredgewidth": 1.2,
        },
    }  # fmt: skip
    figure = Figure(figsize=(WIDTH, 0.75 + 0.26 * len(names)))
    axis = figure.subplots()
    for quantity, mark in marks.items():
        shown = data[(data["quantity"] == quantity) & (data["mean"] > 1e-8)]
        heights = [names.index(name) for name in shown["setting"]]
        axis.plot(shown["mean"], heights, linestyle="none", zorder=3, **mark)
        limits = shown[np.isfinite(shown["ci_low"])]
        axis.hlines([names.index(name) for name in limits["setting"]], limits["ci_low"].clip(lower=1e-8),
                    limits["ci_high"], color=mark["color"], linewidth=0.9, zorder=2)  # fmt: skip
    log_axis(axis, "x")
    groups = data.drop_duplicates("setting")
    axis.set_yticks(range(len(names)))
    starts = [f"w₀ ~ N(0, {plain(std)}²)" if std else "w₀ = 0" for std in groups["init_std"]]
    axis.set_yticklabels(f"{start}, σ = {plain(std)}" for start, std in zip(starts, groups["noise_std"], strict=True))
    for border in np.flatnonzero(np.diff(groups["init_std"])):
        axis.axhline(border + 0.5, color=MUTED, linewidth=0.5)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_xlabel("squared error")
    labels = {"null space at λ = 0": "of it, initialisation left in the null space"}
    legend_above(
        figure,
        [
            Line2D([], [], linestyle="none", label=labels.get(quantity, quantity), **mark)
            for quantity, mark in marks.items()
            if (data["quantity"] == quantity).any()
        ],
    )
    return [
        Exhibit(
            name="weight-decay-initialisation",
            section="weight_decay",
            figure=figure,
            caption=f"**{_finding(data)}** Exact risk of the final weights. " + seeds(data["n"], data["n_diverged"]),
            alt=(
                f"Dot plot with {len(names)} rows, one for each combination of initial weights and label noise, on a "
                "logarithmic axis of squared error. Each row has a dot for the risk without weight decay, an upright "
                "bar for the part of it in the null space, and an open square for the risk with weight decay."
            ),
            data=data,
        )
    ]


def _finding(data: pd.DataFrame) -> str:
    """What the rows say, in a sentence."""
    table = data.pivot_table(index="setting", columns="quantity", values="mean")
    if "textbook" not in table.index:
        return "Risk without weight decay, its part in the null space, and risk with it."
    risk, left = table.loc["textbook", "risk at λ = 0"], table.loc["textbook", "null space at λ = 0"]
    text = (
        f"With the chapter's initialisation {percent(left / risk)} of the risk at λ = 0 ({number(left, 4)} of "
        f"{number(risk, 4)}) is initialisation that no training input can see"
    )
    started_at_zero = [name for name in ("zero_init", "small_init") if name in table.index]
    if started_at_zero:
        small = table.loc[started_at_zero[0], "risk at λ = 0"]
        text += (
            f"; started {'at zero' if started_at_zero[0] == 'zero_init' else 'small'} the same run has {number(small)}"
        )
    return text + "."
