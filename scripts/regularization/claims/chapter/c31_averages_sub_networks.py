"""Inference with all units averages the sub-networks that dropout trained.

Weight scaling (ordinary inference) against the mean prediction of 30 sampled sub-networks. Margin: 0.3 points of
accuracy, the study's margin for "no difference"; cross-entropy within 5 % as a condition.
"""

from __future__ import annotations

import numpy as np

from regularization.analysis.statistics import equivalence
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import Claim, Condition, Measurement, Within

MARGIN = 0.003  # of accuracy
LOSS_MARGIN = 0.05  # of the cross-entropy


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    key = evidence.dropped(0.5)
    scaled, averaged = (
        {part: evidence.probe(tables, key, f"{name}_{part}", level) for part in ("accuracy", "loss")}
        for name, level in (("weight_scaling", None), ("mask_average", 30))
    )
    difference = (scaled["accuracy"] - averaged["accuracy"]).dropna()
    loss = (scaled["loss"] - averaged["loss"]).dropna() / averaged["loss"].mean()
    agrees = equivalence(loss.to_numpy(), low=-LOSS_MARGIN, high=LOSS_MARGIN)
    conditions = (
        Condition(f"cross-entropy agrees within 5 % (differs by {100 * agrees.effect:.3g} %)", agrees.equivalent),
    )
    numbers: dict[str, float | str] = {"relative difference of cross-entropy": float(loss.mean())}
    for k in (1, 3, 10, 30):
        numbers[f"accuracy of the mean of {k} masks"] = float(
            evidence.probe(tables, key, "mask_average_accuracy", k).mean()
        )
    numbers["accuracy of weight scaling"] = float(scaled["accuracy"].mean())
    found = equivalence(difference.to_numpy(), low=-MARGIN, high=MARGIN)
    return Measurement.of(found, conditions=conditions, numbers=numbers)


CLAIM = Claim(
    id="c31",
    statement="A network trained with dropout averages its sub-networks at inference.",
    section="Dropout",
    estimand="accuracy of weight scaling − accuracy of the mean over 30 masks, p = 0.5",
    unit="accuracy",
    needs="fashion_mnist: samples_500, dropout 0.5 with probes",
    rule=Within(-MARGIN, MARGIN),
    evaluate=evaluate,
    figure="mask-average",
    table="probes",
    amended="Before the epochs were cut by a quarter, for time, the verdict was inconclusive: it is close.",
)
