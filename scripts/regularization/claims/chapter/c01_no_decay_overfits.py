"""Without weight decay the chapter's model overfits: it does much worse on new data than on its training data.

Gap: exact risk − training loss, both mean squared errors. Any positive gap decides; that it is "much" worse is a
condition: in every seed the gap is at least half of the risk. It is there with more noise and without initial weights
as well.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.claims.overfitting import gap

OTHERS = ("textbook_noise_0.1", "zero_init", "zero_init_noise_0.1")
MOST = 0.5  # of the risk


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    primary = gap(tables, evidence.linear())
    share = primary / evidence.values(tables, evidence.linear(), "risk")
    notes = Notes()
    notes.condition("most", (share >= MOST).all())
    notes.number("train_loss", evidence.values(tables, evidence.linear(), "train_loss").mean())
    notes.number("share", share.mean())
    for setting in OTHERS:
        with suppress(NotMeasured):
            other = gap(tables, evidence.linear(setting=setting))
            notes.condition("elsewhere", (other > 0).all(), setting=setting)
            notes.number("gap", other.mean(), setting=setting)
    return evidence.contrast(primary, rng, notes)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-curves")
