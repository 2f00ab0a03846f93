"""Larger λ means smaller weights, in every single seed.

Strictly decreasing ‖w‖ along all λ up to 100; beyond, the step size itself becomes unstable (see c06).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, InNearlyAll, Measurement, NotMeasured
from regularization.statistics import proportion_interval
from regularization.tables import Tables

UP_TO = 100.0


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lams = evidence.lams(tables, "weight_decay", "textbook", "l2_penalty")
    inside = [lam for lam in lams if lam <= UP_TO]
    if len(inside) < 2:
        raise NotMeasured("l2_penalty at two λ up to 100 in textbook")
    keys = [evidence.linear(), *(evidence.linear("l2_penalty", lam) for lam in inside)]
    norms = evidence.table_of(tables, "weight_norm", keys).to_numpy()
    decreasing = (np.diff(norms, axis=1) < 0).all(axis=1)
    low, high = proportion_interval(int(decreasing.sum()), len(decreasing))
    means = {lam: tables.select(evidence.linear("l2_penalty", lam))["weight_norm"].mean() for lam in lams}
    rising = [lam for before, lam in pairwise(lams) if means[lam] > means[before]]
    numbers: dict[str, float | str] = {
        "mean ‖w‖ from λ = 0 on": ", ".join(f"{value:.3g}" for value in norms.mean(axis=0)),
        "first λ at which the mean norm rises": f"{rising[0]:g}" if rising else "none",
    }
    return Measurement(float(decreasing.mean()), low, high, len(decreasing), "share of seeds", numbers=numbers)


CLAIM = Claim(
    id="c05",
    statement="Larger λ gives smaller weights.",
    section="Weight decay",
    estimand="share of seeds whose ‖w‖ falls strictly along all λ up to 100 (textbook)",
    unit="share",
    needs="weight_decay: textbook, none and l2_penalty at several λ ≤ 100",
    rule=InNearlyAll(0.95),
    evaluate=evaluate,
    confirmatory=False,
    figure="weight-decay-norm",
)
