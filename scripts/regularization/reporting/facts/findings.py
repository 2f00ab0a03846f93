"""What the study found, in words: one function a finding; None where the data are not there.

The summary shows the three that matter most, every section those of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, Tables, chosen_on_validation
from regularization.naming import Key
from regularization.reporting.facts.facts import account, chapter_decay
from regularization.reporting.figures.dropout.grid import edge, grid
from regularization.reporting.figures.weight_decay.samples import sample_sizes
from regularization.reporting.words import count, interval, number, percent, plain


@dataclass(frozen=True)
class Finding:
    """A headline, the sentence behind it, and the anchor of the figure that shows it."""

    headline: str
    text: str
    figure: str


def findings(tables: Tables) -> dict[str, list[Finding]]:
    """The findings that this study's data carry: by section of the report, in its order, and under "summary"
    the three that matter most.
    """
    found = {question: finding for question in _QUESTIONS if (finding := question(tables)) is not None}
    by_section = {
        section: [finding for question, finding in found.items() if _QUESTIONS[question] == section]
        for section in _QUESTIONS.values()
    }
    most = sorted(found, key=lambda question: question not in _MATTER_MOST)[:3]
    return {"summary": [found[question] for question in found if question in most], **by_section}


def initialisation(tables: Tables) -> Finding | None:
    """How much of the textbook's risk at λ = 0 is initialisation that SGD left where it was."""
    found = account(tables)
    if found is None:
        return None
    task = tables.setting("linear_regression", "textbook")
    text = (
        f"The run's exact risk is {number(found.risk, 4)}, and {number(found.in_null_space, 4)} of that are initial "
        f"weights in the {plain(task['n_features'] - task['n_train'])} directions that no training input reaches: "
        "SGD never moves them."
    )
    if found.zero is not None:
        text += f" Started at zero, the same run ends at {number(found.zero)}."
    headline = f"{percent(found.share)} of the chapter's “overfitting” at λ = 0 is initialisation"
    return Finding(headline, text, "fig-weight-decay-account")


def weight_decay(tables: Tables) -> Finding | None:
    """What the chapter's λ does to the test error: at its own initialisation, and at zero."""
    pairs = {}
    for setting in ("textbook", "zero_init"):
        decayed = chapter_decay(setting)
        none = tables.baseline("linear_regression", setting)
        paired = tables.paired(decayed, none, "risk")
        before, after = tables.cell(none, "risk"), tables.cell(decayed, "risk")
        if paired and before and after:
            pairs[setting] = (paired, before, after)
    if "textbook" not in pairs:
        return None
    paired, before, after = pairs["textbook"]
    text = (
        f"The risk falls in {paired.n_lower} of {count(paired.difference.n, 'seed')}, from {number(before.mean)} to "
        f"{number(after.mean)}."
    )
    if "zero_init" in pairs:
        small, start, end = pairs["zero_init"]
        text += (
            f" Where there is no initialisation to erase it changes {number(start.mean)} to {number(end.mean)} "
            f"({small.n_lower} of {count(small.difference.n, 'seed')} improve)."
        )
    factor = before.mean / after.mean
    verb = (
        f"divides the chapter's risk by {number(factor, 2)}"
        if factor > 1
        else (f"multiplies the chapter's risk by {number(1 / factor, 2)}")
    )
    headline = f"λ = {plain(CHAPTER_LAM)} {verb}"
    if (found := account(tables)) and found.erased:
        headline += ", mostly by erasing the initialisation"
    return Finding(headline, text, "fig-weight-decay-risk")


def sample_size(tables: Tables) -> Finding | None:
    """Double descent without a penalty, and what the best penalty makes of it."""
    data = sample_sizes(tables)
    data = data[data["metric"] == "risk"]
    free = data[data["curve"].str.startswith("ridge, λ = 0")]
    best = data[data["curve"] == "ridge, λ = λ*"]
    if len(free) < 3 or best.empty:
        return None
    peak = free.loc[free["mean"].idxmax()]
    at_peak = best[best["n_train"] == peak["n_train"]]["mean"]
    text = (
        f"The minimum-norm solution's risk is highest at n = {plain(peak['n_train'])} with {plain(peak['n_features'])} "
        f"features: {number(peak['mean'])}."
    )
    if len(at_peak):
        text += f" With the best ridge penalty for that n it is {number(at_peak.iloc[0])}."
    headline = "More samples help"
    if peak["n_train"] not in (free["n_train"].min(), free["n_train"].max()):
        headline = "Without a penalty more samples first hurt, then help"
        if len(best) > 2 and (best.sort_values("n_train")["mean"].diff().dropna() <= 0).all():
            headline += "; with the best λ they always help"
    return Finding(headline, text, "fig-weight-decay-samples")


def textbook_dropout(tables: Tables) -> Finding | None:
    """Dropout as the chapter uses it, on all images."""
    none, dropout = (
        tables.baseline("fashion_mnist", "textbook"),
        Key("fashion_mnist", "textbook", "dropout", 0.0, CHAPTER_P),
    )
    paired = tables.paired(dropout, none, "test_accuracy")
    accuracy = tables.cell(none, "test_accuracy")
    if paired is None or accuracy is None:
        return None
    change = paired.difference
    undecided = not (change.low > 0 or change.high < 0)  # a single seed has NaN limits and decides nothing
    effect = (
        f"makes no difference that {count(change.n, 'seed')} can tell"
        if undecided
        else "helps"
        if change.mean > 0
        else "costs accuracy"
    )
    train = tables.cell(none, "train_accuracy")
    n = tables.setting("fashion_mnist", "textbook")["n_train"]
    gap = ""
    if train is not None:
        right = [f"{percent(train.mean, 1)} of the training", f"{percent(accuracy.mean, 1)} of the test images"]
        gap = f" Without it, {right[0]} and {right[1]} are right."
    return Finding(
        f"On {plain(n)} images dropout {effect}",
        f"Test accuracy changes by {interval(change, scale=100)} percentage points over {count(change.n, 'seed')}."
        + gap,
        "fig-dropout-curves",
    )


def small_samples(tables: Tables) -> Finding | None:
    """Dropout where the network overfits: the smallest number of images with both cells."""
    for setting in sorted(
        tables.studied("fashion_mnist"), key=lambda name: tables.setting("fashion_mnist", name)["n_train"]
    ):
        none, dropout = (
            tables.baseline("fashion_mnist", setting),
            Key("fashion_mnist", setting, "dropout", 0.0, "0.5/0.5"),
        )
        paired = tables.paired(dropout, none, "test_loss")
        before, after = tables.cell(none, "test_loss"), tables.cell(dropout, "test_loss")
        if paired is None or before is None or after is None:
            continue
        n = tables.setting("fashion_mnist", setting)["n_train"]
        change = 1 - after.mean / before.mean
        verb = "cuts" if change > 0 else "raises"
        return Finding(
            f"At {plain(n)} images dropout {verb} the test cross-entropy by {percent(abs(change))}",
            f"From {number(before.mean)} to {number(after.mean)} nats at p = 0.5; lower in {paired.n_lower} of "
            f"{count(paired.difference.n, 'seed')} (difference {interval(paired.difference)}).",
            "fig-dropout-strength",
        )
    return None


def interaction(tables: Tables) -> Finding | None:
    """The cell of the λ × p grid that validation data choose."""
    for setting in tables.studied("fashion_mnist"):
        loss = grid(tables, setting, "test_loss")
        if loss["lam"].nunique() < 2 or loss["probability"].nunique() < 2:
            continue
        best = chosen_on_validation(loss, grid(tables, setting, "validation_loss"))
        if best is None:
            return None
        n = tables.setting("fashion_mnist", setting)["n_train"]
        where = edge(loss, best)
        origin = loss[(loss["lam"] == 0) & (loss["probability"] == 0)]["mean"]
        chosen = {(True, True): "both dropout and weight decay", (True, False): "weight decay alone",
                  (False, True): "dropout alone", (False, False): "neither regularizer"}  # fmt: skip
        against = (
            f", against {number(origin.iloc[0])} with neither" if len(origin) and np.isfinite(origin.iloc[0]) else ""
        )
        return Finding(
            f"Tuned on validation data, the best cell uses {chosen[best['lam'] > 0, best['probability'] > 0]}",
            f"Validation data choose λ = {plain(best['lam'])} and p = {plain(best['probability'])} at n = {plain(n)}: "
            f"a test cross-entropy of {number(best['mean'])}{against}.{f' It lies {where}.' if where else ''}",
            "fig-dropout-grid",
        )
    return None


_QUESTIONS = {
    initialisation: "linear_regression",
    weight_decay: "linear_regression",
    sample_size: "linear_regression",
    textbook_dropout: "fashion_mnist",
    small_samples: "fashion_mnist",
    interaction: "fashion_mnist",
}
_MATTER_MOST = (initialisation, small_samples, interaction)
