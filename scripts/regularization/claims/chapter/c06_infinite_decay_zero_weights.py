"""As λ goes to infinity the weights go to zero."""

import numpy as np

from regularization.claims.kit import PAIR, Claim, Evidence, InNearlyAll, Measurement, NotMeasured, linear
from regularization.claims.linear_models import training_data
from regularization.theory.ridge import ridge_weights

SMALL = 0.01  # of the norm at λ = 0
LAMS = np.array([0.0, *10.0 ** np.arange(7)])


def evaluate(evidence: Evidence) -> Measurement:
    x, y = training_data(evidence, "textbook")
    weights, _ = ridge_weights(x, np.repeat(y, len(LAMS), axis=2), LAMS)
    norms = np.linalg.norm(weights, axis=1)
    vanish = (np.diff(norms) < 0).all(axis=1) & (norms[:, -1] < SMALL * norms[:, 0])
    evidence.number("norms", norms=dict(zip(LAMS.tolist(), norms.mean(axis=0).tolist(), strict=True)))
    training(evidence)
    return Measurement.share(int(vanish.sum()), len(vanish), evidence)


def training(evidence: Evidence) -> None:
    """What training does at the largest λ below the stability boundary, and beyond it."""
    lams = evidence.lams("linear_regression", "textbook", "l2_penalty")
    boundary = evidence.tables.constant("textbook", "stability_boundary")
    if boundary is None or not (stable := [lam for lam in lams if lam < boundary]):
        raise NotMeasured("lacks_boundary")
    baseline = evidence.values(linear(), "weight_norm")
    runs = evidence.tables.select(linear("l2_penalty", stable[-1])).set_index(PAIR)
    runs = runs[runs.index.isin(baseline.index)]
    small = (runs["status"] == "ok") & (runs["weight_norm"] < SMALL * baseline[runs.index])
    evidence.condition("trained", bool(small.all()), lam=stable[-1], small=int(small.sum()), runs=len(runs))
    evidence.number("boundary", boundary)
    for lam in (lam for lam in lams if lam > boundary):
        beyond = evidence.tables.select(linear("l2_penalty", lam))
        evidence.number("beyond", int((beyond["status"] != "ok").sum()), lam=lam, runs=len(beyond))


CLAIM = Claim(__name__, InNearlyAll(0.95), evaluate)
