"""Too large a λ may underfit: at λ = 10 the weights learn less than at a smaller λ, chosen on validation data."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, chosen, lost

LAM, MARGIN = 10.0, 0.05
SETTING = "zero_init_large_weights"
ELSEWHERE = ("zero_init", FROM_ZERO, "zero_init_large_weights_same_snr")


def evaluate(evidence: Evidence) -> Differences:
    best = chosen(evidence, SETTING, below=LAM)
    more = evidence.differences(linear("l2_penalty", LAM, SETTING), best, "train_loss")
    evidence.shown("train_loss_higher", more)
    evidence.elsewhere("elsewhere", lost_at_ten, ELSEWHERE, MARGIN)
    evidence.number("chosen", best.lam, among_all=chosen(evidence, SETTING).lam)
    return lost_at_ten(evidence, SETTING)


def lost_at_ten(evidence: Evidence, setting: str) -> Differences:
    """What share of what was learnt at the chosen smaller λ is lost at λ = 10, by seed."""
    return lost(evidence, linear("l2_penalty", LAM, setting), chosen(evidence, setting, below=LAM))


CLAIM = Claim(__name__, AtLeast(MARGIN), evaluate)
