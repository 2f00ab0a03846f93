"""A hard constraint on the norm and a penalty on it are equivalent: each λ has a radius with the same solution.

Projected gradient descent on the ball of ridge's radius at λ against gradient descent on the penalised loss, both
trained to the end. The risks decide, at the chapter's λ; that the weights themselves agree, at every λ, is a condition
(10⁻⁶ of their norm: what is left after 4,000 steps). Source: Hoerl & Kennard 1970.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, Within
from regularization.statistics import equivalence
from regularization.tables import CHAPTER_LAM, Key, Tables

MARGIN = 0.05
TOLERANCE = 1e-6
SETTING = "converged"


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    ball, penalty = pair(CHAPTER_LAM)
    relative = evidence.differences(tables, ball, penalty, "risk") / evidence.values(tables, penalty, "risk").mean()
    apart = {
        lam: distance(tables, *pair(lam))
        for lam in evidence.lams(tables, "weight_decay", SETTING, "norm_constraint")
        if lam in evidence.lams(tables, "weight_decay", SETTING, "l2_penalty")
    }
    known = {lam: value for lam, value in apart.items() if value is not None}
    numbers: dict[str, float | str] = {
        f"largest ‖difference of w‖/‖w‖ at λ = {lam:g}": value for lam, value in known.items()
    }
    conditions = [Condition("the weights agree to 10⁻⁶ at every λ", max(known.values()) <= TOLERANCE)] if known else []
    return Measurement.of(
        equivalence(relative, low=-MARGIN, high=MARGIN), conditions=tuple(conditions), numbers=numbers
    )


def pair(lam: float) -> tuple[Key, Key]:
    """Constraint and penalty."""
    return evidence.linear("norm_constraint", lam, SETTING), evidence.linear("l2_penalty", lam, SETTING)


def distance(tables: Tables, a: Key, b: Key) -> float | None:
    """Largest ‖w_a − w_b‖/‖w_b‖ over seeds (the bias among the weights), or None where no weights were kept."""
    one, other = tables.predictions(a), tables.predictions(b)
    if one.empty or other.empty:
        return None
    both = one.merge(other, on=[*evidence.PAIR, "item"], suffixes=("_a", "_b"))
    squares = both.assign(difference=(both["weight_a"] - both["weight_b"]) ** 2, size=both["weight_b"] ** 2)
    by_seed = squares.groupby(evidence.PAIR)[["difference", "size"]].sum()
    return float(np.sqrt(by_seed["difference"] / by_seed["size"]).max())


CLAIM = Claim(
    id="c08",
    statement="Constraining the norm of the weights and penalising it are equivalent.",
    section="Weight decay",
    estimand="relative difference of risk, norm constraint − L2 penalty at λ = 3, at convergence",
    unit="relative",
    needs="weight_decay: converged, norm_constraint and l2_penalty",
    rule=Within(-MARGIN, MARGIN),
    evaluate=evaluate,
    table="runs, predictions_weight_decay",
)
