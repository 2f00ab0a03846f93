"""Weight decay at the chapter's λ = 3 lowers the test error.

The same seeds with and without. Conditions: it also helps with σ = 0.1, and from zero initial weights, where it has
nothing of them to erase. There the best λ of the minimiser is 5 with σ = 0.1 and 0.05 with σ = 0.01. The account says
which part of the risk the gain comes from.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured

OTHERS = ("textbook_noise_0.1", "zero_init_noise_0.1", "zero_init")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary, notes = gains(tables, "textbook"), Notes()
    notes.number("share_removed", share_removed(tables, "textbook"), setting="textbook")
    for setting in OTHERS:
        with suppress(NotMeasured):
            notes.condition("elsewhere", evidence.lowest(gains(tables, setting), rng) > 0, setting=setting)
            notes.number("share_removed", share_removed(tables, setting), setting=setting)
    for part, setting in (("initialisation", "textbook"), ("bias_term_error", "zero_init")):
        removed = part_removed(tables, setting, part)
        if removed is not None:
            notes.number("part_removed", removed, part=part, setting=setting)
    return evidence.contrast(primary, rng, notes)


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


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-risk")
