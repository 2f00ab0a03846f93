"""The benchmark: how fast the engine trains, beside the chapter's loops, JAX and bare matrix products.

Both sides of a measure take turns in one run; a side's value is the median of its turns. What runs on one core is timed
by the seconds of that core (`time.process_time`), so that a busy machine disturbs little.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Rate = Callable[[int], float]  # so many a second; turns are counted from 0, and each has seeds of its own


@dataclass(frozen=True)
class Size:
    """How much every turn of a measurement does."""

    turns: int = 3
    lams: int = 12  # λ of a linear cohort, at most
    seeds: int = 200  # of a linear cohort
    book_runs: int = 6  # runs of the chapter's linear loop
    steps: int = 40  # SGD steps of networks


QUICK = Size(turns=1, lams=2, seeds=3, book_runs=1, steps=2)


def medians(ours: Rate, reference: Rate, turns: int) -> tuple[float, float]:
    """The median of what each of two sides measured, turn by turn."""
    first, second = np.median([(ours(turn), reference(turn)) for turn in range(turns)], axis=0)
    return float(first), float(second)
