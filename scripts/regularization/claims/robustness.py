"""Robustness as a difference of differences: accuracy lost to a disturbance without dropout − lost with dropout."""

from functools import partial

import pandas as pd

from regularization.claims.claim import AtLeast, Claim, each
from regularization.claims.evidence import Differences, Evidence


def claim(module: str, disturbance: str, levels: tuple[float, ...]) -> Claim:
    """The claim that dropout makes a network more robust to a disturbance."""
    evaluate = partial(saved, disturbance=disturbance, levels=levels)
    single = {f"level_{level}": (level,) for level in levels}
    variations = each(evaluate, score={"cross_entropy": "loss"}, levels=single)
    return Claim(module, AtLeast(), evaluate, variations=variations)


def saved(evidence: Evidence, disturbance: str, levels: tuple[float, ...], score: str = "accuracy") -> Differences:
    """How much less accuracy dropout at 0.5 loses than no dropout, relative to level 0, on average over all levels.

    An accuracy that is higher to begin with counts for nothing. Every level is a condition of its own. The score may be
    the cross-entropy, of which more is lost where it rises more.
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
    return pd.DataFrame(less).dropna().mean(axis=1)
