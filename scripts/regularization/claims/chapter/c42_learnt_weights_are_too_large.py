"""The learnt weights are larger than the best ones, and shrinking them brings them closer."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, gain_of_decay, task

SETTINGS = ("samples_200", "textbook")


def evaluate(evidence: Evidence) -> Differences:
    evidence.elsewhere("elsewhere", excess, SETTINGS)
    evidence.elsewhere("closer", gain_of_decay, (FROM_ZERO, *SETTINGS))
    return excess(evidence, FROM_ZERO)


def excess(evidence: Evidence, setting: str) -> Differences:
    """‖w‖/‖w*‖ − 1 at λ = 0, by seed."""
    one = task(evidence, setting)
    norm = evidence.values(linear(setting=setting), "weight_norm")
    return norm / (one.n_features**0.5 * abs(one.true_weight)) - 1


CLAIM = Claim(__name__, AtLeast(), evaluate)
