"""A hard constraint on the norm and a penalty on it are equivalent: each λ has a radius with the same solution."""

import numpy as np
import pandas as pd

from regularization.claims import linear_models
from regularization.claims.kit import CHAPTER_LAM, PAIR, Claim, Evidence, Identity, Measurement, NotMeasured, linear
from regularization.naming import Key

TOLERANCE = 1e-6
SETTING = "converged"


def evaluate(evidence: Evidence) -> Measurement:
    constrained, penalised = (
        evidence.lams("linear_regression", SETTING, method) for method in ("norm_constraint", "l2_penalty")
    )
    distances = {lam: distance(evidence, *pair(lam)) for lam in constrained if lam in penalised}
    if CHAPTER_LAM not in distances:
        raise NotMeasured("lacks_methods", lam=CHAPTER_LAM, setting=SETTING)
    for lam, apart in distances.items():
        evidence.number("distance", apart.max(), lam=lam)
    one, other = (evidence.values(key, "risk") for key in pair(CHAPTER_LAM))
    evidence.number("relative_risk", (one / other - 1).abs().max(), lam=CHAPTER_LAM)
    for lam in distances:
        if len(multiplier := linear_models.multipliers(evidence, SETTING, lam)):
            evidence.number("multiplier", np.abs(multiplier / lam - 1).max(), lam=lam)
    largest = max(float(apart.max()) for apart in distances.values())
    return Measurement(largest, np.nan, np.nan, sum(map(len, distances.values())), notes=evidence)


def pair(lam: float) -> tuple[Key, Key]:
    """Constraint and penalty."""
    return linear("norm_constraint", lam, SETTING), linear("l2_penalty", lam, SETTING)


def distance(evidence: Evidence, a: Key, b: Key) -> pd.Series:
    """‖w_a − w_b‖/‖w_b‖ (the bias among the weights), by (seed, data_seed).

    A run that diverged, or whose weights are not finite, is infinitely far away. Raises `NotMeasured` if no weights of
    both were kept.
    """
    one, other = evidence.tables.predictions(a), evidence.tables.predictions(b)
    if one.empty or other.empty or (both := one.merge(other, on=[*PAIR, "item"], suffixes=("_a", "_b"))).empty:
        raise NotMeasured("lacks_pairs", metric="weight", keys=(a, b))
    squares = both.assign(difference=(both["weight_a"] - both["weight_b"]) ** 2, size=both["weight_b"] ** 2)
    by_seed = squares.groupby(PAIR)[["difference", "size"]].sum(min_count=1)
    return np.sqrt(by_seed["difference"] / by_seed["size"]).fillna(np.inf)


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate)
