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
            at_best = measures.stopped(evidence, other, measure).mean()
            evidence.number("stopped", at_best, end=ended(evidence, other, measure).mean(), key=other, measure=measure)
    return gained(evidence, key, metric)


def gained(evidence: Evidence, key: Key, metric: str) -> Differences:
    """What stopping early gains over the end, by seed."""
    early = measures.stopped(evidence, key, metric)
    return (sign(metric) * (ended(evidence, key, metric) - early)).dropna()


def ended(evidence: Evidence, key: Key, metric: str) -> Differences:
    """A metric at the last recorded epoch, on the curve's images, by (seed, data_seed)."""
    curve = evidence.tables.curve(key)
    last = curve[curve["epoch"] == curve.groupby("run_id")["epoch"].transform("max")]
    return evidence.by_pair(key, last, metric)


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(evaluate, setting=OTHER_BUDGETS, metric=["test_accuracy"]))
