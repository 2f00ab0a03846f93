"""A hard constraint on the norm and a penalty on it are equivalent: each λ has a radius with the same solution.

Projected gradient descent on the ball with ridge's radius against the penalty, both trained to the end.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, NotMeasured, Within
from regularization.statistics import equivalence
from regularization.tables import CHAPTER_LAM, Tables

LAMS = (1.0, 3.0, 5.0, 10.0)


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    ball, penalty = (evidence.linear(method, CHAPTER_LAM, "converged") for method in ("norm_constraint", "l2_penalty"))
    relative = evidence.differences(tables, ball, penalty, "risk") / evidence.values(tables, penalty, "risk").mean()
    largest = {}
    for lam in LAMS:
        try:
            largest[lam] = np.abs(
                evidence.differences(
                    tables,
                    evidence.linear("norm_constraint", lam, "converged"),
                    evidence.linear("l2_penalty", lam, "converged"),
                    "risk",
                )
            ).max()
        except NotMeasured:
            continue
    numbers: dict[str, float | str] = {
        f"largest difference of risk at λ = {lam:g}": value for lam, value in largest.items()
    }
    conditions = [Condition("the solutions agree to 10⁻⁶ at every λ", max(largest.values()) < 1e-6)]
    weights = [tables.predictions(key) for key in (ball, penalty)]
    if not any(table.empty for table in weights):
        both = weights[0].merge(weights[1], on=["seed", "data_seed", "item"])
        numbers["largest difference of a weight at λ = 3"] = float((both["weight_x"] - both["weight_y"]).abs().max())
    return Measurement.of(equivalence(relative, low=-0.05, high=0.05), conditions=tuple(conditions), numbers=numbers)


CLAIM = Claim(
    id="c08",
    statement="Constraining the norm of the weights and penalising it are equivalent.",
    section="Weight decay",
    estimand="relative difference of risk, norm constraint − L2 penalty at λ = 3, at convergence",
    unit="relative",
    needs="weight_decay: converged, norm_constraint and l2_penalty",
    rule=Within(-0.05, 0.05),
    evaluate=evaluate,
)
