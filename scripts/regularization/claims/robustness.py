"""Robustness as a difference of differences: accuracy lost to a disturbance without dropout − lost with dropout."""

from collections.abc import Sequence

from regularization.claims.claim import Measurement
from regularization.claims.evidence import Evidence


def saved(evidence: Evidence, probe: str, primary: float, others: Sequence[float]) -> Measurement:
    """How much less accuracy dropout at 0.5 loses at the level `primary` than no dropout, relative to level 0.

    An accuracy that is higher to begin with counts for nothing. The other levels are a condition: at none of them may
    the opposite be shown.
    """
    levels = (0.0, *sorted((primary, *others)))
    accuracy = {level: evidence.probed(probe, level) for level in levels}
    less = {}
    for level in levels:
        lost = accuracy[0.0] - accuracy[level]
        less[level] = (lost["without"] - lost["dropout"]).dropna()
        evidence.number("accuracy_at", accuracy[level].mean(), level=level)
        if level:
            evidence.number("saved_at", less[level].mean(), level=level)
    opposite = any(evidence.highest(less[level]) < 0 for level in others)
    evidence.condition("nowhere_more", not opposite)
    return evidence.contrast(less[primary])
