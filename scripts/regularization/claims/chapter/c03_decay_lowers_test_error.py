"""Weight decay at the chapter's λ = 3 lowers the test error.

The same seeds with and without. In the chapter's run it mostly erases initial weights. Conditions: it also helps with
the text's noise, from zero initial weights and with the 2023 values; and not only by the intercept, which is learnt
better where the weights stay small: from zero the weights themselves come closer to the true ones.
"""

from functools import partial

import numpy as np

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence
from regularization.claims.linear_models import FROM_ZERO, elsewhere, gain, pair

WITHOUT_INITIAL_WEIGHTS = ("zero_init", FROM_ZERO)


def evaluate(evidence: Evidence, setting: str = "textbook", metric: str = "risk") -> Measurement:
    primary = evidence.differences(*pair(setting), metric)
    evidence.number("share_removed", share_removed(evidence, setting).mean())
    for setting, outcome, value in elsewhere(evidence, lambda name: share_removed(evidence, name)):
        evidence.condition("elsewhere", outcome, setting=setting, value=value)
    of_weights = elsewhere(evidence, lambda name: gain(evidence, *pair(name)), WITHOUT_INITIAL_WEIGHTS)
    for setting, outcome, value in of_weights:
        whole = evidence.differences(*pair(setting), "risk").mean() if value else 0.0
        intercept = 1 - value.mean / whole if value and whole else None
        evidence.condition("by_the_weights", outcome, setting=setting, value=value, intercept=intercept)
    return evidence.contrast(primary)


def share_removed(evidence: Evidence, setting: str) -> np.ndarray:
    """(Risk without − risk with weight decay)/mean risk without, by seed."""
    none, decay = pair(setting)
    return evidence.differences(none, decay, "risk") / evidence.values(none, "risk").mean()


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="weight-decay-risk",
    table="runs, account",
    variations={
        "test_loss": partial(evaluate, metric="test_loss"),
        "edition_2023": partial(evaluate, setting="textbook_2023"),
    },
)
