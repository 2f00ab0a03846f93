"""Even at λ = 3 some overfitting remains.

The gap, exact risk − training loss, as a share of the risk; less than 5 % would not be worth the word. Condition: as
much remains from zero initial weights, so that it is not only what λ = 3 has not erased of them yet.
"""

from contextlib import suppress

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.claims.overfitting import gap

MARGIN = 0.05
OTHERS = ("zero_init", "zero_init_noise_0.1")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    key, notes = evidence.linear("l2_penalty", CHAPTER_LAM), Notes()
    primary = share(tables, "textbook")
    notes.number("risk", evidence.values(tables, key, "risk").mean())
    notes.number("train_loss", evidence.values(tables, key, "train_loss").mean())
    with suppress(NotMeasured):
        notes.number("of_that_without", gap(tables, key).mean() / gap(tables, evidence.linear()).mean())
    for setting in OTHERS:
        with suppress(NotMeasured):
            other = share(tables, setting)
            notes.condition("elsewhere", evidence.lowest(other, rng) >= MARGIN, setting=setting)
            notes.number("share", other.mean(), setting=setting)
    return evidence.contrast(primary, rng, notes)


def share(tables: Tables, setting: str) -> pd.Series:
    """(Risk − training loss)/risk at λ = 3, by seed."""
    key = evidence.linear("l2_penalty", CHAPTER_LAM, setting)
    return gap(tables, key) / evidence.values(tables, key, "risk")


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate, figure="weight-decay-curves")
