"""Large weights cause overfitting.

An intervention on the weights alone: the same data and noise, trained from large and from zero initial weights, at
λ = 0. Gap: exact risk − training loss. If size itself is the cause, weights that are large because the truth is large
must overfit more as well. So the condition raises w* tenfold, from zero initial weights, and compares the gap as a
share of what there is to predict, Var y = σ² + ‖w*‖².
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.claims.overfitting import gap

SMALL, LARGE = "zero_init_noise_0.1", "zero_init_large_weights"


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    large, zero, notes = evidence.linear(), evidence.linear(setting="zero_init"), Notes()
    difference = (gap(tables, large) - gap(tables, zero)).dropna()
    if len(difference) < 2:
        raise NotMeasured("lacks_seeds")
    notes.number("norms", norm(tables, "textbook"), from_zero=norm(tables, "zero_init"))
    unseen = (evidence.values(tables, large, "null_space_norm") ** 2).mean()
    notes.number("unseen", unseen / difference.mean())
    variance = {name: tables.constant(name, "mean_predictor_risk") for name in (SMALL, LARGE)}
    with suppress(NotMeasured):
        gaps = {name: gap(tables, evidence.linear(setting=name)) for name in (SMALL, LARGE)}
        if variance[SMALL] and variance[LARGE]:
            share = {name: gaps[name] / variance[name] for name in gaps}
            notes.condition("larger_share", evidence.lowest((share[LARGE] - share[SMALL]).dropna(), rng) > 0)
            notes.number("shares", small=share[SMALL].mean(), large=share[LARGE].mean())
            notes.number("true_norms", small=norm(tables, SMALL), large=norm(tables, LARGE))
    return evidence.contrast(difference, rng, notes)


def norm(tables: Tables, setting: str) -> float:
    """Mean ‖w‖ at λ = 0."""
    return float(evidence.values(tables, evidence.linear(setting=setting), "weight_norm").mean())


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-account", table="runs, theory")
