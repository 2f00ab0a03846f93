"""Too large a p underfits: at p = 0.9 training and test error are both worse than at the best smaller p.

The best smaller p is chosen on validation data. Tempered cross-entropy and accuracy on test data are conditions. A
network that trains slowly may only need more time or smaller steps, so the same is asked at half the learning rate and
with twice the epochs. What p = 0.8 does there is told.
"""

from contextlib import suppress
from functools import partial

from regularization.analysis.tables import Estimate
from regularization.claims import measures
from regularization.claims.claim import AtLeast, Claim, NotMeasured
from regularization.claims.evidence import Differences, Evidence, attempt, network
from regularization.naming import Key, parse_p

TOO_LARGE, LARGE = 0.9, 0.8
FITTED = 0.99  # of the training images; below it a network no longer fits them
ELSEWHERE = ("samples_500_half_rate", "samples_500_240_epochs")


def evaluate(evidence: Evidence) -> Differences:
    extreme, best = with_p(TOO_LARGE), best_below(evidence, TOO_LARGE)
    loss = evidence.mean(worse(evidence, extreme, best, "train_loss"))
    fitted = evidence.values(extreme, "train_accuracy")
    evidence.condition("train_loss_higher", evidence.above(loss), gain=loss)
    evidence.condition("no_longer_fits", evidence.below(fitted, FITTED), accuracy=fitted.mean(), fitted=FITTED)
    measures.agree(evidence, best, extreme, (measures.PRIMARY, "test_accuracy"))
    for setting in ELSEWHERE:
        for metric in ("train_loss", "test_loss"):
            found = attempt(there, evidence, TOO_LARGE, setting, metric)
            evidence.condition(
                "elsewhere", evidence.above(found), setting=setting, gain=found, train=metric == "train_loss"
            )
    for setting in ("samples_500", *ELSEWHERE):
        train, test = (attempt(there, evidence, LARGE, setting, metric) for metric in ("train_loss", "test_loss"))
        if train and test:
            evidence.number("large", test, train=train, setting=setting)
    evidence.number("chosen", best.p)
    return worse(evidence, extreme, best, "test_loss")


def worse(evidence: Evidence, a: Key, b: Key, measure: str) -> Differences:
    return measures.gains(evidence, b, a, measure)


def there(evidence: Evidence, p: float, setting: str, metric: str) -> Estimate:
    """How much worse a p is than the best below it in a setting."""
    return evidence.mean(worse(evidence, with_p(p, setting), best_below(evidence, p, setting), metric))


def with_p(p: float, setting: str = "samples_500") -> Key:
    return network("dropout", p=f"{p:g}/{p:g}", setting=setting)


def best_below(evidence: Evidence, bar: float, setting: str = "samples_500") -> Key:
    """The dropout cell below p with the lowest mean validation loss, all of whose runs ended well."""
    keys = [network("dropout", p=p, setting=setting) for p in evidence.ps(setting) if max(parse_p(p)) < bar]
    losses = {}
    for key in keys:
        if len(evidence.tables.ok(key)) == len(evidence.tables.select(key)):
            with suppress(NotMeasured):
                losses[key] = evidence.values(key, "validation_loss").mean()
    if not losses:
        raise NotMeasured("lacks_smaller", setting=setting, bar=bar)
    return min(losses, key=losses.__getitem__)


def at(evidence: Evidence, setting: str = "samples_500", measure: str = "test_loss") -> Differences:
    return worse(evidence, with_p(TOO_LARGE, setting), best_below(evidence, TOO_LARGE, setting), measure)


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    figure="dropout-strength",
    table="runs, predictions_fashion_mnist, calibration",
    variations={setting: partial(at, setting=setting) for setting in ELSEWHERE}
    | {measure: partial(at, measure=measure) for measure in (measures.PRIMARY, "test_accuracy")},
)
