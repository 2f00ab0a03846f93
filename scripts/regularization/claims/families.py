"""Claims that differ in a name: that one method does as well as another, that dropout bears a disturbance better."""

from contextlib import suppress
from functools import partial

import pandas as pd

from regularization.analysis.statistics import two_way_interval
from regularization.analysis.tables import Estimate
from regularization.claims import measures, replicates
from regularization.claims.claim import AtLeast, Claim, NotMeasured, Within, each
from regularization.claims.evidence import Differences, Evidence, dropped, network


def as_good(module: str, method: str, usual: str) -> Claim:
    """The claim that a method does as well as the usual one: within half a point of accuracy, each tuned.

    That it beats no regularization is a condition, and so are both cross-entropies.
    """
    methods, rule = (method, usual), Within(-measures.CLOSE, measures.CLOSE)
    ask, facts = partial(compared, methods=methods), partial(against, methods=methods)
    return Claim(module, rule, ask, facts=facts)


def compared(evidence: Evidence, methods: tuple[str, str]) -> Differences:
    """Accuracy of the first − the second, each tuned on validation loss; note the rest."""
    own, other = measures.chosen(evidence, methods)
    measures.no_different(evidence, own, other, (measures.PRIMARY, "test_loss"))
    measures.agree(evidence, own, network())
    evidence.check_the_edge(own)
    return evidence.differences(own, other, "test_accuracy")


def against(evidence: Evidence, methods: tuple[str, str]) -> dict[str, object]:
    own, other = measures.chosen(evidence, methods)
    usual, plain = (measures.weighed(evidence, own, key) for key in (other, network()))
    return {"keys": (own, other), "usual": usual, "plain": plain}


def robust(module: str, disturbance: str, levels: tuple[float, ...]) -> Claim:
    """The claim that dropout makes a network more robust to a disturbance: less of its accuracy is lost."""
    evaluate = partial(saved, disturbance=disturbance, levels=levels)
    single = {f"level_{level}": (level,) for level in levels}
    variations = each(evaluate, score={"cross_entropy": "loss"}, levels=single)
    return Claim(module, AtLeast(), evaluate, variations=variations)


def saved(evidence: Evidence, disturbance: str, levels: tuple[float, ...], score: str = "accuracy") -> Differences:
    """How much less accuracy dropout at 0.5 loses than no dropout, relative to level 0, on average over all levels.

    An accuracy that is higher to begin with counts for nothing. Every level is a condition of its own, and so is the
    mean over seeds × images where predictions were kept. The score may be the cross-entropy, of which more is lost
    where it rises more.
    """
    sign = -1 if score == "loss" else 1
    values = {level: evidence.probed(f"{disturbance}_{score}", level) for level in (0.0, *levels)}
    less = {}
    for level in levels:
        lost = sign * (values[0.0] - values[level])
        less[level] = (lost["without"] - lost["dropout"]).dropna()
        evidence.shown("loses_less", less[level], level=level, score=score)
    for level, value in values.items():
        evidence.number("score_at", value.mean(), level=level, score=score)
    if evidence.weighs_conditions and score == "accuracy" and len(levels) > 1:
        with suppress(NotMeasured):
            without, dropout = replicates.lost(evidence.tables, (network(), dropped(0.5)), disturbance)
            evidence.shown("other_images", Estimate(*two_way_interval(without - dropout), len(without)))
    return pd.DataFrame(less).dropna().mean(axis=1)
