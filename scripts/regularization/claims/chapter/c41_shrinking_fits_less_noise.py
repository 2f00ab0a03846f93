"""Weight decay shrinks the weights, and so less noise is fitted."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, between
from regularization.claims.linear_models import FROM_ZERO, gain_of_decay, pair, part

SETTINGS = ("textbook", "textbook_noise_0.1", "zero_init", "textbook_2023")


def evaluate(evidence: Evidence) -> Differences:
    primary = less(evidence, FROM_ZERO)
    evidence.elsewhere("elsewhere", less, SETTINGS)
    evidence.shown("pays", gain_of_decay(evidence, FROM_ZERO))
    none, decay = (part(evidence, key, "fitted_noise")["fitted_noise"] for key in pair(FROM_ZERO))
    evidence.number("share", primary.mean() / none.mean(), noise=between(none, decay))
    return primary


def less(evidence: Evidence, setting: str) -> Differences:
    """Fitted noise without − with weight decay, squared error, by seed."""
    none, decay = (part(evidence, key, "fitted_noise")["fitted_noise"] for key in pair(setting))
    return (none - decay).dropna()


CLAIM = Claim(__name__, AtLeast(), evaluate)
