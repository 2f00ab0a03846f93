"""Large weights cause overfitting: large against zero initial weights at λ = 0, all else the same."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured, attempt, linear
from regularization.claims.linear_models import FROM_ZERO, excess_gap

MARGIN = 0.05  # of Var y: less would not be worth the word
LARGER = ("zero_init_large_weights", "zero_init_large_weights_same_snr", "small_init_noise_0.1")


def evaluate(evidence: Evidence) -> Differences:
    large, zero = linear(), linear(setting="zero_init")
    difference = (evidence.gap(large) - evidence.gap(zero)).dropna()
    if len(difference) < 2:
        raise NotMeasured("lacks_seeds")
    evidence.number("norms", norm(evidence, "textbook"), from_zero=norm(evidence, "zero_init"))
    unseen = (evidence.values(large, "null_space_norm") ** 2).mean()
    evidence.number("unseen", unseen / difference.mean())
    for setting in LARGER:
        norms = attempt(norm, evidence, FROM_ZERO), attempt(norm, evidence, setting)
        evidence.shown("larger", attempt(more, evidence, setting), MARGIN, setting=setting, norms=norms)
    return difference


def more(evidence: Evidence, setting: str) -> Differences:
    """How much larger the gap beyond that of a constant is than from zero initial weights, by seed."""
    gaps = (excess_gap(evidence, linear(setting=name)) for name in (setting, FROM_ZERO))
    return (next(gaps) - next(gaps)).dropna().round(9) + 0.0  # what only rounding leaves is nothing


def norm(evidence: Evidence, setting: str) -> float:
    """Mean ‖w‖ at λ = 0."""
    return float(evidence.values(linear(setting=setting), "weight_norm").mean())


CLAIM = Claim(__name__, AtLeast(), evaluate)
