"""Weight decay does no harm even when the true weights are large.

Not inferior: at λ = 3 the risk is at most 5 % above that without. From zero initial weights, so that there is no
initialisation whose removal could make up for the harm.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.tables import CHAPTER_LAM, Tables

ALLOWED = 0.05


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    spare = room(tables, "zero_init_large_weights")
    conditions, numbers = [], dict[str, float | str]()
    numbers["relative change of the risk"] = float(ALLOWED - spare.mean())
    try:
        other = room(tables, "large_weights")
        numbers["relative change of the risk from N(0, 1) initial weights"] = float(ALLOWED - other.mean())
        conditions.append(Condition("from N(0, 1) initial weights too", bool(other.mean() > 0)))
    except NotMeasured:
        pass
    return evidence.contrast(spare, rng, conditions, numbers)


def room(tables: Tables, setting: str) -> np.ndarray:
    """How far below the allowed harm the risk stays, relative to the mean risk at λ = 0, by seed."""
    none, decay = evidence.linear(setting=setting), evidence.linear("l2_penalty", CHAPTER_LAM, setting)
    risk = evidence.values(tables, none, "risk").mean()
    return ALLOWED - evidence.differences(tables, decay, none, "risk") / risk


CLAIM = Claim(
    id="c14",
    statement="Weight decay does no harm when the true weights are large.",
    section="Exercises: weight decay",
    estimand="5 % − relative increase of the risk at λ = 3 (zero_init_large_weights)",
    unit="relative",
    needs="weight_decay: zero_init_large_weights, none and l2_penalty at λ = 3",
    rule=AtLeast(),
    evaluate=evaluate,
)
