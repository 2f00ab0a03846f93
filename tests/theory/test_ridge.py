"""Ridge regression's closed form, its exact and its asymptotic risk, and what amounts to it, against references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize
from sklearn.linear_model import LinearRegression, Ridge

from regularization.theory.asymptotic import asymptotic_ridge_risk, excess_risk
from regularization.theory.equivalences import (
    constraint_multiplier,
    constraint_radius,
    early_stopping_steps,
    input_dropout_weights,
)
from regularization.theory.ridge import ridge_weights
from regularization.theory.ridge_risk import PrincipalAxes, optimal_lam, principal_axes, ridge_risk


def regression(
    rng: np.random.Generator, groups: int, n: int, d: int, columns: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs with unequal means and scales, and targets, so that neither centring nor isotropy comes for free."""
    x = rng.standard_normal((groups, n, d)) * rng.uniform(0.5, 2, d) + rng.standard_normal(d)
    return x, rng.standard_normal((groups, n, columns)) + 0.7


@given(n=st.integers(2, 12), d=st.integers(1, 12), lam=st.floats(1e-3, 1e3), seed=st.integers(0, 2**32))
def test_ridge_weights_minimise_the_objective_that_scikit_learn_minimises(n, d, lam, seed):
    """scikit-learn's objective ‖y − Xw − b‖² + α‖w‖² is ours times 2n: α = nλ."""
    x, y = regression(np.random.default_rng(seed), 2, n, d, columns=3)
    lams = np.array([lam, 2 * lam, 0.5 * lam])
    weights, intercepts = ridge_weights(x, y, lams[None, None, :])
    for group in range(2):
        for column in range(3):
            reference = Ridge(alpha=n * lams[column], solver="svd").fit(x[group], y[group, :, column])
            np.testing.assert_allclose(weights[group, :, column], reference.coef_, rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(intercepts[group, 0, column], reference.intercept_, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(5, 12), (12, 12), (13, 12), (30, 12)])
def test_at_lam_0_ridge_is_least_squares_of_minimum_norm(n, d):
    x, y = regression(np.random.default_rng(1), 1, n, d)
    weights, intercepts = ridge_weights(x, y, np.zeros((1, 1, 1)))
    reference = LinearRegression().fit(x[0], y[0, :, 0])  # LAPACK's gelsd: minimum norm where there are many
    np.testing.assert_allclose(weights[0, :, 0], reference.coef_, rtol=1e-8)
    np.testing.assert_allclose(intercepts[0, 0, 0], reference.intercept_, rtol=1e-8)
    if n <= d:
        np.testing.assert_allclose(x @ weights + intercepts, y, atol=1e-9)


def test_ridge_tends_to_the_minimum_norm_solution_as_lam_tends_to_0():
    x, y = regression(np.random.default_rng(2), 1, 6, 15)
    limit, _ = ridge_weights(x, y, np.zeros((1, 1, 1)))
    distance = [np.linalg.norm(ridge_weights(x, y, np.full((1, 1, 1), lam))[0] - limit) for lam in (1e-2, 1e-4, 1e-6)]
    assert distance[0] > 50 * distance[1] > 50**2 * distance[2]


@pytest.mark.parametrize(("n", "d"), [(6, 15), (16, 15), (40, 15)])
def test_exact_risk_is_the_mean_over_noise_of_the_risk_of_the_fitted_weights(n, d):
    """Monte Carlo over 40,000 noise draws, at λ = 0 too; 5 standard errors."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((1, n, d))
    true_weights, true_bias, noise_std = rng.standard_normal(d) * 0.4, 0.3, 0.5
    noise = noise_std * rng.standard_normal((n, 40_000))
    for lam in (0.0, 0.2, 3.0):
        w, b = ridge_weights(x, (x @ true_weights)[:, :, None] + true_bias + noise, np.full((1, 1, 1), lam))
        estimate_bias = np.sum((w[0].mean(axis=1) - true_weights) ** 2)
        excess = np.sum((w[0] - true_weights[:, None]) ** 2, axis=0)
        intercept = (b[0, 0] - true_bias) ** 2
        risk = ridge_risk(x, true_weights, noise_std, np.array([lam]))
        for exact, sample in [(risk.bias_squared + risk.variance, excess), (risk.intercept, intercept)]:
            assert exact[0, 0] == pytest.approx(sample.mean(), abs=5 * sample.std() / 200)
        assert risk.bias_squared[0, 0] == pytest.approx(estimate_bias, abs=0.02 * excess.mean())
        assert risk.total[0, 0] == pytest.approx((risk.bias_squared + risk.variance + risk.intercept)[0, 0] + 0.25)


@pytest.mark.parametrize(("n", "d"), [(6, 15), (16, 15), (40, 15)])
def test_principal_axes_serve_true_weights_of_any_length_and_are_joined_over_groups(n, d):
    rng, lam = np.random.default_rng(6), np.array([0.0, 0.3, 20.0])
    x, true_weights = rng.standard_normal((3, n, d)) + 0.5, rng.standard_normal(d)
    axes = PrincipalAxes.joined([principal_axes(one[None], true_weights) for one in x])
    for scale in (0.0, -0.2, 3.0):
        scaled, direct = axes.risk(0.7, lam, scale), ridge_risk(x, scale * true_weights, 0.7, lam)
        for part in ("bias_squared", "variance", "intercept", "total"):
            np.testing.assert_allclose(getattr(scaled, part), getattr(direct, part), rtol=1e-10, atol=1e-14)


@given(seed=st.integers(0, 2**32), noise_std=st.floats(0.01, 2))
def test_bias_grows_and_variance_falls_with_lam(seed, noise_std):
    rng = np.random.default_rng(seed)
    risk = ridge_risk(
        rng.standard_normal((1, 5, 8)), rng.standard_normal(8), noise_std, np.array([0.0, 0.01, 0.1, 1, 10, 1e6])
    )
    assert (np.diff(risk.bias_squared[0]) > 0).all()
    assert (np.diff(risk.variance[0]) < 0).all()
    assert risk.variance[0, -1] < 1e-9


def test_best_lam_minimises_the_exact_risk_over_directions_and_moves_a_hundredfold_with_the_noise():
    """λ* = dσ²/(n‖w*‖²) is optimal on average over w* of any direction, for one fixed X (the intercept left out)."""
    n, d, noise_std = 8, 12, 0.7
    rng = np.random.default_rng(4)
    x = np.broadcast_to(rng.standard_normal((n, d)), (1, n, d))
    x = x - x.mean(axis=1, keepdims=True)

    def risk(log_lam: float) -> float:
        per_axis = [ridge_risk(x, 2 * axis, noise_std, np.exp([log_lam])) for axis in np.eye(d)]
        return float(np.mean([part.bias_squared + part.variance for part in per_axis]))

    best = optimize.minimize_scalar(risk, bounds=(-6, 4), method="bounded", options={"xatol": 1e-7})
    assert np.exp(best.x) == pytest.approx(optimal_lam(n, d, true_weight_norm=2, noise_std=noise_std), rel=1e-4)
    # The chapter: d = 200, n = 20, every component of w* 0.01.
    norm = 0.01 * 200**0.5
    assert optimal_lam(20, 200, norm, 0.1) == pytest.approx(5)
    assert optimal_lam(20, 200, norm, 0.01) == pytest.approx(0.05)
    assert optimal_lam(20, 200, norm, 0) == 0
    assert optimal_lam(20, 200, 0, 0.1) == np.inf


# Near γ = 1 the density has a spike at 0 that the quadrature misses.
@given(gamma=st.floats(0.05, 0.95) | st.floats(1.05, 20), lam=st.floats(1e-3, 100))
def test_asymptotic_bias_and_variance_are_integrals_over_the_marchenko_pastur_law(gamma, lam):
    """bias/r² = ∫ (λ/(s+λ))² dF(s), variance/σ² = γ∫ s/(s+λ)² dF(s): the sums of the exact risk in the limit."""
    low, high = (1 - gamma**0.5) ** 2, (1 + gamma**0.5) ** 2

    def average(f):
        # s = mid + half·cos θ turns the density √((high−s)(s−low))/(2πγs) into a smooth integrand
        mid, half = (low + high) / 2, (high - low) / 2
        integral, _ = integrate.quad(
            lambda angle: f(mid + half * np.cos(angle)) * (half * np.sin(angle)) ** 2 / (mid + half * np.cos(angle)),
            0,
            np.pi,
            limit=400,
        )
        return integral / (2 * np.pi * gamma) + max(0, 1 - 1 / gamma) * f(0)

    bias, variance = excess_risk(gamma, 1.0, 1.0, np.array(lam))
    assert bias == pytest.approx(average(lambda s: (lam / (s + lam)) ** 2), rel=1e-5)
    assert variance == pytest.approx(gamma * average(lambda s: s / (s + lam) ** 2), rel=1e-5)


@pytest.mark.parametrize("gamma", [0.2, 0.9, 1.1, 8.0])
def test_asymptotic_risk_at_lam_0_is_that_of_the_minimum_norm_interpolator(gamma):
    bias, variance = excess_risk(gamma, 3.0, 0.5, np.array([0.0, 1e-9]))
    assert bias[0] == pytest.approx(3 * max(0, 1 - 1 / gamma), abs=1e-12)
    assert variance[0] == pytest.approx(0.25 * (gamma / (1 - gamma) if gamma < 1 else 1 / (gamma - 1)))
    assert bias[1] == pytest.approx(bias[0], abs=1e-6)
    assert variance[1] == pytest.approx(variance[0], rel=1e-6)


def test_asymptotic_risk_has_its_pole_without_penalty_only_and_centring_costs_it_one_sample():
    """At n = d + 1 (one sample goes to the intercept): infinite at λ = 0, finite at every λ > 0 or without noise."""
    without, with_penalty = asymptotic_ridge_risk(201, 200, 0.02, 0.1, np.array([0.0, 0.05]))
    assert without == np.inf
    assert with_penalty < 0.05
    assert asymptotic_ridge_risk(201, 200, 0.02, 0.0, np.array([0.0])) == pytest.approx(0)
    # At n = d = 20, where γ and λ matter most: 0.8 % off at most; without n → n − 1 and λ → λn/(n − 1) it is 1.7
    # %.
    lam = np.array([3.0, 10.0])
    x = np.random.default_rng(5).standard_normal((4_000, 20, 20))
    exact = ridge_risk(x, np.full(20, 0.3), 0.1, lam).total.mean(axis=0)
    np.testing.assert_allclose(asymptotic_ridge_risk(20, 20, 20 * 0.3**2, 0.1, lam), exact, rtol=8e-3)
    with pytest.raises(ValueError, match="n_train must be at least 2"):  # a single one has no slope
        asymptotic_ridge_risk(1, 200, 0.02, 0.1, lam)


@pytest.mark.parametrize(("n", "d"), [(20, 200), (100, 200), (500, 200), (1000, 200)])
def test_asymptotic_risk_with_the_intercept_is_close_to_the_exact_one_at_this_study_s_sizes(n, d):
    lam = np.array([0.0, 0.05, 1.0, 5.0, 100.0])
    true_weights = np.full(d, 0.01)
    exact = ridge_risk(np.random.default_rng(5).standard_normal((30, n, d)), true_weights, 0.1, lam).total.mean(axis=0)
    asymptotic = asymptotic_ridge_risk(n, d, float(true_weights @ true_weights), 0.1, lam)
    np.testing.assert_allclose(asymptotic, exact, rtol=0.03)


@given(n=st.integers(2, 10), d=st.integers(1, 10), lam=st.floats(0.01, 100), seed=st.integers(0, 2**32))
def test_the_multiplier_of_the_constraint_at_ridge_s_norm_is_lam(n, d, lam, seed):
    x, y = regression(np.random.default_rng(seed), 1, n, d)
    weights, _ = ridge_weights(x, y, np.full((1, 1, 1), lam))
    assert constraint_multiplier(x, y, weights)[0, 0] == pytest.approx(lam, rel=1e-6)


def test_the_constrained_minimiser_is_ridge_and_a_slack_constraint_has_multiplier_0():
    """Solved as a constrained problem by sequential quadratic programming, which knows nothing of ridge."""
    x, y = regression(np.random.default_rng(0), 1, 8, 5)
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
    x, y = regression(np.random.default_rng(1), 1, 20, 5)
    weights, _ = ridge_weights(x, y, np.zeros((1, 1, 1)))
    assert constraint_radius(x, y, np.zeros((1, 1, 1)))[0, 0, 0] == np.inf
    assert constraint_multiplier(x, y, weights)[0, 0] == pytest.approx(0, abs=1e-12)


def test_gradients_under_input_noise_average_to_the_ridge_gradient():
    """Monte Carlo over 20,000 draws of the noise at arbitrary weights; 5 standard errors in every component."""
    x, y = (part[0] for part in regression(np.random.default_rng(2), 1, 6, 4))
    rng, lam, w = np.random.default_rng(3), 0.8, np.array([0.5, -1.0, 0.2, 0.0])
    noisy = x + lam**0.5 * rng.standard_normal((20_000, *x.shape))
    gradients = np.einsum("rnd,rn->rd", noisy, noisy @ w - y[:, 0]) / len(x)
    ridge_gradient = x.T @ (x @ w - y[:, 0]) / len(x) + lam * w
    assert (np.abs(gradients.mean(axis=0) - ridge_gradient) < 5 * gradients.std(axis=0) / 20_000**0.5).all()


@given(n=st.integers(2, 8), d=st.integers(1, 8), p=st.floats(0.05, 0.95), seed=st.integers(0, 2**32))
def test_input_dropout_s_minimiser_zeroes_the_gradient_of_the_expected_loss(n, d, p, seed):
    """The expectation written out: Var(x_ij·M_ij) = x_ij²·p/(1−p), independent over i and j."""
    x, y = regression(np.random.default_rng(seed), 1, n, d)
    weights, intercepts = input_dropout_weights(x, y, p)
    w, error = weights[0, :, 0], (x @ weights + intercepts - y)[0, :, 0]
    gradient = x[0].T @ error + (x[0] ** 2 * p / (1 - p)).sum(axis=0) * w
    np.testing.assert_allclose(gradient, 0, atol=1e-8 * np.abs(x).sum())
    assert error.sum() == pytest.approx(0, abs=1e-8)


def test_input_dropout_minimises_the_loss_over_every_mask_and_is_ridge_where_features_have_one_power():
    """All 2⁶ masks of three samples with two features, each with its probability, by a general optimiser."""
    x, y = (part[0] for part in regression(np.random.default_rng(4), 1, 3, 2))
    p = 0.3
    masks = (np.arange(64)[:, None] >> np.arange(6) & 1).reshape(64, 3, 2)
    probability = (1 - p) ** masks.sum(axis=(1, 2)) * p ** (6 - masks.sum(axis=(1, 2)))

    def expected_loss(u: np.ndarray) -> float:
        error = (x * masks / (1 - p)) @ u[:-1] + u[-1] - y[:, 0]
        return float(probability @ (error**2).sum(axis=1))

    solution = optimize.minimize(expected_loss, np.zeros(3), tol=1e-12)
    weights, intercepts = input_dropout_weights(x[None], y[None], p)
    np.testing.assert_allclose(solution.x, [*weights[0, :, 0], intercepts[0, 0, 0]], atol=1e-5)
    x, y = regression(np.random.default_rng(5), 1, 10, 4)
    even = x / np.sqrt((x**2).mean(axis=1, keepdims=True))
    lam = np.full((1, 1, 1), 0.25 / 0.75)
    np.testing.assert_allclose(input_dropout_weights(even, y, 0.25)[0], ridge_weights(even, y, lam)[0], rtol=1e-9)
    assert np.abs(input_dropout_weights(x, y, 0.25)[0] - ridge_weights(x, y, lam)[0]).max() > 1e-3


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.5])
def test_input_dropout_needs_a_probability_strictly_between_0_and_1(p):
    with pytest.raises(ValueError, match="p must lie strictly between 0 and 1"):
        input_dropout_weights(*regression(np.random.default_rng(6), 1, 4, 2), p)


def test_early_stopping_never_stops_without_lam():
    assert early_stopping_steps(0.003, 3) == 111
    assert [early_stopping_steps(0.25, lam) for lam in (0.8, 1.6, 3.2)] == [5, 2, 1]  # 1/(ηλ) = 5, 2.5 and 1.25
    with pytest.raises(ValueError, match="lam must be positive"):
        early_stopping_steps(0.003, 0)
