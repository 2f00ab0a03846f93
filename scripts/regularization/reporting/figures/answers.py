"""The first screen's small pictures, one an answer: drawn of the very facts that the answers name."""

from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, Tables
from regularization.naming import Key
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED
from regularization.reporting.figures.dropout.strength import sizes
from regularization.reporting.figures.weight_decay.account import parts
from regularization.reporting.words import fixed, number, percent, plain

LINEAR = "linear_regression"
NETWORK = "fashion_mnist"
HALF = "0.5/0.5"  # dropout where the number of images varies
Facts = dict[str, Any]
SIZE = (2.45, 1.6)  # inches: a third of the text's width, at which letters keep their size in print


def error(tables: Tables) -> Facts | None:
    """What the chapter's risk is made of without weight decay and with it, from its start and from zero."""
    means = parts(tables).set_index(["setting", "lam", "part"])["mean"].sort_index()

    def split(setting: str, lam: float) -> Facts | None:
        return means[setting, lam].to_dict() if (setting, lam) in means.index else None

    before, after = split("textbook", 0.0), split("textbook", CHAPTER_LAM)
    if before is None:
        return None
    task = tables.setting(LINEAR, "textbook")
    steps = int(task["epochs"]) * ceil(task["n_train"] / task["batch_size"])
    at_start = {
        tables.setting(LINEAR, name)["noise_std"]: split(name, 0.0)
        for name in tables.studied(LINEAR, ("textbook_noise_0", "textbook", "textbook_noise_0.1"))
    }
    law = tables.reference("textbook", "null_space_norm")
    printed = [tables.cell(key, "risk") for key in pair("textbook_2023")]
    none, decayed = pair("textbook")
    paired = tables.paired(decayed, none, "risk")
    return {
        "n": task["n_train"],
        "d": task["n_features"],
        "unseen": task["n_features"] - task["n_train"],
        "rate": task["learning_rate"],
        "lam": CHAPTER_LAM,
        "before": before,
        "after": after,
        "zero": split("zero_init", 0.0),
        "zero_after": split("zero_init", CHAPTER_LAM),
        "share": before["initialisation"] / before["risk"],
        "kept": abs(1 - task["learning_rate"] * CHAPTER_LAM) ** steps,
        "steps": steps,
        "predicted": next(iter(law.loc[law["lam"] == 0, "value"] ** 2), None),
        "mean_predictor": tables.constant("textbook", "mean_predictor_risk"),
        "by_noise": {noise: one["risk"] for noise, one in at_start.items() if one},
        "printed": [one.mean for one in printed if one],
        "init_std": task["init_std"],
        "printed_init_std": tables.setting(LINEAR, "textbook_2023")["init_std"] if all(printed) else None,
        "n_seeds": len(tables.ok(tables.baseline(LINEAR, "textbook"))),
        "n_lower": paired.n_lower if paired else None,
        "n_paired": paired.difference.n if paired else None,
    }


def pair(setting: str) -> tuple[Key, Key]:
    """The cells of a setting without weight decay, and with the chapter's."""
    return Key(LINEAR, setting, "none", 0.0, "0"), Key(LINEAR, setting, "l2_penalty", CHAPTER_LAM, "0")


def honest(tables: Tables) -> Facts | None:
    """Dropout on the fewest images: accuracy and confidence without it and with it, and what of its gain is confidence.

    Pairs are (without, with dropout), means over seeds; `tempered` is the cross-entropy with one temperature a run.
    """
    for setting in tables.series(NETWORK):
        none = tables.baseline(NETWORK, setting)
        keys = (none, none._replace(method="dropout", p=HALF))
        runs = [tables.calibrated(key) for key in keys]
        paired = tables.paired(keys[1], keys[0], "test_accuracy")
        if paired and all(len(one) for one in runs):
            means = {name: [float(one[name].mean()) for one in runs] for name in ("accuracy", "confidence", "loss")}
            tempered = [float(one["tempered_loss"].mean()) for one in runs]
            gain, left = means["loss"][0] - means["loss"][1], tempered[0] - tempered[1]
            return {**means, "n": tables.setting(NETWORK, setting)["n_train"], "change": paired.difference,
                    "by_confidence": 1 - left / gain if gain > 0 and np.isfinite(left) else None,
                    "seeds": paired.difference.n}  # fmt: skip
    return None


def plenty(tables: Tables) -> list[Facts]:
    """What dropout does to accuracy, by the number of images; the chapter's own run, on all of them, last."""
    found = []
    for setting, size in sizes(tables, (*tables.series(NETWORK), *tables.studied(NETWORK, ("textbook",)))).items():
        none = tables.baseline(NETWORK, setting)
        key = none._replace(method="dropout", p=CHAPTER_P if setting == "textbook" else HALF)
        paired = tables.paired(key, none, "test_accuracy")
        if paired:
            runs = [tables.select(one) for one in (none, key)]
            lost = [(int((one["status"] != "ok").sum()), len(one)) for one in runs]
            tempered = [float(tables.calibrated(one)["tempered_loss"].mean()) for one in (none, key)]
            found.append({"n": tables.setting(NETWORK, setting)["n_train"], "size": size,
                          "chapter": setting == "textbook", "change": paired.difference, "lost": lost,
                          "tempered": tempered if np.isfinite(tempered).all() else None})  # fmt: skip
    return found


def answer_start(tables: Tables) -> Exhibit | None:
    """The chapter's test error, without weight decay, with it and from zero, as bars of true length."""
    found = error(tables)
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
    return Exhibit(figure, {**found, "bars": dict(zip(shown, risks, strict=True))}, data)


def answer_honest(tables: Tables) -> Exhibit | None:
    """How often a network is right and how often it believes so, without dropout and with it."""
    found = honest(tables)
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
    found = plenty(tables)
    if len(found) < 2:
        return None
    figure, axis = _small()
    axis.axhline(0, color=MUTED, linewidth=0.8)
    rows = []
    for place, one in enumerate(found):
        mean, low, high = (100 * value for value in (one["change"].mean, one["change"].low, one["change"].high))
        colour = {-1: COLOURS["vermillion"][0], 0: MUTED, 1: COLOURS["blue"][0]}[one["change"].direction]
        axis.plot([place], [mean], marker="o", markersize=5, color=colour)
        if np.isfinite(low):
            axis.vlines([place], [low], [high], color=colour, linewidth=1.6)
        axis.annotate(f"{'+' if mean > 0 else ''}{fixed(mean, 1)}", (place, mean), (5, 0), textcoords="offset points",
                      va="center", color=INK)  # fmt: skip
        rows.append((one["n"], mean, low, high))
    axis.set_xticks(range(len(found)), [one["size"].replace(" (", "\n(") for one in found])
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
