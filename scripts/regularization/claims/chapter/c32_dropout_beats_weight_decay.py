"""Dropout beats weight decay, each at the strength that validation data choose.

Tempered cross-entropy, from which confidence is left out, is primary, at strengths chosen on validation loss. It must
agree with cross-entropy and with accuracy; with accuracy also where validation accuracy chooses, as who cares about it
would. A strength chosen at the edge of those tried may not be the best there is: a condition too.
So is the learning rate, chosen for each method together with its strength. Intervals cover the draw of test images
where predictions were kept.
"""

from functools import partial

from regularization.claims import measures
from regularization.claims.claim import AtLeast, Claim
from regularization.claims.evidence import Differences, Evidence, network
from regularization.naming import Key

P, LAM = "0.65/0.65", 0.01  # where no validation data choose: of every budget trained


def evaluate(evidence: Evidence) -> Differences:
    dropout, decay = chosen(evidence, measures.PRIMARY)
    measures.agree(evidence, dropout, decay, measures.OTHERS)
    for key in (decay, dropout):
        evidence.check_the_edge(key)
    measures.agree(evidence, *chosen(evidence, "test_accuracy"), ("test_accuracy",))
    if measures.check_the_rates(evidence, dropout, decay):
        measures.agree(evidence, measures.tuned(evidence, "dropout"), measures.tuned(evidence, "weight_decay"))
    return gained(evidence, measures.PRIMARY)


def chosen(evidence: Evidence, measure: str) -> tuple[Key, Key]:
    """Dropout and weight decay, each as validation chooses for whom a measure counts."""
    by = measures.VALIDATION[measure]
    return evidence.chosen("samples_500", "dropout", by), evidence.chosen("samples_500", "weight_decay", by)


def gained(evidence: Evidence, measure: str) -> Differences:
    return measures.gains(evidence, *chosen(evidence, measure), measure)


def at(evidence: Evidence, setting: str, measure: str = measures.PRIMARY) -> Differences:
    """With another learning rate or budget, at strengths trained there."""
    dropout, decay = network("dropout", p=P, setting=setting), network("weight_decay", LAM, setting=setting)
    return measures.gains(evidence, dropout, decay, measure)


def stopped(evidence: Evidence) -> Differences:
    """Each stopped at its best recorded epoch by validation loss, on the curve's images."""
    keys = network("dropout", p=P), network("weight_decay", LAM)
    dropout, decay = (measures.stopped(evidence, key, "test_loss") for key in keys)
    return (decay - dropout).dropna()


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="dropout-grid",
    table="runs, predictions_fashion_mnist, calibration",
    variations={measure: partial(gained, measure=measure) for measure in measures.OTHERS}
    | {setting: partial(at, setting=setting) for setting in dict.fromkeys(measures.BUDGETS + measures.RATES)}
    | {"early_stopping": stopped},
)
