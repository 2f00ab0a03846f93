"""Dropout and weight decay together are better than the better of the two alone, each tuned on validation data."""

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, each, parse_p, sign

ALONE, BOTH = ("dropout", "weight_decay"), "dropout_weight_decay"


def evaluate(evidence: Evidence) -> Differences:
    both, better = chosen(evidence, measures.PRIMARY)
    evidence.number("chosen", both.lam, p=both.p, alone=better)
    evidence.condition("uses_both", both.lam > 0 and max(parse_p(both.p)) > 0, lam=both.lam, p=both.p)
    measures.agree(evidence, both, better, measures.OTHERS)
    return gained(evidence, measures.PRIMARY)


def chosen(evidence: Evidence, measure: str) -> tuple[Key, Key]:
    """Both together, and the better of the two alone, as validation chooses for whom a measure counts."""
    by = measures.VALIDATION[measure]
    alone = [evidence.chosen("samples_500", method, by) for method in ALONE]
    better = min(alone, key=lambda key: sign(by) * evidence.values(key, by).mean())
    return evidence.chosen("samples_500", BOTH, by), better


def gained(evidence: Evidence, measure: str) -> Differences:
    return measures.gains(evidence, *chosen(evidence, measure), measure)


def facts(evidence: Evidence) -> dict[str, object]:
    return {"moved": measures.weighed(evidence, *chosen(evidence, measures.PRIMARY))}


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(gained, measure=measures.OTHERS), facts=facts)
