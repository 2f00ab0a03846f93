"""Dropout as the chapter sets it, 0.2 and 0.5, lowers the test error of the chapter's network."""

from functools import partial

from regularization.claims import measures
from regularization.claims.kit import CHAPTER_P, AtLeast, Claim, Differences, Evidence, Key, network

OTHERS = {"textbook_cosine": CHAPTER_P, "textbook_2023": "0.5/0.5"}


def evaluate(evidence: Evidence) -> Differences:
    dropout, plain = pair("textbook", CHAPTER_P)
    measures.agree(evidence, dropout, plain, ("test_loss",))  # no image is left for a temperature
    for setting, p in OTHERS.items():
        measures.agree(evidence, *pair(setting, p), ("test_accuracy", "test_loss"))
    return at(evidence, "textbook", CHAPTER_P)


def pair(setting: str, p: str) -> tuple[Key, Key]:
    return network("dropout", p=p, setting=setting), network(setting=setting)


def at(evidence: Evidence, setting: str, p: str, measure: str = "test_accuracy") -> Differences:
    return measures.gains(evidence, *pair(setting, p), measure)


def facts(evidence: Evidence) -> dict[str, object]:
    moved = {setting: measures.weighed(evidence, *pair(setting, p)) for setting, p in OTHERS.items()}
    return {"moved": measures.weighed(evidence, *pair("textbook", CHAPTER_P)), **moved}


VARIATIONS = {setting: partial(at, setting=setting, p=p) for setting, p in OTHERS.items()}
VARIATIONS |= {"test_loss": partial(at, setting="textbook", p=CHAPTER_P, measure="test_loss")}
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS, facts=facts)
