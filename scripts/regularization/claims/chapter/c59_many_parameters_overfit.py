"""More parameters overfit more: a wider network's training and test accuracy are further apart."""

from itertools import pairwise

import pandas as pd

from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, each, network

WIDTHS = {16: "width_16", 64: "width_64", 256: "samples_500", 512: "width_512"}
NARROW, *_, WIDE = (network(setting=setting) for setting in WIDTHS.values())


def evaluate(evidence: Evidence, score: str = "accuracy") -> Differences:
    gaps = {width: gap(evidence, setting, score) for width, setting in WIDTHS.items()}
    for narrow, wide in pairwise(WIDTHS):
        evidence.shown("step", (gaps[wide] - gaps[narrow]).dropna(), narrow=narrow, wide=wide)
    measures.agree(evidence, NARROW, WIDE)
    for width, values in gaps.items():
        evidence.number("gap", values.mean(), width=width, score=score)
    return (gaps[max(WIDTHS)] - gaps[min(WIDTHS)]).dropna()


def gap(evidence: Evidence, setting: str, score: str) -> pd.Series:
    """How much better training than test images are done, by seed."""
    train, test = (evidence.values(network(setting=setting), f"{part}_{score}") for part in ("train", "test"))
    return train - test if score == "accuracy" else test - train


def facts(evidence: Evidence) -> dict[str, object]:
    return {"moved": measures.weighed(evidence, WIDE, NARROW)}


VARIATIONS = each(evaluate, score={"cross_entropy": "loss"})
CLAIM = Claim(__name__, AtLeast(), evaluate, variations=VARIATIONS, facts=facts)
