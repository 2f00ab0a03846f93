"""What the claims about identities measure, case by case.

Each number is measured once, by its claim; effect and conditions are taken from the cases that stand here.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np


class Case(NamedTuple):
    """One number."""

    case: str  # what was looked at: an optimiser, a layer or a version of the network
    p: str  # its dropout probabilities, one a layer, e.g. "0.2/0.5"; empty where there is none
    quantity: str  # what was measured, one of the data dictionary's
    value: float  # an error, or what it is by its quantity
    tolerance: float = math.nan  # the largest error that passes; NaN where the value is no error

    @property
    def passes(self) -> bool:
        """Whether the error is within its tolerance; never where there is none, or the error is NaN."""
        return self.value <= self.tolerance


def largest(cases: Iterable[Case]) -> float:
    """The largest value, NaN if one is."""
    values = [case.value for case in cases]
    return math.nan if any(map(math.isnan, values)) else max(values)


def apart(a: object, b: object) -> float:
    """Largest absolute difference of two arrays or tensors of one shape; NaN if either has one."""
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())


def of(cases: Iterable[Case], *quantities: str) -> list[Case]:
    """The cases of some quantities."""
    return [case for case in cases if case.quantity in quantities]
