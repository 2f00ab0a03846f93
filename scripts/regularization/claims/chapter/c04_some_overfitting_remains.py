"""Even at λ = 3 some overfitting remains."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, attempt
from regularization.claims.linear_models import FROM_ZERO, OTHERS, excess_gap, pair

MARGIN = 0.05
SETTINGS = ("textbook", *(name for name in OTHERS if name != FROM_ZERO))


def evaluate(evidence: Evidence) -> Differences:
    none, decay = pair(FROM_ZERO)
    evidence.elsewhere("elsewhere", lambda evidence, name: excess_gap(evidence, pair(name)[1]), SETTINGS, MARGIN)
    risk, loss = (attempt(evidence.values, pair("textbook")[1], name) for name in ("risk", "train_loss"))
    evidence.number("of_that_without", evidence.gap(decay).mean() / evidence.gap(none).mean(), risk=risk, loss=loss)
    return excess_gap(evidence, decay)


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate)
