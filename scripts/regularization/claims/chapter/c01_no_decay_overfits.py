"""Without weight decay the chapter's model overfits: it does much worse on new data than on its training data."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, attempt, each, linear
from regularization.claims.linear_models import OTHERS, excess_gap

MOST = 0.5  # of the risk


def evaluate(evidence: Evidence, metric: str = "risk") -> Differences:
    error = evidence.values(linear(), metric)
    primary = error - evidence.values(linear(), "train_loss")
    share = primary / error
    evidence.condition("most", (share >= MOST).all(), lowest=share.min())
    evidence.elsewhere("elsewhere", lambda evidence, name: excess_gap(evidence, linear(setting=name)), OTHERS)
    from_zero = attempt(evidence.gap, linear(setting="zero_init"))
    evidence.number("train_loss", evidence.values(linear(), "train_loss").mean(), from_zero=from_zero)
    return primary


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(evaluate, metric=["test_loss"]))
