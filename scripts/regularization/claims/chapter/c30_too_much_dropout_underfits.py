"""Too large a p underfits: at p = 0.9 training and test error are both worse than at the best smaller p."""

from contextlib import suppress

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, NotMeasured, attempt, each, levels, network
from regularization.naming import Key, parse_p

TOO_LARGE, LARGE = 0.9, 0.8
FITTED = 0.99  # of the training images; below it a network no longer fits them
LOSSES = ("train_loss", "test_loss")
ELSEWHERE = ("samples_500_half_rate", "samples_500_240_epochs")


def evaluate(evidence: Evidence) -> Differences:
    if not evidence.weighs_conditions:
        return behind(evidence)
    extreme, best = with_p(TOO_LARGE), best_below(evidence, TOO_LARGE)
    fitted = evidence.values(extreme, "train_accuracy")
    evidence.shown("train_loss_higher", behind(evidence, measure="train_loss"))
    evidence.condition("no_longer_fits", evidence.below(fitted, FITTED), accuracy=fitted.mean(), fitted=FITTED)
    measures.agree(evidence, best, extreme, (measures.PRIMARY, "test_accuracy"))
    for setting in ELSEWHERE:
        for metric in LOSSES:
            found = attempt(behind, evidence, setting, metric)
            evidence.shown("elsewhere", found, setting=setting, train=metric == "train_loss")
    for setting in ("samples_500", *ELSEWHERE):
        with suppress(NotMeasured):
            train, test = (evidence.mean(behind(evidence, setting, metric, LARGE)) for metric in LOSSES)
            evidence.number("large", test, train=train, setting=setting)
    evidence.number("chosen", best.p)
    return behind(evidence)


def behind(
    evidence: Evidence, setting: str = "samples_500", measure: str = "test_loss", p: float = TOO_LARGE
) -> Differences:
    """How much worse a p is than the best below it, by seed."""
    return measures.gains(evidence, best_below(evidence, p, setting), with_p(p, setting), measure)


def with_p(p: float, setting: str = "samples_500") -> Key:
    return network("dropout", p=f"{p:g}/{p:g}", setting=setting)


def best_below(evidence: Evidence, bar: float, setting: str = "samples_500") -> Key:
    """The dropout cell below p with the lowest mean validation loss, all of whose runs ended well."""
    return evidence.tables.known((__name__, bar, setting), lambda: _best_below(evidence, bar, setting))


def _best_below(evidence: Evidence, bar: float, setting: str) -> Key:
    keys = [network("dropout", p=p, setting=setting) for p in evidence.ps(setting) if max(parse_p(p)) < bar]
    whole = [key for key in keys if len(evidence.tables.ok(key)) == len(evidence.tables.select(key))]
    return measures.best(evidence, whole, "validation_loss", NotMeasured("lacks_smaller", setting=setting, bar=bar))


def facts(evidence: Evidence) -> dict[str, object]:
    best, extreme = best_below(evidence, TOO_LARGE), with_p(TOO_LARGE)
    fitted = levels(evidence, best, extreme, "train_accuracy")
    return {"fitted": fitted, "moved": measures.weighed(evidence, extreme, best)}


VARIATIONS = each(behind, setting=ELSEWHERE, measure=(measures.PRIMARY, "test_accuracy"))
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS, facts=facts)
