"""Too large a λ underfits: λ = 10 does worse than a smaller λ, chosen on validation data, on new and on training data.

Only smaller λ are candidates: that a larger one does better still would not be underfitting. The chapter's own setting
decides; with σ = 0.1, where the minimiser's best λ is 5, it is a condition.
"""

import math
from contextlib import suppress

import numpy as np

from regularization.analysis.tables import Tables, chosen_on_validation
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.naming import Key

LAM = 10.0
OTHER = "textbook_noise_0.1"
WITHOUT_INITIAL_WEIGHTS = ("zero_init", "zero_init_noise_0.1")


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    ten, best, notes = evidence.linear("l2_penalty", LAM), chosen(tables, "textbook", below=LAM), Notes()
    risk, train = (evidence.differences(tables, ten, best, metric) for metric in ("risk", "train_loss"))
    notes.condition("train_loss_higher", evidence.lowest(train, rng) > 0)
    notes.number("chosen", best.lam, among_all=chosen(tables, "textbook").lam)
    notes.number("relative", risk.mean() / evidence.values(tables, best, "risk").mean())
    notes.number("train_loss", train.mean())
    for setting in (OTHER, *WITHOUT_INITIAL_WEIGHTS):
        with suppress(NotMeasured):
            other = chosen(tables, setting, below=LAM)
            more = evidence.differences(tables, evidence.linear("l2_penalty", LAM, setting), other, "risk")
            relative = more.mean() / evidence.values(tables, other, "risk").mean()
            notes.number("relative_elsewhere", relative, setting=setting, lam=other.lam)
            if setting == OTHER:
                notes.condition("elsewhere", evidence.lowest(more, rng) > 0, setting=setting)
    return evidence.contrast(risk, rng, notes)


def chosen(tables: Tables, setting: str, below: float = math.inf) -> Key:
    """The λ, 0 included, whose mean validation loss is lowest; cells with a diverged run are left out."""
    cells = tables.path(setting, "l2_penalty", "validation_loss")
    cells = cells[cells["lam"] < below]
    best = chosen_on_validation(cells, cells)
    if best is None:
        raise NotMeasured("lacks_validation", below=below, setting=setting)
    return evidence.linear(best["method"], float(best["lam"]), setting)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-risk")
