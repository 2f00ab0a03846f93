"""As λ goes to infinity the weights go to zero.

True of the minimiser. At a fixed learning rate η, SGD diverges once η(λ + largest eigenvalue) > 2, so the largest λ of
the study decides: are the weights below 1 % of their size at λ = 0?
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import Claim, InNearlyAll, Measurement, NotMeasured
from regularization.statistics import proportion_interval
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lams = evidence.lams(tables, "weight_decay", "textbook", "l2_penalty")
    if not lams or lams[-1] < 200:
        raise NotMeasured("l2_penalty at λ of 200 or more in textbook")
    baseline = evidence.values(tables, evidence.linear(), "weight_norm").mean()
    shares = {lam: small(tables, lam, baseline) for lam in lams}
    low, high = proportion_interval(int(shares[lams[-1]].sum()), len(shares[lams[-1]]))
    shrunk = [lam for lam in lams if shares[lam].mean() == 1]
    boundary = tables.constant("textbook", "stability_boundary")
    ridge = tables.path("textbook", "ridge", "weight_norm")["mean"]
    numbers: dict[str, float | str] = {
        "largest λ": lams[-1],
        "λ at which every run is below 1 %": ", ".join(f"{lam:g}" for lam in shrunk) or "none",
        "stability boundary, theory": "unknown" if boundary is None else boundary,
        "ridge's ‖w‖ at its largest λ": float(ridge.iloc[-1]) if len(ridge) else "not run",
    }
    largest = shares[lams[-1]]
    return Measurement(float(largest.mean()), low, high, len(largest), "share of runs", numbers=numbers)


def small(tables: Tables, lam: float, baseline: float) -> np.ndarray:
    """Which runs end, without diverging, below 1 % of the weights at λ = 0."""
    runs = tables.select(evidence.linear("l2_penalty", lam))
    found: np.ndarray = ((runs["status"] == "ok") & (runs["weight_norm"] < 0.01 * baseline)).to_numpy()
    return found


CLAIM = Claim(
    id="c06",
    statement="As λ goes to infinity the weights go to zero.",
    section="Weight decay",
    estimand="share of runs at the largest λ whose ‖w‖ is below 1 % of that at λ = 0 (textbook)",
    unit="share",
    needs="weight_decay: textbook, l2_penalty at λ beyond the stability boundary",
    rule=InNearlyAll(0.95),
    evaluate=evaluate,
    confirmatory=False,
    figure="weight-decay-norm",
)
