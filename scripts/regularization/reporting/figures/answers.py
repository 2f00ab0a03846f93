"""The first screen's small pictures, one an answer: drawn of the very facts that the answers name."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED
from regularization.reporting.facts import weight_decay as facts
from regularization.reporting.words import fixed, number, percent, plain

SIZE = (2.45, 1.6)  # inches: a third of the text's width, at which letters keep their size in print


def answer_start(tables: Tables) -> Exhibit | None:
    """The chapter's test error, without weight decay, with it and from zero, as bars of true length."""
    found = facts.error(tables)
    if found is None:
        return None
    bars = {
        "the book's start": found["before"],
        f"… with λ = {plain(found['lam'])}": found["after"],
        "from zero": found["zero"],
    }
    shown = {words: one for words, one in bars.items() if one}
    figure, axis = _small()
    starts = [one["initialisation"] for one in shown.values()]
    risks = [one["risk"] for one in shown.values()]
    rests = [max(risk - start, 0.0) for risk, start in zip(risks, starts, strict=True)]
    axis.barh(range(len(shown)), starts, 0.5, color=COLOURS["vermillion"][0], label="random start")
    axis.barh(range(len(shown)), rests, 0.5, starts, color=COLOURS["blue"][0], label="everything else")
    for place, (words, risk) in enumerate(zip(shown, risks, strict=True)):
        axis.text(0, place - 0.32, f"{words}: {number(risk, 2 if risk < 1 else 3)}", va="bottom")
    axis.set_xlabel("error on new data")
    _bare(axis, len(shown))
    data = pd.DataFrame({"run": list(shown), "start": starts, "rest": rests, "risk": risks})
    return Exhibit(figure, {"share": found["share"], "bars": dict(zip(shown, risks, strict=True))}, data)


def answer_honest(tables: Tables) -> Exhibit | None:
    """How often a network is right and how often it believes so, without dropout and with it."""
    found = facts.honest(tables)
    if found is None:
        return None
    figure, axis = _small()
    right, sure = (100 * np.array(found[name]) for name in ("accuracy", "confidence"))
    axis.barh(range(2), right, 0.42, color=COLOURS["blue"][0], label="right")
    axis.barh(range(2), sure - right, 0.42, right, color=COLOURS["orange"][0], alpha=0.55, label="more than it should")
    for place, (words, *shares) in enumerate(zip(("without", "with dropout"), right, sure, strict=True)):
        told = [percent(share / 100, 1) for share in shares]
        axis.text(0, place - 0.27, f"{words}: right {told[0]}, sure {told[1]}", va="bottom")
    axis.set_xlim(0, 100)
    axis.set_xlabel("% of the test images")
    _bare(axis, 2)
    data = pd.DataFrame({"method": ["none", "dropout"], "accuracy": right, "confidence": sure, "over": sure - right})
    return Exhibit(figure, {**found, "over": (sure - right).tolist()}, data)


def answer_plenty(tables: Tables) -> Exhibit | None:
    """What dropout does to accuracy against the number of images; None with fewer than two."""
    found = facts.plenty(tables)
    if len(found) < 2:
        return None
    figure, axis = _small()
    axis.axhline(0, color=MUTED, linewidth=0.8)
    rows = []
    for place, one in enumerate(found):
        mean, low, high = (100 * value for value in (one["change"].mean, one["change"].low, one["change"].high))
        colour = {-1: COLOURS["vermillion"][0], 0: MUTED, 1: COLOURS["blue"][0]}[one["sign"]]
        axis.plot([place], [mean], marker="o", markersize=5, color=colour)
        if np.isfinite(low):
            axis.vlines([place], [low], [high], color=colour, linewidth=1.6)
        axis.annotate(f"{'+' if mean > 0 else ''}{fixed(mean, 1)}", (place, mean), (5, 0), textcoords="offset points",
                      va="center", color=INK)  # fmt: skip
        rows.append((one["n"], mean, low, high))
    axis.set_xticks(range(len(found)), [plain(one["n"]) for one in found])
    axis.set_xlim(-0.4, len(found) - 0.4)
    axis.set_xlabel("training images")
    axis.set_ylabel("accuracy, points")
    axis.grid(visible=False)
    data = pd.DataFrame(rows, columns=["n_train", "mean", "ci_low", "ci_high"])
    return Exhibit(figure, {"changes": found}, data)


def _small() -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE)
    return figure, figure.subplots()


def _bare(axis: Axes, n: int) -> None:
    """Bars with their words above them, from the top down."""
    axis.set_ylim(n - 0.55, -0.75)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.grid(visible=False)
    axis.locator_params(axis="x", nbins=4)
