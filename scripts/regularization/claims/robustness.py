"""Robustness as a difference of differences: accuracy lost to a disturbance without dropout − lost with dropout."""

import pandas as pd

from regularization.claims.evidence import Differences, Evidence


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
        found = evidence.mean(less[level])
        evidence.condition("loses_less", evidence.above(found), level=level, gain=found, score=score)
    for level, value in values.items():
        evidence.number("score_at", value.mean(), level=level, score=score)
    return pd.DataFrame(less).dropna().mean(axis=1)
