"""As λ goes to infinity the weights go to zero.

True of the minimiser, which ridge computes. At a fixed learning rate η, SGD diverges once η(λ + largest eigenvalue) is
above 2, so the largest λ of the study decides: does training leave a run less than 1 % of the weights it has at λ = 0?
That λ must lie beyond the boundary, or the verdict would depend on where the grid ends.
"""

import numpy as np
import pandas as pd

from regularization.claims.claim import Claim, InNearlyAll, Measurement, NotMeasured
from regularization.claims.evidence import PAIR, Evidence, linear

SMALL = 0.01  # of the norm at λ = 0


def evaluate(evidence: Evidence) -> Measurement:
    lams = evidence.lams("linear_regression", "textbook", "l2_penalty")
    boundary = evidence.tables.constant("textbook", "stability_boundary")
    if boundary is None:
        raise NotMeasured("lacks_boundary")
    if not lams or lams[-1] <= boundary:
        raise NotMeasured("lacks_lam_beyond", boundary=boundary)
    baseline = evidence.values(linear(), "weight_norm")
    vanished = {lam: small(evidence, lam, baseline) for lam in lams}
    largest = vanished[lams[-1]]
    if len(largest) < 2:
        raise NotMeasured("lacks_seeds")
    evidence.number("largest_lam", lams[-1])
    there = evidence.tables.select(linear("l2_penalty", lams[-1]))
    evidence.number("diverged", int((there["status"] != "ok").sum()))
    evidence.number("vanished_at", lams=[lam for lam, runs in vanished.items() if len(runs) and runs.all()])
    evidence.number("boundary", boundary)
    ridge = evidence.tables.path("textbook", "ridge", "weight_norm")
    if len(ridge):
        evidence.number("minimiser", ridge["mean"].iloc[-1], lam=ridge["lam"].iloc[-1])
    return Measurement.share(int(largest.sum()), len(largest), evidence)


def small(evidence: Evidence, lam: float, baseline: pd.Series) -> np.ndarray:
    """Which runs end, without diverging, below 1 % of the same seed's norm at λ = 0."""
    runs = evidence.tables.select(linear("l2_penalty", lam)).set_index(PAIR)
    runs = runs[runs.index.isin(baseline.index)]
    return ((runs["status"] == "ok") & (runs["weight_norm"] < SMALL * baseline[runs.index])).to_numpy()


CLAIM = Claim(__name__, InNearlyAll(0.95), evaluate, figure="weight-decay-stability", table="runs, theory")
