"""Dropout probabilities of 0.5, of 0.1 and of 0.9 are sensible.

Sensible is what does better than no dropout by tempered cross-entropy, cross-entropy and accuracy. Primary: the
first at p = 0.5; the other measures, 0.1 and 0.9 are conditions. A good default is also near the best: at p =
0.5 accuracy lies within half a percentage point, what a reader would not notice, of that at the p which validation
accuracy chooses, and both cross-entropies within 5 % of those at the p which validation loss chooses.
"""

from contextlib import suppress

from regularization.analysis.tuning import sign
from regularization.claims import measures
from regularization.claims.claim import AtLeast, Claim, NotMeasured, each
from regularization.claims.evidence import Differences, Evidence, dropped, network

HALF, OTHERS = dropped(0.5), (0.1, 0.9)


def evaluate(evidence: Evidence) -> Differences:
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


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="dropout-strength",
    table="runs, predictions_fashion_mnist, calibration",
    variations=each(gained, measure=measures.OTHERS),
)
