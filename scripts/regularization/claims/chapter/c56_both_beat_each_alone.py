"""Dropout and weight decay together are better than the better of the two alone, each tuned on validation data.

Tempered cross-entropy at 500 images. Cross-entropy and accuracy must agree.
"""

from functools import partial

from regularization.analysis.tuning import sign
from regularization.claims import measures
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence
from regularization.naming import parse_p

ALONE, BOTH = ("dropout", "weight_decay"), "dropout_weight_decay"


def evaluate(evidence: Evidence, measure: str = measures.PRIMARY) -> Measurement:
    by = measures.VALIDATION[measure]
    both = evidence.chosen("samples_500", BOTH, by)
    alone = [evidence.chosen("samples_500", name, by) for name in ALONE]
    better = min(alone, key=lambda key: sign(by) * evidence.values(key, by).mean())
    evidence.number("chosen", both.lam, p=both.p, alone=better)
    evidence.condition("uses_both", both.lam > 0 and max(parse_p(both.p)) > 0, lam=both.lam, p=both.p)
    measures.agree(evidence, both, better, measures.without(measure))
    return evidence.contrast(measures.gains(evidence, both, better, measure))


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="dropout-grid",
    table="runs, calibration",
    variations={measure: partial(evaluate, measure=measure) for measure in measures.OTHERS},
)
