"""Larger λ means smaller weights, in every single seed.

Strictly decreasing ‖w‖ along all λ up to 100; beyond, the step size itself becomes unstable (see c06). A seed with a
diverged run counts against the claim.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from regularization.analysis.statistics import proportion_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, InNearlyAll, Measurement, NotMeasured

UP_TO = 100.0


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lams = evidence.lams(tables, "linear_regression", "textbook", "l2_penalty")
    inside = [lam for lam in lams if lam <= UP_TO]
    if len(inside) < 2:
        raise NotMeasured("l2_penalty at two λ up to 100 in textbook")
    keys = [evidence.linear(), *(evidence.linear("l2_penalty", lam) for lam in inside)]
    norms = evidence.table_of(tables, "weight_norm", keys)
    n, decreasing = len(tables.select(keys[0])), int((norms.diff(axis=1).iloc[:, 1:] < 0).all(axis=1).sum())
    low, high = proportion_interval(decreasing, n)
    means = {lam: tables.select(evidence.linear("l2_penalty", lam))["weight_norm"].mean() for lam in lams}
    rising = [lam for before, lam in pairwise(lams) if not means[lam] < means[before]]
    numbers: dict[str, float | str] = {
        "mean ‖w‖": ", ".join(f"{norm:.3g} at {lam:g}" for lam, norm in zip([0.0, *inside], norms.mean(), strict=True)),
        "first λ at which the mean norm rises": f"{rising[0]:g}" if rising else "none",
    }
    return Measurement(decreasing / n, low, high, n, "share of seeds, Wilson interval", numbers=numbers)


CLAIM = Claim(
    id="c05",
    statement="Larger λ gives smaller weights.",
    section="Weight decay",
    estimand="share of seeds whose ‖w‖ falls strictly along all λ up to 100 (textbook)",
    unit="share",
    needs="linear_regression: textbook, none and l2_penalty at several λ ≤ 100",
    rule=InNearlyAll(0.95),
    evaluate=evaluate,
    confirmatory=False,
    figure="weight-decay-norm",
)
