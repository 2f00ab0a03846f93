"""Stopping where the validation loss is lowest helps a network that overfits."""

from contextlib import suppress
from itertools import product

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured, dropped, each, network, sign
from regularization.naming import Key

OTHER_BUDGETS = [setting for setting in measures.BUDGETS if setting != "samples_500"]
METRICS = ("test_loss", "test_accuracy")
OTHERS = (network("weight_decay", 0.01), dropped(0.65))


def evaluate(evidence: Evidence, setting: str = "samples_500", metric: str = "test_loss") -> Differences:
    key = network(setting=setting)
    evidence.shown("accuracy_too", gained(evidence, key, "test_accuracy"))
    for other, measure in product((key, *OTHERS), METRICS):
        with suppress(NotMeasured):
            at_best, at_end = (at(evidence, other, measure).mean() for at in (measures.stopped, measures.recorded))
            evidence.number("stopped", at_best, end=at_end, key=other, measure=measure)
    return gained(evidence, key, metric)


def gained(evidence: Evidence, key: Key, metric: str) -> Differences:
    """What stopping early gains over the end, by seed."""
    early, end = (at(evidence, key, metric) for at in (measures.stopped, measures.recorded))
    return (sign(metric) * (end - early)).dropna()


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(evaluate, setting=OTHER_BUDGETS, metric=["test_accuracy"]))
