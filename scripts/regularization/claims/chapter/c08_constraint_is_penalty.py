"""A hard constraint on the norm and a penalty on it are equivalent: each λ has a radius with the same solution.

Projected gradient descent on the ball of ridge's radius at λ against gradient descent on the penalised loss, both
trained to the end. The weights decide: at every λ and in every run they agree to 10⁻⁶ of their norm, what is left after
4,000 steps. Their risks are told beside, and, descriptively, the constraint's own multiplier at the weights it was
trained to, which is λ where they are the constrained minimiser. Changed after a first look: see `amended`. Source:
Hoerl & Kennard 1970.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.claims import evidence, minimisers
from regularization.claims.claim import Claim, Identity, Measurement, NotMeasured
from regularization.naming import Key

TOLERANCE = 1e-6
SETTING = "converged"


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    known = evidence.lams(tables, "linear_regression", SETTING, "norm_constraint")
    distances = {
        lam: distance(tables, *pair(lam))
        for lam in known
        if lam in evidence.lams(tables, "linear_regression", SETTING, "l2_penalty")
    }
    if CHAPTER_LAM not in distances:
        raise NotMeasured(f"norm_constraint and l2_penalty at λ = {CHAPTER_LAM:g} in {SETTING}")
    numbers: dict[str, float | str] = {
        f"largest ‖difference of w‖/‖w‖ at λ = {lam:g}": float(apart.max()) for lam, apart in distances.items()
    }
    risks = [evidence.values(tables, key, "risk") for key in pair(CHAPTER_LAM)]
    numbers[f"largest relative difference of a run's risk at λ = {CHAPTER_LAM:g}"] = float(
        (risks[0] / risks[1] - 1).abs().max()
    )
    for lam in distances:
        if len(multiplier := minimisers.multipliers(tables, SETTING, lam)):
            name = f"descriptive: largest |multiplier of the constraint/λ − 1| of a run at λ = {lam:g}"
            numbers[name] = float(np.abs(multiplier / lam - 1).max())
    largest = max(float(apart.max()) for apart in distances.values())
    n = sum(map(len, distances.values()))
    return Measurement(largest, np.nan, np.nan, n, "largest distance of a run's weights, every λ", numbers=numbers)


def pair(lam: float) -> tuple[Key, Key]:
    """Constraint and penalty."""
    return evidence.linear("norm_constraint", lam, SETTING), evidence.linear("l2_penalty", lam, SETTING)


def distance(tables: Tables, a: Key, b: Key) -> pd.Series:
    """‖w_a − w_b‖/‖w_b‖ (the bias among the weights), by (seed, data_seed).

    A run that diverged, or whose weights are not finite, is infinitely far away.

    Raises:
        NotMeasured: if no weights of both were kept.
    """
    one, other = tables.predictions(a), tables.predictions(b)
    both = pd.DataFrame()
    if not one.empty and not other.empty:
        both = one.merge(other, on=[*evidence.PAIR, "item"], suffixes=("_a", "_b"))
    if both.empty:
        raise NotMeasured(f"the weights of {evidence.words(a)} and {evidence.words(b)} with common seeds")
    squares = both.assign(difference=(both["weight_a"] - both["weight_b"]) ** 2, size=both["weight_b"] ** 2)
    by_seed = squares.groupby(evidence.PAIR)[["difference", "size"]].sum(min_count=1)
    apart: pd.Series = np.sqrt(by_seed["difference"] / by_seed["size"]).fillna(np.inf)
    return apart


CLAIM = Claim(
    id="c08",
    statement="Constraining the norm of the weights and penalising it are equivalent.",
    section="Weight decay",
    estimand="largest ‖difference of w‖/‖w‖ of a run, norm constraint − L2 penalty, at every λ, at convergence",
    unit="relative",
    needs="linear_regression: converged, norm_constraint and l2_penalty with weights",
    rule=Identity(TOLERANCE),
    evaluate=evaluate,
    confirmatory=False,
    figure="weight-decay-equivalences",
    table="predictions_linear_regression, runs",
    amended="The risk decided, within a margin, and the weights were a condition. The risk hardly depends on λ "
    "there, so it could not have failed: now the weights decide.",
)
