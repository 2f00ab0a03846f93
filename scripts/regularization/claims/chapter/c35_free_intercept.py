"""Only the weights are penalised; the intercept is left free, and that is the better choice."""

from dataclasses import replace

import numpy as np

from regularization.claims.kit import CHAPTER_LAM, AtLeast, Claim, Differences, Evidence
from regularization.claims.linear_models import task, training_data
from regularization.settings import LinearRegressionSetting
from regularization.theory.ridge import ridge_weights

FAR = 1.0  # b*, seven times the standard deviation of the signal


def evaluate(evidence: Evidence) -> Differences:
    evidence.elsewhere("elsewhere", harm, ["textbook_noise_0.1"])
    evidence.shown("far_mean", harm(evidence, "textbook", FAR), intercept=FAR)
    one, free = task(evidence, "textbook"), ridge_weights(*training_data(evidence, "textbook"), np.array([CHAPTER_LAM]))
    evidence.number("true_intercept", one.true_bias, free=risk(one, *free).mean())
    return harm(evidence, "textbook")


def harm(evidence: Evidence, setting: str, true_bias: float | None = None) -> np.ndarray:
    """Exact risk of the minimiser with a penalised − with a free intercept, by seed; b* as in the setting if None."""
    one = task(evidence, setting)
    x, y = training_data(evidence, setting)
    if true_bias is not None:
        y, one = y + (true_bias - one.true_bias), replace(one, true_bias=true_bias)
    free = ridge_weights(x, y, np.full((1, 1, 1), CHAPTER_LAM))
    z = np.concatenate([x, np.ones((*x.shape[:2], 1))], axis=2)
    dual = np.linalg.solve(z @ z.swapaxes(1, 2) + x.shape[1] * CHAPTER_LAM * np.eye(x.shape[1]), y)
    decayed = z.swapaxes(1, 2) @ dual
    return risk(one, decayed[:, :-1], decayed[:, -1:]) - risk(one, *free)


def risk(one: LinearRegressionSetting, weights: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """σ² + ‖w − w*‖² + (b − b*)², shape (seeds,)."""
    errors = ((weights - one.true_weight) ** 2).sum(axis=(1, 2)) + (intercept[:, 0, 0] - one.true_bias) ** 2
    return np.asarray(one.noise_std**2 + errors)


CLAIM = Claim(__name__, AtLeast(), evaluate)
