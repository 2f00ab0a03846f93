"""The learnt weights are larger than the best ones, and shrinking them brings them closer."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence
from regularization.claims.linear_models import FROM_ZERO, above_truth, gain_of_decay

SETTINGS = ("samples_200", "textbook")


def evaluate(evidence: Evidence) -> Differences:
    evidence.elsewhere("elsewhere", above_truth, SETTINGS)
    evidence.elsewhere("closer", gain_of_decay, (FROM_ZERO, *SETTINGS))
    return above_truth(evidence, FROM_ZERO)


CLAIM = Claim(__name__, AtLeast(), evaluate)
