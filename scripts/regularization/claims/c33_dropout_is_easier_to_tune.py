"""Dropout is easier to tune than weight decay.

Easy: a random search of three tries over the effective range ends close to the best the method can do. Condition: a
larger share of the effective range is within 5 % of the best cross-entropy.
"""

from __future__ import annotations

import numpy as np

from regularization import tuning
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    grids = {}
    for method in ("weight_decay", "dropout"):
        found = tuning.grid(tables.runs, "dropout", "samples_500", method, "test_loss")
        if found is None or found.effective.sum() < 3:
            raise NotMeasured(f"three effective strengths of {method} in samples_500")
        grids[method] = found
    regret = {method: tuning.regret_of_search(found, 3) for method, found in grids.items()}
    share = {method: tuning.share_close(found, "test_loss") for method, found in grids.items()}
    numbers: dict[str, float | str] = {}
    for method, values in regret.items():
        name = method.replace("_", " ")
        numbers[f"regret of three tries, {name}"] = float(values.mean())
        numbers[f"share of the range within 5 %, {name}"] = share[method]
    conditions = [
        Condition("a larger share of its range is close to the best", share["dropout"] > share["weight_decay"])
    ]
    n = min(map(len, regret.values()))
    return evidence.contrast(regret["weight_decay"][:n] - regret["dropout"][:n], rng, conditions, numbers)


CLAIM = Claim(
    id="c33",
    statement="Dropout is easier to tune than weight decay.",
    section="Dropout",
    estimand="regret in test cross-entropy of the best of three random strengths, weight decay − dropout",
    unit="nats",
    needs="dropout: samples_500, weight_decay and dropout, at least three effective strengths each",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="tuning",
    table="runs, tuning",
)
