"""At λ = 10 the penalty dominates: λ‖w‖²/2 is more than half of the objective, training loss/2 + λ‖w‖²/2."""

from regularization.claims.kit import CHAPTER_LAM, AtLeast, Claim, Differences, Evidence, linear
from regularization.claims.linear_models import FROM_ZERO

LAM, HALF = 10.0, 0.5
SETTINGS = ("textbook_noise_0.1", "zero_init", FROM_ZERO)


def evaluate(evidence: Evidence) -> Differences:
    primary = share(evidence, "textbook")
    evidence.elsewhere("elsewhere", share, SETTINGS, HALF)
    evidence.number("share", primary.mean(), lam=LAM)
    evidence.number("share", share(evidence, "textbook", CHAPTER_LAM).mean(), lam=CHAPTER_LAM)
    return primary - HALF


def share(evidence: Evidence, setting: str, lam: float = LAM) -> Differences:
    """The penalty's share of the objective of the trained runs, by seed."""
    key = linear("l2_penalty", lam, setting)
    penalty = lam * evidence.values(key, "weight_norm") ** 2
    return penalty / (penalty + evidence.values(key, "train_loss"))


CLAIM = Claim(__name__, AtLeast(), evaluate)
