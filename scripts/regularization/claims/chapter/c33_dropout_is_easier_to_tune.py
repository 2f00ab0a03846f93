"""Dropout is easier to tune than weight decay.

Easy: a random search of three tries, drawn from the method's effective range and decided on validation data, ends close
to the best that the method can do. The effective range is given to both. That p lies between 0 and 1, while λ has to be
found over powers of ten, is an ease of dropout that this comparison leaves out.
"""

from regularization.analysis import tuning
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence

TRIES = 3


def evaluate(evidence: Evidence) -> Measurement:
    grids = {method: grid(evidence, method) for method in ("weight_decay", "dropout")}
    share = {method: tuning.share_close(found, "test_accuracy") for method, found in grids.items()}
    more = (share["dropout"] - share["weight_decay"]).dropna()
    evidence.condition("larger_share", evidence.lowest(more) > 0)
    regret = {method: tuning.regret_of_search(found, "test_loss", TRIES) for method, found in grids.items()}
    for method, found in grids.items():
        inside = found.strengths[found.effective]
        cut = inside[-1] == found.strengths[-1]
        evidence.number("range", method=method, low=inside[0], high=inside[-1], strengths=len(inside), cut=cut)
        evidence.number("regret_of_three", regret[method].mean(), method=method)
        evidence.number("regret_of_one", tuning.regret_of_search(found, "test_loss", 1).mean(), method=method)
        evidence.number("share_accuracy", share[method].mean(), method=method)
        evidence.number("share_loss", tuning.share_close(found, "test_loss").mean(), method=method)
    difference = (regret["weight_decay"] - regret["dropout"]).dropna()
    return evidence.contrast(difference)


def grid(evidence: Evidence, method: str) -> tuning.Grid:
    """A method's grid at 500 images with as many effective strengths as are tried."""
    found = tuning.grid(evidence.tables.runs, "fashion_mnist", "samples_500", method)
    if found is None or found.effective.sum() < TRIES:
        raise NotMeasured("lacks_strengths", method=method)
    return found


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="tuning", table="runs, tuning")
