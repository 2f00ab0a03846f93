"""As λ goes to infinity the weights go to zero.

True of the minimiser, which ridge computes. At a fixed learning rate η, SGD diverges once η(λ + largest eigenvalue) is
above 2, so the largest λ of the study decides: does training leave a run less than 1 % of the weights it has at λ = 0?
That λ must lie beyond the boundary, or the verdict would depend on where the grid ends. Changed after a first look:
see `amended`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.analysis.statistics import proportion_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, InNearlyAll, Measurement, NotMeasured

SMALL = 0.01  # of the norm at λ = 0


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    lams = evidence.lams(tables, "linear_regression", "textbook", "l2_penalty")
    boundary = tables.constant("textbook", "stability_boundary")
    if boundary is None:
        raise NotMeasured("the stability boundary of textbook in theory")
    if not lams or lams[-1] <= boundary:
        raise NotMeasured(f"l2_penalty beyond the stability boundary, λ = {boundary:.4g}, in textbook")
    baseline = evidence.values(tables, evidence.linear(), "weight_norm")
    vanished = {lam: small(tables, lam, baseline) for lam in lams}
    largest = vanished[lams[-1]]
    if len(largest) < 2:
        raise NotMeasured("l2_penalty at the largest λ and none with common seeds in textbook")
    low, high = proportion_interval(int(largest.sum()), len(largest))
    everywhere = ", ".join(f"{lam:g}" for lam, there in vanished.items() if len(there) and there.all())
    ridge = tables.path("textbook", "ridge", "weight_norm")
    numbers: dict[str, float | str] = {
        "largest λ": lams[-1],
        "runs there that diverged": int(
            (tables.select(evidence.linear("l2_penalty", lams[-1]))["status"] != "ok").sum()
        ),
        "λ at which every run is below 1 %": everywhere or "none",
        "stability boundary, theory": boundary,
    }
    if len(ridge):
        numbers[f"‖w‖ of the minimiser (ridge) at λ = {ridge['lam'].iloc[-1]:g}"] = float(ridge["mean"].iloc[-1])
    return Measurement(
        float(largest.mean()), low, high, len(largest), "share of runs, Wilson interval", numbers=numbers
    )


def small(tables: Tables, lam: float, baseline: pd.Series) -> np.ndarray:
    """Which runs end, without diverging, below 1 % of the same seed's norm at λ = 0."""
    runs = tables.select(evidence.linear("l2_penalty", lam)).set_index(evidence.PAIR)
    runs = runs[runs.index.isin(baseline.index)]
    found: np.ndarray = ((runs["status"] == "ok") & (runs["weight_norm"] < SMALL * baseline[runs.index])).to_numpy()
    return found


CLAIM = Claim(
    id="c06",
    statement="As λ grows without limit, training brings the weights to zero.",
    section="Weight decay",
    estimand="share of runs at the largest λ whose ‖w‖ is below 1 % of that at λ = 0 (textbook)",
    unit="share",
    needs="linear_regression: textbook, none, and l2_penalty at λ beyond the stability boundary",
    rule=InNearlyAll(0.95),
    evaluate=evaluate,
    confirmatory=False,
    figure="weight-decay-stability",
    table="runs, theory",
    amended="The largest λ had to be at least a fixed number; now it has to lie beyond the stability boundary of "
    "theory, so that the verdict does not depend on where the grid ends.",
)
