"""Weight decay at the chapter's λ = 3 lowers the test error.

The same seeds with and without. Condition: it also helps where there is no initialisation to erase.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.tables import CHAPTER_LAM, Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    conditions = []
    numbers: dict[str, float | str] = {}
    for name in tables.studied("weight_decay", ("textbook_noise_0.1", "zero_init", "zero_init_noise_0.1")):
        try:
            gain = gains(tables, name)
        except NotMeasured:
            continue
        baseline = evidence.values(tables, evidence.linear(setting=name), "risk").mean()
        words = name.replace("_", " ")
        numbers[f"share of the risk removed, {words}"] = float(gain.mean() / baseline)
        conditions.append(Condition(f"in the setting {words} too, on average", bool(gain.mean() > 0)))
    return evidence.contrast(gains(tables, "textbook"), rng, conditions, numbers)


def gains(tables: Tables, setting: str) -> np.ndarray:
    """Risk without − risk with weight decay, by seed."""
    none, decay = evidence.linear(setting=setting), evidence.linear("l2_penalty", CHAPTER_LAM, setting)
    return evidence.differences(tables, none, decay, "risk")


CLAIM = Claim(
    id="c03",
    statement="Weight decay at λ = 3 lowers the test error.",
    section="Weight decay",
    estimand="exact risk, λ = 0 − λ = 3 (textbook)",
    unit="squared error",
    needs="weight_decay: textbook, none and l2_penalty at λ = 3",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="weight-decay-lambda",
)
