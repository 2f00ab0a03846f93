"""Usual values of λ, 0.001 and 0.01, help a network only a little.

"A little" as an equivalence: test accuracy within 0.3 points of no weight decay, at λ = 0.001. Conditions: the same at
0.01, and the cross-entropy within 5 % at both.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import Equivalence, equivalence
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, Within

MARGIN = 0.003  # of accuracy
LOSS_MARGIN = 0.05  # of the cross-entropy without weight decay
PRIMARY, OTHER = 0.001, 0.01


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    baseline = evidence.values(tables, evidence.network(), "test_loss").mean()
    accuracy = {lam: change(tables, lam, "test_accuracy", MARGIN) for lam in (PRIMARY, OTHER)}
    loss = {lam: change(tables, lam, "test_loss", LOSS_MARGIN, baseline) for lam in (PRIMARY, OTHER)}
    conditions = (
        Condition(f"accuracy at λ = {OTHER:g} too", accuracy[OTHER].equivalent),
        *(Condition(f"cross-entropy at λ = {lam:g} within 5 %", loss[lam].equivalent) for lam in loss),
    )
    numbers: dict[str, float | str] = {f"accuracy, λ = {OTHER:g} − 0": accuracy[OTHER].effect}
    for lam, found in loss.items():
        numbers[f"relative change of the cross-entropy, λ = {lam:g}"] = found.effect
    return Measurement.of(accuracy[PRIMARY], conditions=conditions, numbers=numbers)


def change(tables: Tables, lam: float, metric: str, margin: float, unit: float = 1.0) -> Equivalence:
    """λ − no weight decay, in units of `unit`, against ± margin."""
    difference = evidence.differences(tables, evidence.network("weight_decay", lam), evidence.network(), metric)
    return equivalence(difference / unit, low=-margin, high=margin)


CLAIM = Claim(
    id="c13",
    statement="Weight decay of the usual strength, 0.001 or 0.01, helps a network only a little.",
    section="Exercises: weight decay",
    estimand="test accuracy, λ = 0.001 − λ = 0, 500 images",
    unit="accuracy",
    needs="fashion_mnist: samples_500, none and weight_decay at 0.001 and 0.01",
    rule=Within(-MARGIN, MARGIN),
    evaluate=evaluate,
    figure="dropout-grid",
)
