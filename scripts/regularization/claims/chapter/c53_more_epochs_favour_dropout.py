"""The longer training lasts, the more dropout gains over no dropout: after 240 epochs − after 60, the same seeds."""

from contextlib import suppress
from itertools import product

import pandas as pd

from regularization.claims import measures
from regularization.claims.evidence import Differences, Evidence, attempt, network, paired
from regularization.claims.kit import CHAPTER_P, AtLeast, Claim, NotMeasured, each, sign

P = "0.65/0.65"
SHORT, LONG, LONGEST = (f"samples_500_{n}_epochs" for n in (60, 240, 600))


def evaluate(evidence: Evidence) -> Differences:
    if not evidence.weighs_conditions:
        return more(evidence, measures.PRIMARY)
    for other in measures.OTHERS:
        evidence.shown("gains_more", attempt(more, evidence, other), measure=other, setting=LONG)
    on = attempt(more, evidence, measures.PRIMARY, LONG, LONGEST)
    evidence.shown("gains_more", on, measure=measures.PRIMARY, setting=LONGEST)
    chapters = attempt(more, evidence, "test_accuracy", "textbook", "textbook_longer", CHAPTER_P)
    evidence.shown("gains_more", chapters, measure="test_accuracy", setting="textbook_longer")
    for measure, setting in product(measures.MEASURES, measures.BUDGETS):
        with suppress(NotMeasured):
            evidence.number("gained", gained(evidence, setting, P, measure).mean(), setting=setting, measure=measure)
    return more(evidence, measures.PRIMARY)


def more(evidence: Evidence, measure: str, short: str = SHORT, long: str = LONG, p: str = P) -> pd.Series:
    """What is gained after the longer training − after the shorter, by seed."""
    difference = gained(evidence, long, p, measure) - gained(evidence, short, p, measure)
    return paired(difference, measure, [network(setting=short), network(setting=long)])


def gained(evidence: Evidence, setting: str, p: str, measure: str) -> pd.Series:
    keys = network(setting=setting), network("dropout", p=p, setting=setting)
    plain, dropout = (evidence.values(key, measure) for key in keys)
    return (sign(measure) * (plain - dropout)).dropna()


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(more, measure=measures.OTHERS))
