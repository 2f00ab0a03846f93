"""The longer training lasts, the more dropout gains over no dropout.

What dropout at p = 0.65 gains in tempered cross-entropy after 240 epochs − after 60, 500 images, the same seeds.
Cross-entropy and accuracy are conditions, and so is the chapter's network after 20 epochs against 10.
"""

from functools import partial

import pandas as pd

from regularization.analysis.tables import CHAPTER_P
from regularization.analysis.tuning import sign
from regularization.claims import measures
from regularization.claims.claim import AtLeast, Claim, NotMeasured
from regularization.claims.evidence import Differences, Evidence, attempt, network

P = "0.65/0.65"
SHORT, LONG = "samples_500_60_epochs", "samples_500_240_epochs"
CHAPTERS = ("textbook", "textbook_longer", CHAPTER_P)


def evaluate(evidence: Evidence) -> Differences:
    for other in measures.OTHERS:
        note(evidence, SHORT, LONG, P, other)
    note(evidence, *CHAPTERS, "test_accuracy")
    for setting in measures.BUDGETS:
        there = attempt(gained, evidence, setting, P, measures.PRIMARY)
        if there is not None:
            evidence.number("gained", there.mean(), setting=setting)
    return longer(evidence, measures.PRIMARY)


def longer(evidence: Evidence, measure: str) -> Differences:
    return more(evidence, SHORT, LONG, P, measure)


def note(evidence: Evidence, short: str, long: str, p: str, measure: str) -> None:
    values = attempt(more, evidence, short, long, p, measure)
    found = None if values is None else evidence.mean(values)
    evidence.condition("gains_more", evidence.above(found), measure=measure, setting=long, gain=found)


def more(evidence: Evidence, short: str, long: str, p: str, measure: str) -> pd.Series:
    """What is gained after the longer training − after the shorter, by seed."""
    difference = (gained(evidence, long, p, measure) - gained(evidence, short, p, measure)).dropna()
    if len(difference) < 2:
        raise NotMeasured("lacks_pairs", metric=measure, keys=[network(setting=short), network(setting=long)])
    return difference


def gained(evidence: Evidence, setting: str, p: str, measure: str) -> pd.Series:
    plain, dropout = (
        evidence.values(network(method, p=q, setting=setting), measure)
        for method, q in (("none", "0/0"), ("dropout", p))
    )
    return (sign(measure) * (plain - dropout)).dropna()


CLAIM = Claim(
    __name__,
    AtLeast(),
    evaluate,
    table="runs, calibration",
    variations={measure: partial(longer, measure=measure) for measure in measures.OTHERS},
)
