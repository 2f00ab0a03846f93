"""Weight decay at the chapter's λ = 3 lowers the test error.

The same seeds with and without. Conditions: it also helps with σ = 0.1, and from zero initial weights, where it has
nothing of them to erase. There the best λ of the minimiser is 5 with σ = 0.1 and 0.05 with σ = 0.01. The account says
which part of the risk the gain comes from.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.claims.overfitting import named

OTHERS = ("textbook_noise_0.1", "zero_init_noise_0.1", "zero_init")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary = gains(tables, "textbook")
    conditions = []
    numbers: dict[str, float | str] = {"share of the risk removed, textbook": share_removed(tables, "textbook")}
    for name in OTHERS:
        try:
            low, _, _ = mean_interval(gains(tables, name), rng=rng)
        except NotMeasured:
            continue
        conditions.append(Condition(f"λ = 3 lowers the mean risk in {named(name)} too", bool(low > 0)))
        numbers[f"share of the risk removed, {named(name)}"] = share_removed(tables, name)
    for part, setting in (("initialisation", "textbook"), ("bias_term_error", "zero_init")):
        removed = part_removed(tables, setting, part)
        if removed is not None:
            numbers[f"share of the gain that is {named(part)}, {named(setting)}"] = removed
    return evidence.contrast(primary, rng, conditions, numbers)


def gains(tables: Tables, setting: str) -> np.ndarray:
    """Risk without − risk with weight decay, by seed."""
    none, decay = evidence.linear(setting=setting), evidence.linear("l2_penalty", CHAPTER_LAM, setting)
    return evidence.differences(tables, none, decay, "risk")


def share_removed(tables: Tables, setting: str) -> float:
    baseline = evidence.values(tables, evidence.linear(setting=setting), "risk").mean()
    return float(gains(tables, setting).mean() / baseline)


def part_removed(tables: Tables, setting: str, part: str) -> float | None:
    """What share of the mean gain comes from one part of the risk's account, or None without that account."""
    account = tables.account
    if account.empty:
        return None
    here = account[account["setting"] == setting]
    none, decay = here[here["method"] == "none"], here[(here["method"] == "l2_penalty") & (here["lam"] == CHAPTER_LAM)]
    if none.empty or decay.empty:
        return None
    return float((none[part].mean() - decay[part].mean()) / (none["risk"].mean() - decay["risk"].mean()))


CLAIM = Claim(
    id="c03",
    statement="Weight decay at λ = 3 lowers the test error.",
    section="Weight decay",
    estimand="exact risk, λ = 0 − λ = 3 (textbook)",
    unit="squared error",
    needs="linear_regression: textbook, none and l2_penalty at λ = 3",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-risk",
)
