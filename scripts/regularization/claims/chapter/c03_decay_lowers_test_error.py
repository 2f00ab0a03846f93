"""Weight decay at the chapter's λ = 3 lowers the test error.

The same seeds with and without. Conditions: it also helps with σ = 0.1, and from zero initial weights, where it has
nothing of them to erase. There the best λ of the minimiser is 5 with σ = 0.1 and 0.05 with σ = 0.01. The account says
which part of the risk the gain comes from.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear

OTHERS = ("textbook_noise_0.1", "zero_init_noise_0.1", "zero_init")


def evaluate(evidence: Evidence) -> Measurement:
    primary = gains(evidence, "textbook")
    evidence.number("share_removed", share_removed(evidence, "textbook"), setting="textbook")
    for setting in OTHERS:
        with suppress(NotMeasured):
            evidence.condition("elsewhere", evidence.lowest(gains(evidence, setting)) > 0, setting=setting)
            evidence.number("share_removed", share_removed(evidence, setting), setting=setting)
    for part, setting in (("initialisation", "textbook"), ("bias_term_error", "zero_init")):
        removed = part_removed(evidence, setting, part)
        if removed is not None:
            evidence.number("part_removed", removed, part=part, setting=setting)
    return evidence.contrast(primary)


def gains(evidence: Evidence, setting: str) -> np.ndarray:
    """Risk without − risk with weight decay, by seed."""
    none, decay = linear(setting=setting), linear("l2_penalty", CHAPTER_LAM, setting)
    return evidence.differences(none, decay, "risk")


def share_removed(evidence: Evidence, setting: str) -> float:
    baseline = evidence.values(linear(setting=setting), "risk").mean()
    return float(gains(evidence, setting).mean() / baseline)


def part_removed(evidence: Evidence, setting: str, part: str) -> float | None:
    """What share of the mean gain comes from one part of the risk's account, or None without that account."""
    account = evidence.tables.account
    if account.empty:
        return None
    here = account[account["setting"] == setting]
    none, decay = here[here["method"] == "none"], here[(here["method"] == "l2_penalty") & (here["lam"] == CHAPTER_LAM)]
    if none.empty or decay.empty:
        return None
    return float((none[part].mean() - decay[part].mean()) / (none["risk"].mean() - decay["risk"].mean()))


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-risk")
