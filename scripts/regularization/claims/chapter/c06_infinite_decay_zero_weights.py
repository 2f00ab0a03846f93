"""As λ goes to infinity the weights go to zero.

True of the minimiser, which ridge computes. At a fixed learning rate η, SGD diverges once η(λ + largest eigenvalue) is
above 2, so the largest λ of the study decides: does training leave a run less than 1 % of the weights it has at λ = 0?
That λ must lie beyond the boundary, or the verdict would depend on where the grid ends. Changed after a first look:
see `amended`.
"""

import numpy as np
import pandas as pd

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, InNearlyAll, Measurement, Notes, NotMeasured

SMALL = 0.01  # of the norm at λ = 0


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lams = evidence.lams(tables, "linear_regression", "textbook", "l2_penalty")
    boundary = tables.constant("textbook", "stability_boundary")
    if boundary is None:
        raise NotMeasured("lacks_boundary")
    if not lams or lams[-1] <= boundary:
        raise NotMeasured("lacks_lam_beyond", boundary=boundary)
    baseline = evidence.values(tables, evidence.linear(), "weight_norm")
    vanished = {lam: small(tables, lam, baseline) for lam in lams}
    largest = vanished[lams[-1]]
    if len(largest) < 2:
        raise NotMeasured("lacks_seeds")
    notes = Notes()
    notes.number("largest_lam", lams[-1])
    there = tables.select(evidence.linear("l2_penalty", lams[-1]))
    notes.number("diverged", int((there["status"] != "ok").sum()))
    notes.number("vanished_at", lams=[lam for lam, runs in vanished.items() if len(runs) and runs.all()])
    notes.number("boundary", boundary)
    ridge = tables.path("textbook", "ridge", "weight_norm")
    if len(ridge):
        notes.number("minimiser", ridge["mean"].iloc[-1], lam=ridge["lam"].iloc[-1])
    return Measurement.share(int(largest.sum()), len(largest), notes)


def small(tables: Tables, lam: float, baseline: pd.Series) -> np.ndarray:
    """Which runs end, without diverging, below 1 % of the same seed's norm at λ = 0."""
    runs = tables.select(evidence.linear("l2_penalty", lam)).set_index(evidence.PAIR)
    runs = runs[runs.index.isin(baseline.index)]
    return ((runs["status"] == "ok") & (runs["weight_norm"] < SMALL * baseline[runs.index])).to_numpy()


CLAIM = Claim(__name__, InNearlyAll(0.95), evaluate, figure="weight-decay-stability", table="runs, theory")
