"""With dropout the activations of hidden units vary less from image to image."""

import pandas as pd

from regularization.claims import measures
from regularization.claims.evidence import Differences, Evidence, attempt, log, network, paired
from regularization.claims.kit import CHAPTER_P, AtLeast, Claim, Key, each

COSINE, CHAPTERS = "textbook_cosine", "textbook"
VARIANCE = "activation_variance_{}"  # of a layer, on the learning curve


def evaluate(evidence: Evidence) -> Differences:
    primary = log_ratio(evidence)
    for setting, layer in ((COSINE, 1), (CHAPTERS, 1), (CHAPTERS, 2)):
        found = attempt(log_ratio, evidence, setting, layer)
        evidence.shown("varies_less", found, setting=setting, layer=layer)
    for key in pair(COSINE):
        start, end = (measures.recorded(evidence, key, VARIANCE.format(2), at).mean() for at in ("min", "max"))
        evidence.number("grows", end, start=start, key=key)
    return primary


def pair(setting: str) -> tuple[Key, Key]:
    return network(setting=setting), network("dropout", p=CHAPTER_P, setting=setting)


def log_ratio(evidence: Evidence, setting: str = COSINE, layer: int = 2) -> pd.Series:
    """log(none/dropout) of the variance at the last epoch, by seed."""
    variance = VARIANCE.format(layer)
    without, dropped = (measures.recorded(evidence, key, variance) for key in pair(setting))
    return paired(log(without / dropped), variance, pair(setting))


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(log_ratio, layer={"layer_1": 1}))
