"""The chapter's network trains at the chapter's learning rate of 0.5: no run falls back to chance."""

from regularization.analysis.statistics import proportion_interval
from regularization.claims.evidence import Evidence, attempt, network
from regularization.claims.kit import CHAPTER_P, Claim, Estimate, InNearlyAll, Key, Measurement, NotMeasured, each

SHARE, NEARLY_ALL = 0.5, 0.95
PRIMARY = network(setting="textbook")
OTHERS = {
    "with_dropout": network("dropout", p=CHAPTER_P, setting="textbook"),
    "cosine": network(setting="textbook_cosine"),
}


def evaluate(evidence: Evidence, key: Key = PRIMARY) -> Measurement:
    hits, n = trained(evidence, key)
    for other in OTHERS.values():
        there, of = attempt(trained, evidence, other) or (0, 0)
        share = _share(there, of) if of else None
        evidence.condition("trains_too", evidence.above(share, SHARE), key=other, share=share)
    evidence.condition("nearly_all", evidence.above(_share(hits, n), NEARLY_ALL), share=_share(hits, n))
    accuracy = evidence.tables.select(key).set_index("seed")["test_accuracy"]
    evidence.number("accuracies", accuracy.median(), lowest=accuracy.min(), highest=accuracy.max())
    return Measurement.share(hits, n, evidence)


def _share(hits: int, n: int) -> Estimate:
    return Estimate(hits / n, *proportion_interval(hits, n), n)


def trained(evidence: Evidence, key: Key) -> tuple[int, int]:
    """How many runs neither diverged nor collapsed, and how many there are."""
    runs = evidence.tables.select(key)
    if len(runs) < 2:
        raise NotMeasured("lacks_values", metric="test_accuracy", key=key)
    return int((runs["status"] == "ok").sum()), len(runs)


CLAIM = Claim(__name__, InNearlyAll(SHARE), evaluate, variations=each(evaluate, key=OTHERS))
