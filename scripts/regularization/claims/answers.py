"""What the plain answers to claims say in numbers: a quantity before and after, and in how many runs it moved."""

from dataclasses import dataclass

import pandas as pd

from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import Evidence
from regularization.naming import Key


@dataclass(frozen=True)
class Levels:
    """Means of a quantity over common runs, in how many of them it falls and rises, and how many there are."""

    before: float
    after: float
    falls: int
    rises: int
    n: int

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def ratio(self) -> float:
        """After over before."""
        return self.after / self.before


def between(before: pd.Series, after: pd.Series) -> Levels | None:
    """The levels of two series by (seed, data_seed); None of fewer than two common runs."""
    one, other = before.align(after, join="inner")
    if len(one) < 2:
        return None
    return Levels(float(one.mean()), float(other.mean()), int((other < one).sum()), int((other > one).sum()), len(one))


def levels(evidence: Evidence, before: Key, after: Key, metric: str) -> Levels:
    """The levels of a metric, or a probe, of two cells; `NotMeasured` of fewer than two common runs."""
    found = between(evidence.quantity(before, metric), evidence.quantity(after, metric))
    if found is None:
        raise NotMeasured("lacks_pairs", metric=metric, keys=(before, after))
    return found
