"""A smaller ball ‖w‖² ≤ θ regularises more, and for every θ there is a λ with the same solution."""

import numpy as np

from regularization.claims.kit import Case, Claim, Evidence, Identity, Measurement, NotMeasured, linear
from regularization.claims.linear_models import task, training_data
from regularization.theory.equivalences import constraint_multiplier
from regularization.theory.ridge import ridge_weights

SETTING, SETS, STEPS = "zero_init_noise_0.1", 10, 1_000
SHARES = np.array([0.9, 0.5, 0.1, 0.01])  # of ‖ŵ‖² at λ = 0
TOLERANCE, NOTHING = 1e-6, 1e-24


def evaluate(evidence: Evidence) -> Measurement:
    x, y = (part[:SETS] for part in training_data(evidence, SETTING))
    targets = np.repeat(y, len(SHARES), axis=2)
    free, _ = ridge_weights(x, targets, np.zeros(1))
    theta = SHARES * (free**2).sum(axis=1, keepdims=True)
    if theta.min() < NOTHING:
        raise NotMeasured("nothing_learnt", key=linear("ridge", setting=SETTING))
    constrained = projected(x, targets, theta)
    lam = constraint_multiplier(x, targets, constrained)[:, None]
    penalised, intercept = ridge_weights(x, targets, lam)
    apart = np.linalg.norm(constrained - penalised, axis=1) / np.linalg.norm(penalised, axis=1)
    cases = [
        Case(f"theta = {share:g}", "", "weights", float(found), TOLERANCE)
        for share, found in zip(SHARES, apart.max(axis=0), strict=True)
    ]
    for share, found in zip(SHARES, lam.mean(axis=(0, 1)), strict=True):
        evidence.number("lam", found, share=share)
    one = task(evidence, SETTING)
    train = ((targets - x @ penalised - intercept) ** 2).mean(axis=1)
    error = ((penalised - one.true_weight) ** 2).sum(axis=1) + (intercept[:, 0] - one.true_bias) ** 2
    gap = one.noise_std**2 + error - train
    falls = int((np.diff(gap, axis=1) < 0).all(axis=1).sum())
    evidence.condition("regularises_more", falls == len(gap), sets=falls, of=len(gap))
    return Measurement.identity(cases, apart.size, evidence, cases)


def projected(x: np.ndarray, y: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Minimise the training loss in the ball by projected gradient descent from 0, with a step of 1/L."""
    x, y = (part - part.mean(axis=1, keepdims=True) for part in (x, y))
    rate = 1 / np.linalg.norm(x, 2, axis=(1, 2))[:, None, None] ** 2
    w = np.zeros((len(x), x.shape[2], y.shape[2]))
    for _ in range(STEPS):
        w = w - rate * (x.swapaxes(1, 2) @ (x @ w - y))
        w *= np.minimum(1, np.sqrt(theta / np.maximum((w**2).sum(axis=1, keepdims=True), 1e-300)))
    return w


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate)
