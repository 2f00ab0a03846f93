"""To fit noise the weights have to be large.

The same training sets with labels without noise and with σ = 0.1, both fitted exactly by the smallest weights that do:
how much larger is ‖w‖? "Large" is a condition: larger than the true weights, at n = 20, where 200 features leave much
room, and at n ≈ d, where they leave none. Another: SGD from zero initial weights has to find the same.
"""

import numpy as np

from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence, linear
from regularization.claims.linear_models import FROM_ZERO, elsewhere, task

SILENT = "zero_init_noise_0"
AT_D = "samples_190"


def evaluate(evidence: Evidence) -> Measurement:
    primary = growth(evidence, "ridge")
    trained = evidence.mean(growth(evidence, "none"))
    evidence.condition("trained", evidence.above(trained), value=trained)
    for setting, outcome, value in elsewhere(evidence, lambda name: above_truth(evidence, name), (FROM_ZERO, AT_D)):
        samples = None if value is None else task(evidence, setting).n_train
        evidence.condition("than_truth", outcome, samples=samples, value=value)
    silent, noisy = (evidence.values(linear("ridge", setting=one), "weight_norm").mean() for one in (SILENT, FROM_ZERO))
    evidence.number("norms", silent, noisy=noisy)
    return evidence.contrast(primary)


def growth(evidence: Evidence, method: str) -> np.ndarray:
    """‖w‖ with − without noise in the labels at λ = 0, by seed."""
    noisy, silent = (linear(method, setting=setting) for setting in (FROM_ZERO, SILENT))
    return evidence.differences(noisy, silent, "weight_norm")


def above_truth(evidence: Evidence, setting: str) -> np.ndarray:
    """‖w‖/‖w*‖ − 1 of the minimum-norm fit, by seed."""
    one = task(evidence, setting)
    norm = evidence.values(linear("ridge", setting=setting), "weight_norm")
    return norm.to_numpy() / (one.n_features**0.5 * abs(one.true_weight)) - 1


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-account-path", table="runs, settings")
