"""Dropout is easier to tune than weight decay.

Easy: a random search of three tries, drawn from the method's effective range and decided on validation data, ends
close to the best that the method can do. Condition: a larger share of that range is within half a percentage point of
the best accuracy. The effective range is given to both. That p lies between 0 and 1, while λ has to be found over
powers of ten, is an ease of dropout that this comparison leaves out.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis import tuning
from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured

TRIES = 3


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    grids = {method: grid(tables, method) for method in ("weight_decay", "dropout")}
    share = {method: tuning.share_close(found, "test_accuracy") for method, found in grids.items()}
    more = (share["dropout"] - share["weight_decay"]).dropna()
    conditions = [
        Condition(
            "a larger share of its range is within 0.5 points of the best accuracy", mean_interval(more, rng=rng)[0] > 0
        )
    ]
    regret = {method: tuning.regret_of_search(found, "test_loss", TRIES) for method, found in grids.items()}
    numbers: dict[str, float | str] = {}
    for method, found in grids.items():
        name, inside = method.replace("_", " "), found.strengths[found.effective]
        cut = ", cut off by the grid" if inside[-1] == found.strengths[-1] else ""
        numbers[f"effective range, {name}"] = f"{inside[0]:g} to {inside[-1]:g}, {len(inside)} strengths{cut}"
        numbers[f"regret of three tries, {name}"] = float(regret[method].mean())
        numbers[f"regret of one try, {name}"] = float(tuning.regret_of_search(found, "test_loss", 1).mean())
        numbers[f"share within 0.5 points, {name}"] = float(share[method].mean())
        numbers[f"share within 5 % of the cross-entropy, {name}"] = float(tuning.share_close(found, "test_loss").mean())
    difference = (regret["weight_decay"] - regret["dropout"]).dropna()
    return evidence.contrast(difference, rng, conditions, numbers)


def grid(tables: Tables, method: str) -> tuning.Grid:
    """A method's grid at 500 images with as many effective strengths as are tried."""
    found = tuning.grid(tables.runs, "fashion_mnist", "samples_500", method)
    if found is None or found.effective.sum() < TRIES:
        raise NotMeasured(f"three effective strengths of {method} in samples_500")
    return found


CLAIM = Claim(
    id="c33",
    statement="Dropout is easier to tune than weight decay.",
    section="Dropout",
    estimand="regret in test cross-entropy of the best of three random strengths, weight decay − dropout",
    unit="nats",
    needs="fashion_mnist: samples_500, weight_decay and dropout, at least three effective strengths each",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="tuning",
    table="runs, tuning",
    amended="Before the epochs were cut by a quarter, for time, the verdict was contradicted: it is close.",
)
