"""Noise in every layer regularises better than noise at the input alone.

Gaussian noise of the same family in both places, each at the variance that validation data choose.
"""

from __future__ import annotations

import numpy as np

from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    at_input, everywhere = (evidence.chosen(tables, "samples_500", name) for name in ("input_noise", "layer_noise"))
    accuracy = evidence.differences(tables, everywhere, at_input, "test_accuracy").mean()
    numbers: dict[str, float | str] = {
        "variance chosen at the input, in every layer": f"{at_input.lam:g}, {everywhere.lam:g}",
        "accuracy gained by noise in every layer": accuracy,
    }
    conditions = [Condition("test accuracy is higher too", bool(accuracy > 0))]
    return evidence.contrast(evidence.differences(tables, at_input, everywhere, "test_loss"), rng, conditions, numbers)


CLAIM = Claim(
    id="c25",
    statement="Noise injected into every layer regularises better than noise at the input alone.",
    section="Dropout",
    estimand="test cross-entropy, noise at the input − noise in every layer, each tuned on validation data",
    unit="nats",
    needs="dropout: samples_500, input_noise and layer_noise",
    rule=AtLeast(),
    evaluate=evaluate,
)
