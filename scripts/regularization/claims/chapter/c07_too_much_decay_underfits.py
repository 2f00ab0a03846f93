"""Too large a λ underfits: λ = 10 does worse than a smaller λ, chosen on validation data, on new and on training data.

Only smaller λ are candidates: that a larger one does better still would not be underfitting. The chapter's own setting
decides; with σ = 0.1, where the minimiser's best λ is 5, it is a condition.
"""

import math
from contextlib import suppress

from regularization.analysis.tables import chosen_on_validation
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear
from regularization.naming import Key

LAM = 10.0
OTHER = "textbook_noise_0.1"
WITHOUT_INITIAL_WEIGHTS = ("zero_init", "zero_init_noise_0.1")


def evaluate(evidence: Evidence) -> Measurement:
    ten, best = linear("l2_penalty", LAM), chosen(evidence, "textbook", below=LAM)
    risk, train = (evidence.differences(ten, best, metric) for metric in ("risk", "train_loss"))
    evidence.condition("train_loss_higher", evidence.lowest(train) > 0)
    evidence.number("chosen", best.lam, among_all=chosen(evidence, "textbook").lam)
    evidence.number("relative", risk.mean() / evidence.values(best, "risk").mean())
    evidence.number("train_loss", train.mean())
    for setting in (OTHER, *WITHOUT_INITIAL_WEIGHTS):
        with suppress(NotMeasured):
            other = chosen(evidence, setting, below=LAM)
            more = evidence.differences(linear("l2_penalty", LAM, setting), other, "risk")
            relative = more.mean() / evidence.values(other, "risk").mean()
            evidence.number("relative_elsewhere", relative, setting=setting, lam=other.lam)
            if setting == OTHER:
                evidence.condition("elsewhere", evidence.lowest(more) > 0, setting=setting)
    return evidence.contrast(risk)


def chosen(evidence: Evidence, setting: str, below: float = math.inf) -> Key:
    """The λ, 0 included, whose mean validation loss is lowest; cells with a diverged run are left out."""
    cells = evidence.tables.path(setting, "l2_penalty", "validation_loss")
    cells = cells[cells["lam"] < below]
    best = chosen_on_validation(cells, cells)
    if best is None:
        raise NotMeasured("lacks_validation", below=below, setting=setting)
    return linear(best["method"], float(best["lam"]), setting)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-risk")
