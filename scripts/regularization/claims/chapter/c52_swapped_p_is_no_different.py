"""It makes no difference which layer drops more: p = 0.5/0.2 instead of the chapter's 0.2/0.5."""

from regularization.claims import measures
from regularization.claims.kit import CHAPTER_P, Claim, Differences, Evidence, Within, network

MARGIN = 0.01  # of accuracy
SWAPPED = "0.5/0.2"


def evaluate(evidence: Evidence) -> Differences:
    swapped, chapters = (network("dropout", p=p, setting="textbook") for p in (SWAPPED, CHAPTER_P))
    measures.no_different(evidence, swapped, chapters, ("test_loss",))
    for key in (swapped, chapters):
        evidence.number("accuracy", evidence.values(key, "test_accuracy").mean(), p=key.p)
    return evidence.differences(swapped, chapters, "test_accuracy")


CLAIM = Claim(__name__, Within(-MARGIN, MARGIN), evaluate)
