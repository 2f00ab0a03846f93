"""Larger λ means smaller weights, in every single seed: ‖w‖ falls strictly along all λ up to 100."""

from itertools import pairwise

from regularization.claims.kit import Claim, Evidence, InNearlyAll, Measurement, NotMeasured, linear

UP_TO = 100.0


def evaluate(evidence: Evidence) -> Measurement:
    lams = evidence.lams("linear_regression", "textbook", "l2_penalty")
    inside = [lam for lam in lams if lam <= UP_TO]
    if len(inside) < 2:
        raise NotMeasured("lacks_lams")
    keys = [linear(), *(linear("l2_penalty", lam) for lam in inside)]
    norms = evidence.table_of("weight_norm", keys)
    decreasing = int((norms.diff(axis=1).iloc[:, 1:] < 0).all(axis=1).sum())
    means = {lam: evidence.tables.select(linear("l2_penalty", lam))["weight_norm"].mean() for lam in lams}
    rising = [lam for before, lam in pairwise(lams) if not means[lam] < means[before]]
    evidence.number("norms", norms=dict(zip([0.0, *inside], norms.mean(), strict=True)))
    evidence.number("first_rise", lams=rising)
    return Measurement.share(decreasing, len(evidence.tables.select(keys[0])), evidence)


CLAIM = Claim(__name__, InNearlyAll(0.95), evaluate)
