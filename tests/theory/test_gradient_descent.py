"""The trajectory of gradient descent, the null space it cannot reach, and the λ at which it breaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regularization.settings import LinearRegressionSetting, scheduled
from regularization.theory.expected_risk import expected_null_space_norm, learning_rates
from regularization.theory.null_space import null_space_norm
from regularization.theory.stability import stability_boundary
from regularization.theory.trajectory import contraction, elapsed_time

SEEDS = st.integers(0, 2**32)


def descend(x, y, w, b, learning_rate, lam, steps):
    """Gradient descent on (1/2n)‖y − Xw − b‖² + (λ/2)‖w‖², one step at a time."""
    for _ in range(steps):
        error = x @ w + b - y
        w, b = w - learning_rate * (x.T @ error / len(x) + lam * w), b - learning_rate * error.mean()
    return w, b


def test_what_steps_leave_and_take_is_a_product_and_a_sum_at_the_rates_of_the_half_squared_error():
    h, rates = np.array([[0.0, 0.4], [3.0, 40.0]]), np.array([0.3, 0.2, 0.1])
    for steps in range(4):
        expected = np.ones_like(h)
        for rate in rates[:steps]:
            expected = expected * (1 - rate * h)
        np.testing.assert_allclose(contraction(h, rates, steps), expected, rtol=1e-14)
        assert elapsed_time(rates, steps) == pytest.approx(sum(rates[:steps]))
    constant, times = np.full(50, 0.06), np.array([50, 0, 3])
    np.testing.assert_allclose(contraction(h, constant, times), contraction(h, 0.06, times), rtol=1e-12)
    np.testing.assert_allclose(elapsed_time(constant, times), elapsed_time(0.06, times))
    assert learning_rates(LinearRegressionSetting(loss="squared_error", learning_rate=0.01)) == pytest.approx(0.02)
    decaying = learning_rates(LinearRegressionSetting(schedule="cosine"))
    assert np.shape(decaying) == (400,)
    assert decaying[0] == pytest.approx(0.003)
    assert decaying[200] == pytest.approx(0.0015)
    assert decaying[-1] < 1e-7


@pytest.mark.parametrize(("n", "d"), [(8, 8), (9, 8), (500, 8)])
def test_enough_samples_see_everything(n, d):
    rng = np.random.default_rng(2)
    assert null_space_norm(rng.standard_normal((2, n, d)), rng.standard_normal((2, d, 3))).max() < 1e-12


def test_repeated_samples_show_nothing_new_and_at_the_chapter_s_sizes_180_stay_invisible():
    """Twenty samples of which only four differ leave d − 4 directions unseen, also where n > d."""
    rng = np.random.default_rng(3)
    x = np.repeat(rng.standard_normal((1, 4, 10)), 5, axis=1)
    w = rng.standard_normal((1, 10, 1))
    invisible = np.linalg.svd(x[0])[2][4:]
    assert null_space_norm(x, w)[0, 0] == pytest.approx(np.linalg.norm(invisible @ w[0, :, 0]))
    # Sizes d = 200, n = 20, w₀ ~ N(0, I): mean squared norm d − n, times (1 − 0.003λ)^800 after 400 steps.
    rng = np.random.default_rng(4)
    squared = null_space_norm(rng.standard_normal((50, 20, 200)), rng.standard_normal((50, 200, 40))) ** 2
    assert squared.mean() == pytest.approx(180, abs=5 * squared.std() / 2000**0.5)
    predicted = expected_null_space_norm(LinearRegressionSetting(), np.array([0.0, 3.0]))
    np.testing.assert_allclose(predicted**2, [180, 180 * (1 - 0.009) ** 800])
    assert expected_null_space_norm(LinearRegressionSetting(n_train=200), 0.0) == 0
    assert expected_null_space_norm(LinearRegressionSetting(init_std=0.0), 1e6) == 0


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error"])
def test_the_expected_null_space_norm_is_that_of_plain_loops_under_any_schedule_and_loss(schedule, loss):
    """200 initial weights through the chapter's steps, one minibatch after the other; 5 standard errors."""
    setting = LinearRegressionSetting(
        n_train=6, n_features=30, batch_size=4, epochs=20, learning_rate=0.01, schedule=schedule, loss=loss
    )
    rng, steps, factor = np.random.default_rng(9), 40, 1 if loss == "half_squared_error" else 2
    x, w = rng.standard_normal((6, 30)), rng.standard_normal((30, 200))
    for step in range(steps):
        batch = x[rng.permutation(6)[:4]]
        rate = scheduled(0.01, schedule, step, steps)
        # The setting's own λ = 2: as an L2 penalty (λ/2)‖w‖² beside the loss as it stands.
        w = w - rate * (factor * batch.T @ (batch @ w - 1) / 4 + 2.0 * w)
    squared = null_space_norm(x[None], w[None])[0] ** 2
    predicted = expected_null_space_norm(setting, 2.0 / factor) ** 2
    assert predicted == pytest.approx(squared.mean(), abs=5 * squared.std() / 200**0.5)


@given(n=st.integers(2, 12), d=st.integers(1, 12), learning_rate=st.sampled_from([0.01, 0.05, 1]), seed=SEEDS)
def test_the_stability_boundary_is_where_the_largest_curvature_is_two_over_the_learning_rate(n, d, learning_rate, seed):
    x = np.random.default_rng(seed).standard_normal((1, n, d)) + 0.5
    boundary = stability_boundary(x, learning_rate)[0]
    design = np.append(x[0], np.ones((n, 1)), axis=1)
    hessian = design.T @ design / n + boundary * np.diag(np.append(np.ones(d), 0))
    assert np.abs(np.linalg.eigvalsh(hessian) - 2 / learning_rate).min() == pytest.approx(0, abs=1e-8)


def test_descent_converges_below_the_stability_boundary_diverges_above_and_too_large_a_rate_has_none():
    rng = np.random.default_rng(5)
    x, y, w0 = rng.standard_normal((20, 200)), rng.standard_normal(20), rng.standard_normal(200)
    boundary = stability_boundary(x[None], 0.003)[0]
    assert 640 < boundary < 2 / 0.003 - 10
    growth = []
    for lam in (boundary - 1, boundary + 1):
        w, b = descend(x, y, w0, 0.0, 0.003, lam, 10_000)
        growth.append(np.linalg.norm(descend(x, y, w, b, 0.003, lam, 10_000)[0]) / np.linalg.norm(w))
    assert growth[0] == pytest.approx(1, rel=1e-3)
    assert growth[1] > 1e3
    with pytest.raises(ValueError, match="learning_rate must lie between 0 and 2"):
        stability_boundary(np.ones((1, 3, 2)), 2.5)
