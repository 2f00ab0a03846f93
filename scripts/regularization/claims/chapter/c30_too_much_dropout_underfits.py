"""Too large a p underfits: at p = 0.9 training and test error are both worse than at the best smaller p.

The best smaller p is chosen on validation data. Conditions are judged by intervals over seeds.
"""

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.naming import Key

TOO_LARGE = 0.9
FITTED = 0.99  # of the training images; below it a network no longer fits them


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    extreme, best, notes = evidence.dropped(TOO_LARGE), best_smaller(tables), Notes()
    loss = evidence.differences(tables, extreme, best, "train_loss")
    fitted = evidence.table_of(tables, "train_accuracy", [best, extreme])
    highest = evidence.highest(fitted[1], rng)
    notes.condition("train_loss_higher", evidence.lowest(loss, rng) > 0)
    notes.condition("no_longer_fits", highest < FITTED)
    notes.number("chosen", best.p)
    notes.number("train_loss", loss.mean())
    notes.number("accuracy_chosen", fitted[0].mean())
    notes.number("accuracy_extreme", fitted[1].mean())
    return evidence.contrast(evidence.differences(tables, extreme, best, "test_loss"), rng, notes)


def best_smaller(tables: Tables) -> Key:
    """The dropout cell other than 0.9 with the lowest mean validation loss, among those without a diverged run."""
    excluded = evidence.dropped(TOO_LARGE)
    keys = [key for p in evidence.ps(tables, "samples_500") if (key := evidence.network("dropout", p=p)) != excluded]
    cells = {key: tables.cell(key, "validation_loss") for key in keys}
    losses = {key: cell.mean for key, cell in cells.items() if cell is not None and cell.n_diverged == 0}
    if not losses:
        raise NotMeasured("lacks_smaller")
    return min(losses, key=losses.__getitem__)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="dropout-strength")
