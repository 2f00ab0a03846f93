"""Even at λ = 3 some overfitting remains.

The gap, exact risk − training loss, in units of Var y and beyond that of a constant, which has 2/n: less than 5 % would
not be worth the word. From zero initial weights, so that it is not what λ = 3 has not erased of them yet; the chapter's
own start is a condition. (As a share of the risk the gap is near 1 for whatever fits its samples.)
"""

from regularization.claims.claim import AtLeast, Claim
from regularization.claims.evidence import Differences, Evidence
from regularization.claims.linear_models import FROM_ZERO, OTHERS, excess_gap, pair

MARGIN = 0.05
SETTINGS = ("textbook", *(name for name in OTHERS if name != FROM_ZERO))


def evaluate(evidence: Evidence) -> Differences:
    none, decay = pair(FROM_ZERO)
    primary = excess_gap(evidence, decay)
    evidence.elsewhere("elsewhere", lambda evidence, name: excess_gap(evidence, pair(name)[1]), SETTINGS, MARGIN)
    evidence.number("of_that_without", evidence.gap(decay).mean() / evidence.gap(none).mean())
    return primary


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate, figure="weight-decay-curves", table="runs, settings")
