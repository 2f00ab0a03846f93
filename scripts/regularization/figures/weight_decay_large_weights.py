"""What if the true weights are large? The change of the risk against λ, relative to the risk without a penalty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.figures.axes import cells_line, lambda_axis, log_axis, marked_line
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import COLOURS, INK, MUTED, WIDTH, Look
from regularization.reporting.words import interval, listing, number, percent, plain, seeds
from regularization.tables import CHAPTER_LAM, Estimate, Key, Tables, estimate
from regularization.theory.asymptotic import asymptotic_ridge_risk

METHOD = "l2_penalty"
ALLOWED = 0.05  # relative harm up to which a penalty counts as doing none
MANY = 500  # samples: more than there are features


class Line(NamedTuple):
    """A setting and how its line is drawn."""

    setting: str
    style: Look


LARGE = Line("zero_init_large_weights", Look("large true weights", COLOURS["blue"][0], "-", "s"))
SMALL = Line("zero_init_noise_0.1", Look("the chapter's", COLOURS["orange"][0], (0, (5, 1.5)), "o"))
DRAWN_AT_RANDOM = Line("large_weights", Look("from N(0, 1)", COLOURS["purple"][0], (0, (1, 1)), "D"))
FROM_ZERO = LARGE._replace(style=Look("from zero", COLOURS["blue"][0], "-", "s"))
MINIMISER = Look(f"minimiser, n = {MANY}", INK, (0, (3, 1.2, 1, 1.2)), "none")


def changes(tables: Tables, setting: str) -> pd.DataFrame:
    """Risk at λ minus that at λ = 0, paired by seed, relative to the mean risk at λ = 0.

    Columns setting, lam, mean, ci_low, ci_high, n, n_diverged; the first row is λ = 0, where the change is 0.
    """
    none = tables.baseline("weight_decay", setting)
    start = tables.ok(none).set_index(["seed", "data_seed"])["risk"]
    rows = []
    for lam in tables.path(setting, METHOD, "risk")["lam"]:
        key = none if lam == 0 else Key("weight_decay", setting, METHOD, float(lam), none.p)
        runs = tables.ok(key)
        difference = (runs.set_index(["seed", "data_seed"])["risk"] - start).dropna() / start.mean()
        rows.append((setting, lam, *vars(estimate(difference, len(tables.select(key)) - len(runs))).values()))
    columns = ["setting", "lam", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    return pd.DataFrame(rows, columns=columns)


def minimiser(tables: Tables, lams: np.ndarray) -> pd.DataFrame:
    """The same of ridge with `MANY` samples, from its risk as n and d grow together: columns lam, mean."""
    task = tables.setting("weight_decay", LARGE.setting)
    d = int(task["n_features"])
    norm_squared = d * float(task["true_weight"]) ** 2
    risk = asymptotic_ridge_risk(MANY, d, norm_squared, float(task["noise_std"]), np.concatenate([[0.0], lams]))
    return pd.DataFrame({"lam": lams, "mean": risk[1:] / risk[0] - 1})


def exhibits(tables: Tables) -> list[Exhibit]:
    """Two panels: large true weights beside the chapter's, and large ones elsewhere; empty where none were trained."""
    found = {line: changes(tables, line.setting) for line in (LARGE, SMALL, DRAWN_AT_RANDOM)}
    found = {line: data for line, data in found.items() if (data["lam"] > 0).any() and (data["lam"] == 0).any()}
    if LARGE not in found:
        return []
    lams = found[LARGE]["lam"].to_numpy(dtype=float)
    theory = minimiser(tables, lams)
    figure = Figure(figsize=(WIDTH, 3.0))
    left, right = figure.subplots(1, 2)
    task = tables.setting("weight_decay", LARGE.setting)
    _near(left, {line: found[line] for line in (LARGE, SMALL) if line in found})
    left.set_title(f"started at zero, n = {plain(task['n_train'])}")
    elsewhere = {FROM_ZERO: found[LARGE]} | (
        {DRAWN_AT_RANDOM: found[DRAWN_AT_RANDOM]} if DRAWN_AT_RANDOM in found else {}
    )
    _far(right, elsewhere, theory)
    right.set_title("large true weights")
    shown = pd.concat(found.values(), ignore_index=True)
    everything = pd.concat([shown, theory.assign(setting=f"minimiser, {MANY} samples, theory")], ignore_index=True)
    return [
        Exhibit(
            name="weight-decay-large-weights",
            section="weight_decay",
            figure=figure,
            caption=" ".join(
                [
                    f"**{_finding(found)}**",
                    f"Large: every component of w\\* is {plain(task['true_weight'])}, σ = {plain(task['noise_std'])}. "
                    "Left: change of the exact risk, paired by seed, relative to the mean risk at λ = 0; dotted: the "
                    f"{percent(ALLOWED)} up to which the claim counts it as no harm. Right: the ratio to the risk at λ = 0; "
                    f"the line without marks is ridge with {plain(MANY)} samples, as n and d grow with a fixed ratio.",
                    _elsewhere(found, theory),
                    seeds(shown["n"], shown["n_diverged"]),
                ]
            ),
            alt=(
                f"Two panels against λ from {plain(lams.min())} to {plain(lams.max())} on a logarithmic axis that "
                "starts at zero. Left, linear: the risk's change in per cent, lines for "
                f"{listing(line.style.label for line in (LARGE, SMALL) if line in found)}, with a level line at zero "
                "and a dotted one above it. Right, logarithmic: the risk's ratio to that at zero, lines for "
                f"{listing([*(line.style.label for line in elsewhere), MINIMISER.label])}."
            ),
            data=pd.concat(
                [
                    everything.assign(quantity="change of the risk"),
                    _ratios(everything).assign(quantity="ratio of risks"),
                ]
            ),
        )
    ]


def _near(axis: Axes, lines: dict[Line, pd.DataFrame]) -> None:
    """Changes in per cent on a linear axis, each line named where it ends."""
    axis.axhline(0, color=MUTED, linewidth=0.8)
    for line, data in lines.items():
        scaled = data.assign(**{name: 100 * data[name] for name in ("mean", "ci_low", "ci_high")})
        cells_line(axis, scaled, "lam", line.style)
        _name(axis, scaled, line.style)
    marked_line(axis, 100 * ALLOWED, percent(ALLOWED), which="y")
    lambda_axis(axis, np.concatenate([data["lam"] for data in lines.values()]), most_ticks=7)
    axis.set_ylabel("change of the risk, %")


def _far(axis: Axes, lines: dict[Line, pd.DataFrame], theory: pd.DataFrame) -> None:
    """Ratios on a logarithmic axis."""
    axis.axhline(1, color=MUTED, linewidth=0.8)
    for line, data in lines.items():
        ratio = _ratios(data)
        cells_line(axis, ratio, "lam", line.style)
        _name(axis, ratio, line.style)
    ratio = _ratios(theory)
    axis.plot(ratio["lam"], ratio["mean"], color=MINIMISER.colour, linestyle=MINIMISER.line, label=MINIMISER.label)
    _name(axis, ratio, MINIMISER)
    lambda_axis(axis, theory["lam"], most_ticks=7)
    log_axis(axis)
    axis.set_ylabel("risk, relative to that at λ = 0")


def _ratios(data: pd.DataFrame) -> pd.DataFrame:
    """Changes as ratios to the risk at λ = 0."""
    return data.assign(**{name: 1 + data[name] for name in ("mean", "ci_low", "ci_high") if name in data})


def _name(axis: Axes, data: pd.DataFrame, style: Look) -> None:
    """A line's own name over its right end."""
    last = data.dropna(subset=["mean"]).iloc[-1]
    axis.annotate(style.label, (last["lam"], last["mean"]), (2, 5), textcoords="offset points", ha="right",
                  va="bottom", color=style.colour)  # fmt: skip


def _at(data: pd.DataFrame) -> Estimate | None:
    """The change at the chapter's λ."""
    row = data[np.isclose(data["lam"].astype(float), CHAPTER_LAM)]
    if row.empty or not np.isfinite(row["mean"].iloc[0]):
        return None
    one = row.iloc[0]
    return Estimate(one["mean"], one["ci_low"], one["ci_high"], int(one["n"]))


def _finding(found: dict[Line, pd.DataFrame]) -> str:
    words = {LARGE: "with large true weights", SMALL: "with the chapter's"}
    parts = [
        f"{interval(change, scale=100)}\u202f% {words[line]}"
        for line in words
        if line in found and (change := _at(found[line])) is not None
    ]
    if not parts:
        return "Change of the risk against λ, with large true weights."
    return f"Started at zero, λ = {plain(CHAPTER_LAM)} changes the risk by {listing(parts)}."


def _elsewhere(found: dict[Line, pd.DataFrame], theory: pd.DataFrame) -> str:
    """The same from random initial weights, and of the minimiser with many samples."""
    parts = []
    if DRAWN_AT_RANDOM in found and (change := _at(found[DRAWN_AT_RANDOM])) is not None:
        parts.append(f"{interval(change, scale=100)}\u202f% from N(0, 1) initial weights")
    many = theory.loc[np.isclose(theory["lam"], CHAPTER_LAM), "mean"]
    if len(many):
        parts.append(f"{number(100 * many.iloc[0])}\u202f% for the minimiser with {plain(MANY)} samples")
    return f"Elsewhere the change at λ = {plain(CHAPTER_LAM)} is {listing(parts)}." if parts else ""
