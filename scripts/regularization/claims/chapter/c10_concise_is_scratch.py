"""The concise version gives the same results as the one from scratch."""

from contextlib import suppress

from regularization.claims.kit import CHAPTER_LAM, Claim, Differences, Evidence, NotMeasured, Within, attempt, linear
from regularization.claims.linear_models import part

SCRATCH = linear("l2_penalty", CHAPTER_LAM)
PUBLISHED = linear("weight_decay", CHAPTER_LAM, "concise_published")
MARGIN = 0.05
ROUNDING = 1e-9  # relative, of a run's risk


def evaluate(evidence: Evidence) -> Differences:
    risk = evidence.values(SCRATCH, "risk")
    relative = evidence.differences(PUBLISHED, SCRATCH, "risk") / risk.mean()
    evidence.number("risk_scratch", risk.mean())
    intercept = attempt(of_the_intercept, evidence)
    evidence.number("risk_concise", evidence.values(PUBLISHED, "risk").mean(), intercept=intercept)
    with suppress(NotMeasured):
        mapped = evidence.values(linear("weight_decay", 2 * CHAPTER_LAM, "concise_mapped"), "risk")
        error = (mapped / risk - 1).abs().max()
        evidence.condition("mapped_agree", error <= ROUNDING, error=error)
    with suppress(NotMeasured):
        without = evidence.differences(linear(setting="concise_published"), linear(), "risk").mean()
        with_decay = evidence.differences(PUBLISHED, SCRATCH, "risk").mean()
        evidence.number("differences", without=without, with_decay=with_decay)
    return relative


def of_the_intercept(evidence: Evidence) -> float:
    """What share of the difference of the mean risks is the intercept's."""
    accounts = [part(evidence, key, "risk", "bias_term_error").mean() for key in (PUBLISHED, SCRATCH)]
    return float((accounts[0] - accounts[1])["bias_term_error"] / (accounts[0] - accounts[1])["risk"])


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate)
