"""Dropout beats weight decay, each at the strength that validation data choose."""

from functools import partial

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, attempt, each, network

METHODS = ("dropout", "weight_decay")
P, LAM = "0.65/0.65", 0.01  # where no validation data choose: of every budget trained


def evaluate(evidence: Evidence) -> Differences:
    dropout, decay = measures.chosen(evidence, METHODS)
    measures.agree(evidence, dropout, decay, measures.OTHERS)
    for key in (decay, dropout):
        evidence.check_the_edge(key)
    measures.agree(evidence, *measures.chosen(evidence, METHODS, "test_accuracy"), ("test_accuracy",))
    if measures.check_the_rates(evidence, dropout, decay):
        measures.agree(evidence, measures.tuned(evidence, "dropout"), measures.tuned(evidence, "weight_decay"))
    return measures.chosen_gains(evidence, METHODS)


def at(evidence: Evidence, setting: str, measure: str = measures.PRIMARY) -> Differences:
    """With another learning rate or budget, at strengths trained there."""
    dropout, decay = network("dropout", p=P, setting=setting), network("weight_decay", LAM, setting=setting)
    return measures.gains(evidence, dropout, decay, measure)


def stopped(evidence: Evidence) -> Differences:
    """Each stopped at its best recorded epoch by validation loss, on the curve's images."""
    keys = network("dropout", p=P), network("weight_decay", LAM)
    dropout, decay = (measures.stopped(evidence, key, "test_loss") for key in keys)
    return (decay - dropout).dropna()


def facts(evidence: Evidence) -> dict[str, object]:
    keys = measures.chosen(evidence, METHODS)
    rated = attempt(lambda: [measures.tuned(evidence, method) for method in METHODS])
    with_rates = measures.weighed(evidence, *rated) if rated else {}
    return {"keys": keys, "moved": measures.weighed(evidence, *keys), "with_rates": with_rates}


VARIATIONS = each(partial(measures.chosen_gains, methods=METHODS), measure=measures.OTHERS)
VARIATIONS |= each(at, setting=measures.SETTINGS) | {"early_stopping": stopped}
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS, facts=facts)
