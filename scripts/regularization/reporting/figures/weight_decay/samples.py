"""More samples: risk against n through n ≈ d, without a penalty, at the chapter's λ and at the best λ."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, log_axis, marked_line, name_line, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, Look
from regularization.reporting.words import plain

AS_PUBLISHED = ("textbook", "more_samples_100", "more_samples_200", "more_samples_500")


class Curve(NamedTuple):
    """A line of the figure: a method at a rule for λ."""

    method: str
    rule: str  # "0", "chapter" or "best"
    style: Look
    at: int | None = -1  # the point beside which its name stands; None: the highest


RIDGE = (
    Curve("ridge", "0", Look("trained to the end, λ = 0", COLOURS["vermillion"][0], "-", "d"), at=None),
    Curve("ridge", "chapter", Look(f"λ = {plain(CHAPTER_LAM)}", COLOURS["blue"][0], (0, (5, 1.5)), "s")),
    Curve("ridge", "best", Look("the best λ for each n", COLOURS["green"][0], (0, (1, 1)), "o")),
)
SGD = (
    Curve("none", "0", Look("without weight decay", COLOURS["vermillion"][0], "-", "d"), at=-2),
    Curve("l2_penalty", "chapter", Look(f"with λ = {plain(CHAPTER_LAM)}", COLOURS["blue"][0], (0, (5, 1.5)), "s")),
)
BUDGET = Curve("none", "0", Look("the book's budget, λ = 0", COLOURS["ink"][0], "none", "o"), at=0)


def measured(tables: Tables, settings: Sequence[str], curves: Sequence[Curve]) -> pd.DataFrame:
    """Risk by curve and n: curve, method, rule, setting, n_train, n_features, lam, mean, ci_low, ci_high, n, …"""
    rows = []
    for name in settings:
        task = tables.setting("linear_regression", name)
        for curve in curves:
            key = key_of(tables, name, curve)
            found = tables.cell(key, "risk") if key else None
            if key and found:
                head = (curve.style.label, *curve[:2], name, int(task["n_train"]), int(task["n_features"]), key.lam)
                rows.append((*head, *vars(found).values()))
    columns = ["curve", "method", "rule", "setting", "n_train", "n_features", "lam"]
    frame = pd.DataFrame(rows, columns=[*columns, "mean", "ci_low", "ci_high", "n", "n_diverged"])
    return frame.sort_values(["curve", "n_train"], kind="stable", ignore_index=True)


def sample_sizes(tables: Tables) -> pd.DataFrame:
    """The sweep through n ≈ d, started at zero: ridge in closed form, and the chapter's budget without a penalty."""
    return measured(tables, tables.series("linear_regression"), [*RIDGE, BUDGET])


def weight_decay_samples(tables: Tables) -> Exhibit | None:
    """The sweep through n ≈ d; None where fewer than three sample sizes were solved without a penalty."""
    data = sample_sizes(tables)
    line = data[(data["method"] == "ridge") & (data["rule"] == "0")].set_index("n_train")["mean"]
    if len(line) < 3:
        return None
    peak, last = line.idxmax(), line.index.max()

    def at(n: int) -> dict[str, float]:
        own = data[(data["n_train"] == n) & (data["method"] == "ridge")]
        return dict(zip(own["rule"], own["mean"], strict=True))

    inside = peak not in (line.index.min(), last)
    facts = {"peak": peak, "inside": inside, "at_peak": at(peak), "last": last, "at_last": at(last), "lam": CHAPTER_LAM}
    return _drawn(tables, data, [*RIDGE, BUDGET], facts)


def weight_decay_more_samples(tables: Tables) -> Exhibit | None:
    """The chapter's own run with more samples; None where it was trained on fewer than three sample sizes."""
    data = measured(tables, tables.studied("linear_regression", AS_PUBLISHED), SGD)
    free = data[data["rule"] == "0"]
    if len(free) < 3:
        return None
    decayed = data[data["rule"] == "chapter"].set_index("n_train")["mean"]
    ends = free.iloc[[0, -1]].to_dict("records")
    return _drawn(tables, data, SGD, {"ends": [{**end, "decayed": decayed.get(end["n_train"])} for end in ends]})


def _drawn(tables: Tables, data: pd.DataFrame, curves: Sequence[Curve], facts: dict[str, Any]) -> Exhibit:
    """One panel of risk against n, with the facts that both figures need added to their own."""
    figure, ((axis,),) = panels(2.9)
    d = int(data["n_features"].iloc[0])
    names = []
    for curve in curves:
        own = data[data["curve"] == curve.style.label]
        if own.empty:
            continue
        names.append(curve.style.label)
        cells_line(axis, own, "n_train", curve.style, **({"markerfacecolor": "none"} if curve is BUDGET else {}))
        place = int(own["mean"].argmax()) if curve.at is None else curve.at
        name_line(axis, own.iloc[place], "n_train", curve.style, "above" if curve in (BUDGET, SGD[0]) else "right")
    axis.set(xlabel="training examples n", ylabel="error on new data")
    log_axis(axis)
    log_axis(axis, "x")
    axis.set_xlim(right=axis.get_xlim()[1] * 3)  # room for the lines' names
    if data["n_train"].min() < d < data["n_train"].max():
        marked_line(axis, d, "as many examples\nas weights")
    floor = next((tables.constant(setting, "noise_floor") for setting in data["setting"]), None)
    if floor:
        axis.set_ylim(bottom=floor / 5)
        marked_line(axis, floor, "the noise alone", which="y")
    sizes = [data["n_train"].min(), data["n_train"].max()]
    return Exhibit(figure, {**facts, "n_features": d, "sizes": sizes, "curves": names, **counted(data)}, data)


def key_of(tables: Tables, setting: str, curve: Curve) -> Key | None:
    """The cell that a curve has in a setting, or None."""
    if curve.rule == "best":
        optimal = tables.constant(setting, "optimal_lam")
        lams = tables.path(setting, curve.method, "risk")["lam"]
        near = lams[np.isclose(lams, optimal, rtol=0.05)] if optimal else lams[:0]
        return Key("linear_regression", setting, curve.method, float(near.iloc[0]), "0") if len(near) else None
    key = Key("linear_regression", setting, curve.method, 0.0 if curve.rule == "0" else CHAPTER_LAM, "0")
    return key if not tables.select(key).empty else None
