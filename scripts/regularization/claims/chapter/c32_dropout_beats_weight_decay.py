"""Dropout beats weight decay, each at the strength that validation data choose.

Tempered cross-entropy, from which confidence is left out, is primary, at strengths chosen on validation loss. It must
agree with cross-entropy and with accuracy; with accuracy also where validation accuracy chooses, as who cares about it
would. A strength chosen at the edge of those tried may not be the best there is: a condition too.
So is the learning rate, chosen for each method together with its strength. Intervals cover the draw of test images
where predictions were kept.
"""

from functools import partial

from regularization.claims import measures
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, network

METHODS = ("dropout", "weight_decay")
P, LAM = "0.65/0.65", 0.01  # where no validation data choose: of every budget trained


def evaluate(evidence: Evidence, measure: str = measures.PRIMARY) -> Measurement:
    dropout, decay = (evidence.chosen("samples_500", name, measures.VALIDATION[measure]) for name in METHODS)
    measures.agree(evidence, dropout, decay, measures.without(measure))
    for key in (decay, dropout):
        evidence.check_the_edge(key)
    by_accuracy = [evidence.chosen("samples_500", name, "validation_accuracy") for name in METHODS]
    measures.agree(evidence, by_accuracy[0], by_accuracy[1], ("test_accuracy",))
    if measures.check_the_rates(evidence, dropout, decay):
        rated = [measures.tuned(evidence, name) for name in METHODS]
        measures.agree(evidence, rated[0], rated[1])
    return evidence.contrast(measures.gains(evidence, dropout, decay, measure))


def at(evidence: Evidence, setting: str, measure: str = measures.PRIMARY) -> Measurement:
    """With another learning rate or budget, at strengths trained there."""
    dropout, decay = network("dropout", p=P, setting=setting), network("weight_decay", LAM, setting=setting)
    return evidence.contrast(measures.gains(evidence, dropout, decay, measure))


def stopped(evidence: Evidence) -> Measurement:
    """Each stopped at its best recorded epoch by validation loss, on the curve's images."""
    keys = network("dropout", p=P), network("weight_decay", LAM)
    dropout, decay = (measures.stopped(evidence, key, "test_loss") for key in keys)
    return evidence.contrast((decay - dropout).dropna())


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="dropout-grid",
    table="runs, predictions_fashion_mnist, calibration",
    variations={measure: partial(evaluate, measure=measure) for measure in measures.OTHERS}
    | {setting: partial(at, setting=setting) for setting in dict.fromkeys(measures.BUDGETS + measures.RATES)}
    | {"early_stopping": stopped},
)
