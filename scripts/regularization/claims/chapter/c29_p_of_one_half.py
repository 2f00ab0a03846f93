"""Dropout probabilities of 0.5, of 0.1 and of 0.9 are sensible."""

from contextlib import suppress

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured, dropped, each, network, sign

HALF, OTHERS = dropped(0.5), (0.1, 0.9)


def evaluate(evidence: Evidence) -> Differences:
    if not evidence.weighs_conditions:
        return gained(evidence, measures.PRIMARY)
    measures.agree(evidence, HALF, network(), measures.OTHERS)
    for p in OTHERS:
        measures.agree(evidence, dropped(p), network())
    for other in measures.MEASURES:
        with suppress(NotMeasured):
            near_the_best(evidence, other)
    if measures.check_the_rates(evidence, HALF, network()):
        rated = [measures.at_best_rate(evidence, key) for key in (HALF, network())]
        measures.agree(evidence, rated[0], rated[1])
    return gained(evidence, measures.PRIMARY)


def gained(evidence: Evidence, measure: str) -> Differences:
    return measures.gains(evidence, HALF, network(), measure)


def near_the_best(evidence: Evidence, measure: str) -> None:
    best = evidence.chosen(HALF.setting, HALF.method, measures.VALIDATION[measure])
    worse = sign(measure) * evidence.differences(HALF, best, measure)
    of_accuracy = measure == "test_accuracy"
    allowed = measures.CLOSE if of_accuracy else measures.LOSS_MARGIN * evidence.values(best, measure).mean()
    outcome = evidence.below(worse, allowed) if best != HALF else "holds"
    evidence.condition("near_the_best", outcome, measure=measure, p=best.p, behind=worse.mean(), allowed=allowed)


def facts(evidence: Evidence) -> dict[str, object]:
    half, *others = (measures.weighed(evidence, key, network()) for key in (HALF, *map(dropped, OTHERS)))
    return {"half": half, "others": dict(zip(OTHERS, others, strict=True))}


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(gained, measure=measures.OTHERS), facts=facts)
