"""What the study found: one function a finding, which hands out its facts; None where the data are not there.

The words are blocks of `report/findings.md.j2`. The summary shows the three findings that matter most, every section
those of its own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, Tables, chosen_on_validation
from regularization.reporting.facts.facts import account, chapter_decay
from regularization.reporting.figures.dropout.grid import edge, grid
from regularization.reporting.figures.weight_decay.samples import sample_sizes
from regularization.reporting.wording import render

Facts = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """A finding by its name and its facts, and the anchor of the figure that shows it."""

    name: str
    facts: Facts
    figure: str

    @property
    def headline(self) -> str:
        return render("findings.md.j2", self.facts, f"{self.name}_headline")

    @property
    def text(self) -> str:
        """The sentences behind the headline."""
        return render("findings.md.j2", self.facts, f"{self.name}_text")


def findings(tables: Tables) -> dict[str, list[Finding]]:
    """The findings that the data carry, by experiment, in the report's order; under "summary" the three main ones."""
    found = {
        question: Finding(question.__name__, facts, figure)
        for question, (_, figure) in _QUESTIONS.items()
        if (facts := question(tables)) is not None
    }
    by_experiment: dict[str, list[Finding]] = {experiment: [] for experiment, _ in _QUESTIONS.values()}
    for question, finding in found.items():
        by_experiment[_QUESTIONS[question][0]].append(finding)
    most = sorted(found, key=lambda question: question not in _MATTER_MOST)[:3]
    return {"summary": [found[question] for question in found if question in most], **by_experiment}


def initialisation(tables: Tables) -> Facts | None:
    """How much of the textbook's risk at λ = 0 is initialisation that SGD left where it was."""
    found = account(tables)
    if found is None:
        return None
    task = tables.setting("linear_regression", "textbook")
    return {**found._asdict(), "share": found.share, "directions": task["n_features"] - task["n_train"]}


def weight_decay(tables: Tables) -> Facts | None:
    """What the chapter's λ does to the test error: at its own initialisation, and at zero."""
    pairs: dict[str, Facts | None] = {"textbook": None, "zero_init": None}
    for setting in pairs:
        decayed, none = chapter_decay(setting), tables.baseline("linear_regression", setting)
        paired = tables.paired(decayed, none, "risk")
        before, after = tables.cell(none, "risk"), tables.cell(decayed, "risk")
        if paired and before and after:
            means = {"before": before.mean, "after": after.mean}
            pairs[setting] = {"n": paired.difference.n, "n_lower": paired.n_lower, **means}
    if (textbook := pairs["textbook"]) is None:
        return None
    found = account(tables)
    factor = textbook["before"] / textbook["after"]
    return {**pairs, "lam": CHAPTER_LAM, "factor": factor, "erased": found is not None and found.erased}


def sample_size(tables: Tables) -> Facts | None:
    """What more samples do without a penalty, from turn to turn, and what the best penalty makes of it."""
    data = sample_sizes(tables)
    data = data[data["metric"] == "risk"]
    free = data[data["curve"].str.startswith("ridge, λ = 0")].sort_values("n_train")
    best = data[data["curve"] == "ridge, λ = λ*"]
    if len(free) < 3 or best.empty:
        return None
    peak = free.loc[free["mean"].idxmax()]
    turns = np.flatnonzero(np.diff(np.sign(np.diff(free["mean"])))) + 1  # where the risk stops falling or rising
    at_peak = best[best["n_train"] == peak["n_train"]]["mean"]
    return {
        "n_train": peak["n_train"],
        "n_features": peak["n_features"],
        "peak": peak["mean"],
        "peak_inside": peak["n_train"] not in (free["n_train"].min(), free["n_train"].max()),
        "path": free.iloc[[0, *turns, len(free) - 1]][["n_train", "mean"]].to_dict("records"),
        "best_at_peak": at_peak.iloc[0] if len(at_peak) else None,
        "best_always_falls": len(best) > 2 and (best.sort_values("n_train")["mean"].diff().dropna() <= 0).all(),
    }


def textbook_dropout(tables: Tables) -> Facts | None:
    """Dropout as the chapter uses it, on all images."""
    none = tables.baseline("fashion_mnist", "textbook")
    paired = tables.paired(none._replace(method="dropout", p=CHAPTER_P), none, "test_accuracy")
    train, test = tables.cell(none, "train_accuracy"), tables.cell(none, "test_accuracy")
    if paired is None or test is None:
        return None
    change = paired.difference
    return {
        "n_train": tables.setting("fashion_mnist", "textbook")["n_train"],
        "change": change,
        "undecided": not (change.low > 0 or change.high < 0),  # a single seed has NaN limits and decides nothing
        "train": None if train is None else train.mean,
        "test": test.mean,
    }


def small_samples(tables: Tables) -> Facts | None:
    """Dropout where the network overfits: the smallest number of images with both cells."""
    n_train = {name: tables.setting("fashion_mnist", name)["n_train"] for name in tables.series("fashion_mnist")}
    for setting in sorted(n_train, key=n_train.__getitem__):
        none = tables.baseline("fashion_mnist", setting)
        dropout = none._replace(method="dropout", p="0.5/0.5")
        paired = tables.paired(dropout, none, "test_loss")
        before, after = tables.cell(none, "test_loss"), tables.cell(dropout, "test_loss")
        if paired is not None and before is not None and after is not None:
            tempered = [float(tables.calibrated(key)["tempered_loss"].mean()) for key in (none, dropout)]
            return {
                "n_train": n_train[setting],
                "before": before.mean,
                "after": after.mean,
                "fall": 1 - after.mean / before.mean,
                "difference": paired.difference,
                "n_lower": paired.n_lower,
                "tempered": tempered if np.isfinite(tempered).all() else None,
            }
    return None


def interaction(tables: Tables) -> Facts | None:
    """The cell of the λ × p grid that validation data choose."""
    for setting in tables.series("fashion_mnist"):
        loss = grid(tables, setting, "test_loss")
        if loss["lam"].nunique() < 2 or loss["probability"].nunique() < 2:
            continue
        best = chosen_on_validation(loss, grid(tables, setting, "validation_loss"))
        if best is None:
            return None
        neither = loss[(loss["lam"] == 0) & (loss["probability"] == 0)]["mean"]
        return {
            "lam": best["lam"],
            "p": best["probability"],
            "n_train": tables.setting("fashion_mnist", setting)["n_train"],
            "loss": best["mean"],
            "neither": neither.iloc[0] if len(neither) and np.isfinite(neither.iloc[0]) else None,
            "edge": edge(loss, best),
        }
    return None


_QUESTIONS = {  # each with its experiment and its figure
    initialisation: ("linear_regression", "fig-weight-decay-account"),
    weight_decay: ("linear_regression", "fig-weight-decay-risk"),
    sample_size: ("linear_regression", "fig-weight-decay-samples"),
    textbook_dropout: ("fashion_mnist", "fig-dropout-curves"),
    small_samples: ("fashion_mnist", "fig-dropout-strength"),
    interaction: ("fashion_mnist", "fig-dropout-grid"),
}
_MATTER_MOST = (initialisation, small_samples, interaction)
