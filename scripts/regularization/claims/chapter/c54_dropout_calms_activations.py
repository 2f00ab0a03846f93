"""With dropout the activations of hidden units vary less from image to image."""

import numpy as np
import pandas as pd

from regularization.claims.evidence import Differences, Evidence, attempt, network
from regularization.claims.kit import CHAPTER_P, AtLeast, Claim, Key, NotMeasured, each

COSINE, CHAPTERS = "textbook_cosine", "textbook"


def evaluate(evidence: Evidence) -> Differences:
    primary = log_ratio(evidence)
    for setting, layer in ((COSINE, 1), (CHAPTERS, 1), (CHAPTERS, 2)):
        found = attempt(log_ratio, evidence, setting, layer)
        evidence.shown("varies_less", found, setting=setting, layer=layer)
    for key in pair(COSINE):
        start, end = (variance(evidence, key, 2, epoch).mean() for epoch in ("min", "max"))
        evidence.number("grows", end, start=start, key=key)
    return primary


def pair(setting: str) -> tuple[Key, Key]:
    return network(setting=setting), network("dropout", p=CHAPTER_P, setting=setting)


def log_ratio(evidence: Evidence, setting: str = COSINE, layer: int = 2) -> pd.Series:
    """log(none/dropout) of the variance at the last epoch, by seed."""
    without, dropped = (variance(evidence, key, layer, "max") for key in pair(setting))
    found = np.log(without / dropped).dropna()
    if len(found) < 2:
        raise NotMeasured("lacks_pairs", metric=f"activation_variance_{layer}", keys=pair(setting))
    return found


def variance(evidence: Evidence, key: Key, layer: int, epoch: str) -> pd.Series:
    """The variance at the first or last recorded epoch, "min" or "max", by (seed, data_seed)."""
    curve, name = evidence.tables.curve(key), f"activation_variance_{layer}"
    if name not in curve or curve[name].notna().sum() < 2:
        raise NotMeasured("lacks_curve", key=key)
    rows = curve[curve["epoch"] == curve.groupby("run_id")["epoch"].transform(epoch)]
    return evidence.by_pair(key, rows, name)


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(log_ratio, layer={"layer_1": 1}))
