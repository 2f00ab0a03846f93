"""Usual values of λ, 0.001 and 0.01, help a network only a little."""

from contextlib import suppress

from regularization.analysis.statistics import two_way_interval
from regularization.claims import measures
from regularization.claims.kit import Claim, Differences, Evidence, NotMeasured, Within, each, network

MARGIN = measures.ACCURACY_MARGIN
PRIMARY, OTHER = 0.001, 0.01


def evaluate(evidence: Evidence) -> Differences:
    plain, decayed, more = network(), network("weight_decay", PRIMARY), network("weight_decay", OTHER)
    with suppress(NotMeasured):
        a, b = measures.by_image(evidence, (decayed, plain), "test_accuracy")
        _, low, high = two_way_interval(a - b, level=0.9)
        outcome = measures.inside(low, high, MARGIN)
        evidence.condition("over_images", outcome, low=low, high=high, margin=MARGIN)
    measures.no_different(evidence, decayed, plain, ("test_loss", "tempered_loss"))
    measures.no_different(evidence, more, plain)
    if measures.check_the_rates(evidence, more, plain):
        rated = [measures.at_best_rate(evidence, key, "validation_accuracy") for key in (more, plain)]
        measures.no_different(evidence, rated[0], rated[1], ("test_accuracy",))
    return evidence.differences(decayed, plain, "test_accuracy")


def at(evidence: Evidence, setting: str) -> Differences:
    """λ = 0.01 in a setting with another learning rate or budget."""
    decayed, plain = network("weight_decay", OTHER, setting=setting), network(setting=setting)
    return evidence.differences(decayed, plain, "test_accuracy")


def facts(evidence: Evidence) -> dict[str, object]:
    keys = [network("weight_decay", lam) for lam in (PRIMARY, OTHER)]
    few, more = (measures.weighed(evidence, key, network()) for key in keys)
    return {"keys": keys, "few": few, "more": more}


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate, variations=each(at, setting=measures.SETTINGS), facts=facts)
