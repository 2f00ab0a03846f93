"""Weight decay at the chapter's λ = 3 lowers the test error."""

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, attempt, each, levels
from regularization.claims.linear_models import FROM_ZERO, OTHERS, gain_of_decay, pair

WITHOUT_INITIAL_WEIGHTS = ("zero_init", FROM_ZERO)


def evaluate(evidence: Evidence, setting: str = "textbook", metric: str = "risk") -> Differences:
    if not evidence.weighs_conditions:
        return evidence.differences(*pair(setting), metric)
    risks = attempt(levels, evidence, *pair("textbook"), "risk")
    zero = attempt(levels, evidence, *pair("zero_init"), "risk")
    evidence.number("share_removed", share_removed(evidence, setting).mean(), risks=risks, zero=zero)
    evidence.elsewhere("elsewhere", share_removed, OTHERS)
    for name in WITHOUT_INITIAL_WEIGHTS:
        of_weights = attempt(gain_of_decay, evidence, name)
        whole = 0.0 if of_weights is None else evidence.differences(*pair(name), "risk").mean()
        intercept = 1 - of_weights.mean() / whole if of_weights is not None and whole else None
        evidence.shown("by_the_weights", of_weights, setting=name, intercept=intercept)
    return evidence.differences(*pair(setting), metric)


def share_removed(evidence: Evidence, setting: str) -> Differences:
    """(Risk without − risk with weight decay)/mean risk without, by seed."""
    none, decay = pair(setting)
    return evidence.differences(none, decay, "risk") / evidence.values(none, "risk").mean()


VARIATIONS = each(evaluate, metric=["test_loss"], setting={"edition_2023": "textbook_2023"})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS)
