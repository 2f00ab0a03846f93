"""Constraint, input noise, input dropout and early stopping against ridge, by numerical optimisation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from regularization.theory.equivalences import (
    constraint_multiplier,
    constraint_radius,
    early_stopping_steps,
    input_dropout_weights,
)
from regularization.theory.ridge import ridge_weights
from regularization.theory.trajectory import gradient_descent


def regression(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((1, n, d)) * rng.uniform(0.5, 2, d) + rng.standard_normal(d), rng.standard_normal(
        (1, n, 1)
    ) + 0.7


@given(n=st.integers(2, 10), d=st.integers(1, 10), lam=st.floats(0.01, 100), seed=st.integers(0, 2**32))
def test_the_multiplier_of_the_constraint_at_ridge_s_norm_is_lam(n, d, lam, seed):
    x, y = regression(seed, n, d)
    weights, _ = ridge_weights(x, y, np.full((1, 1, 1), lam))
    assert constraint_multiplier(x, y, weights)[0, 0] == pytest.approx(lam, rel=1e-6)


def test_the_constrained_minimiser_is_ridge():
    """Solved as a constrained problem by sequential quadratic programming, which knows nothing of ridge."""
    x, y = regression(0, 8, 5)
    lam = np.full((1, 1, 1), 0.6)
    radius = constraint_radius(x, y, lam)[0, 0, 0]
    solution = optimize.minimize(
        lambda u: np.mean((y[0, :, 0] - x[0] @ u[:-1] - u[-1]) ** 2) / 2,
        np.zeros(6),
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda u: radius**2 - u[:-1] @ u[:-1]},
        options={"ftol": 1e-15, "maxiter": 500},
    )
    weights, intercepts = ridge_weights(x, y, lam)
    np.testing.assert_allclose(solution.x, [*weights[0, :, 0], intercepts[0, 0, 0]], atol=1e-6)


def test_a_slack_constraint_has_multiplier_0():
    x, y = regression(1, 20, 5)
    weights, _ = ridge_weights(x, y, np.zeros((1, 1, 1)))
    assert constraint_radius(x, y, np.zeros((1, 1, 1)))[0, 0, 0] == np.inf
    assert constraint_multiplier(x, y, weights)[0, 0] == pytest.approx(0, abs=1e-12)


def test_gradients_under_input_noise_average_to_the_ridge_gradient():
    """Monte Carlo over 20,000 draws of the noise at arbitrary weights; 5 standard errors in every component."""
    x, y = (part[0] for part in regression(2, 6, 4))
    rng, lam, w = np.random.default_rng(3), 0.8, np.array([0.5, -1.0, 0.2, 0.0])
    noisy = x + lam**0.5 * rng.standard_normal((20_000, *x.shape))
    gradients = np.einsum("rnd,rn->rd", noisy, noisy @ w - y[:, 0]) / len(x)
    ridge_gradient = x.T @ (x @ w - y[:, 0]) / len(x) + lam * w
    assert (np.abs(gradients.mean(axis=0) - ridge_gradient) < 5 * gradients.std(axis=0) / 20_000**0.5).all()


@given(n=st.integers(2, 8), d=st.integers(1, 8), p=st.floats(0.05, 0.95), seed=st.integers(0, 2**32))
def test_input_dropout_s_minimiser_zeroes_the_gradient_of_the_expected_loss(n, d, p, seed):
    """The expectation written out: Var(x_ij·M_ij) = x_ij²·p/(1−p), independent over i and j."""
    x, y = regression(seed, n, d)
    weights, intercepts = input_dropout_weights(x, y, p)
    w, error = weights[0, :, 0], (x @ weights + intercepts - y)[0, :, 0]
    gradient = x[0].T @ error + (x[0] ** 2 * p / (1 - p)).sum(axis=0) * w
    np.testing.assert_allclose(gradient, 0, atol=1e-8 * np.abs(x).sum())
    assert error.sum() == pytest.approx(0, abs=1e-8)


def test_input_dropout_minimises_the_loss_averaged_over_every_mask():
    """All 2⁶ masks of three samples with two features, each with its probability, by a general optimiser."""
    x, y = (part[0] for part in regression(4, 3, 2))
    p = 0.3
    masks = (np.arange(64)[:, None] >> np.arange(6) & 1).reshape(64, 3, 2)
    probability = (1 - p) ** masks.sum(axis=(1, 2)) * p ** (6 - masks.sum(axis=(1, 2)))

    def expected_loss(u: np.ndarray) -> float:
        error = (x * masks / (1 - p)) @ u[:-1] + u[-1] - y[:, 0]
        return float(probability @ (error**2).sum(axis=1))

    solution = optimize.minimize(expected_loss, np.zeros(3), tol=1e-12)
    weights, intercepts = input_dropout_weights(x[None], y[None], p)
    np.testing.assert_allclose(solution.x, [*weights[0, :, 0], intercepts[0, 0, 0]], atol=1e-5)


def test_input_dropout_is_ridge_where_every_feature_has_the_same_power_and_not_elsewhere():
    x, y = regression(5, 10, 4)
    even = x / np.sqrt((x**2).mean(axis=1, keepdims=True))
    lam = np.full((1, 1, 1), 0.25 / 0.75)
    np.testing.assert_allclose(input_dropout_weights(even, y, 0.25)[0], ridge_weights(even, y, lam)[0], rtol=1e-9)
    assert np.abs(input_dropout_weights(x, y, 0.25)[0] - ridge_weights(x, y, lam)[0]).max() > 1e-3


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.5])
def test_input_dropout_needs_a_probability_strictly_between_0_and_1(p):
    with pytest.raises(ValueError, match="p must lie strictly between 0 and 1"):
        input_dropout_weights(*regression(6, 4, 2), p)


@pytest.mark.parametrize("lam", [0.5, 2.0, 20.0])
def test_stopping_after_the_time_1_over_lam_shrinks_about_as_much_as_ridge(lam):
    """Ali et al. 2019: excess risk within a factor 1.69 of ridge's; here the weights' norms within 35 %."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((20, 20, 200))
    y = x @ np.full(200, 0.05) + 0.1 * rng.standard_normal((20, 20))
    steps = early_stopping_steps(0.001, lam)
    w, _ = gradient_descent(x, y, np.zeros((20, 200)), np.zeros(20), 0.001, 0.0, np.array([steps]))
    ridge, _ = ridge_weights(x, y[:, :, None], np.full((1, 1, 1), lam))
    ratio = np.linalg.norm(w[:, 0], axis=1) / np.linalg.norm(ridge[:, :, 0], axis=1)
    assert (ratio > 0.9).all()
    assert (ratio < 1.35).all()


def test_early_stopping_never_stops_without_lam():
    assert early_stopping_steps(0.003, 3) == 111
    assert [early_stopping_steps(0.25, lam) for lam in (0.8, 1.6, 3.2)] == [5, 2, 1]  # 1/(ηλ) = 5, 2.5 and 1.25
    with pytest.raises(ValueError, match="lam must be positive"):
        early_stopping_steps(0.003, 0)
