"""Weight decay does no harm even when the true weights are large.

Not inferior: at λ = 3 the risk is at most 5 % above that without. From zero initial weights, so that there is no
initialisation whose removal could make up for the harm. With 20 samples nine tenths of w* are out of reach with and
without decay, and only what was learnt can be lost. The statement names no sample size, so one condition is the same at
500 samples, for the minimiser, by its exact expected risk (which the table of theory has for the study's own sample
sizes only, so it is computed here, for the setting's features, weights and noise).
"""

import math
from contextlib import suppress

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear
from regularization.theory.ridge_risk import ridge_risk

ALLOWED = 0.05
SETTING = "zero_init_large_weights"
MANY = 500


def evaluate(evidence: Evidence) -> Measurement:
    harm = relative_increase(evidence, SETTING)
    evidence.number("relative", harm.mean())
    with suppress(NotMeasured):
        other = relative_increase(evidence, "large_weights")
        evidence.condition("from_initial_weights", evidence.highest(other) <= ALLOWED)
        evidence.number("relative_from_initial_weights", other.mean())
    ignorant, floor = (evidence.tables.constant(SETTING, name) for name in ("mean_predictor_risk", "noise_floor"))
    if ignorant is not None and floor is not None:
        risk = evidence.values(linear(setting=SETTING), "risk").mean()
        evidence.number("lost", harm.mean() * risk / (ignorant - risk))
        n_features = int(evidence.tables.setting("linear_regression", SETTING)["n_features"])
        many = minimisers_increase(n_features, ignorant - floor, floor, evidence.rng)
        evidence.condition("with_many_samples", many <= ALLOWED, samples=MANY)
        evidence.number("relative_with_many_samples", many, samples=MANY)
    return evidence.contrast(ALLOWED - harm)


def relative_increase(evidence: Evidence, setting: str) -> np.ndarray:
    """Risk at λ = 3 − at λ = 0, relative to the mean risk at λ = 0, by seed."""
    none, decay = linear(setting=setting), linear("l2_penalty", CHAPTER_LAM, setting)
    return evidence.differences(decay, none, "risk") / evidence.values(none, "risk").mean()


def minimisers_increase(d: int, signal: float, noise: float, rng: np.random.Generator) -> float:
    """The same for ridge with many samples of d features (one draw of the inputs is enough); signal ‖w*‖², noise σ²."""
    x, truth = rng.standard_normal((1, MANY, d)), np.full(d, math.sqrt(signal / d))
    without, with_decay = ridge_risk(x, truth, math.sqrt(noise), np.array([0.0, CHAPTER_LAM])).total[0]
    return float(with_decay / without - 1)


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-large-weights", table="runs, theory, settings")
