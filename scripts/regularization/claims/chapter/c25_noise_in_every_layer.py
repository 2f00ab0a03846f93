"""Noise in every layer regularises better than noise at the input alone.

The same Gaussian noise, fresh at every step: on the inputs, or on the inputs and every hidden layer, each at the
variance that validation data choose. A variance chosen at the edge of those tried may not be the best there is: a
condition. Dropout at the input alone was not trained and is not compared.
"""

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    at_input, everywhere = (evidence.chosen(tables, "samples_500", name) for name in ("input_noise", "layer_noise"))
    accuracy, notes = evidence.differences(tables, everywhere, at_input, "test_accuracy"), Notes()
    notes.condition("accuracy_higher", evidence.lowest(accuracy, rng) > 0)
    for key in (at_input, everywhere):
        evidence.check_the_edge(tables, key, notes)
    notes.number("chosen", at_input.lam, everywhere=everywhere.lam)
    notes.number("accuracy", accuracy.mean())
    both = [set(evidence.lams(tables, "fashion_mnist", "samples_500", key.method)) for key in (at_input, everywhere)]
    for lam in sorted(both[0] & both[1]):
        a, b = (evidence.network(key.method, lam) for key in (at_input, everywhere))
        notes.number("gained", evidence.differences(tables, a, b, "test_loss").mean(), lam=lam)
    return evidence.contrast(evidence.differences(tables, at_input, everywhere, "test_loss"), rng, notes)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="noise-injection")
