"""The expected risk of gradient descent, part by part, against plain loops, Monte Carlo and ridge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regularization.settings import LinearRegressionSetting, scheduled
from regularization.theory.expected_risk import Spectra, diagonalised, gradient_descent_risk
from regularization.theory.ridge_risk import ridge_risk

SETTING = LinearRegressionSetting(
    n_train=5,
    n_features=9,
    true_weight=0.3,
    true_bias=-0.4,
    noise_std=0.6,
    init_std=0.8,
    bias_init_std=0.5,
    learning_rate=0.03,
    batch_size=100,
    epochs=40,
)


def inputs(setting: LinearRegressionSetting, groups: int, seed: int = 0) -> np.ndarray:
    """Inputs with means of their own, so that the intercept matters."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((groups, setting.n_train, setting.n_features)) + 0.3


def descend(x, y, w, b, setting, lam, steps):
    """The setting's own steps on its own loss, for many columns of targets and starting points at once."""
    factor = 1 if setting.loss == "half_squared_error" else 2
    for step in range(steps):
        rate = scheduled(setting.learning_rate, setting.schedule, step, setting.epochs * setting.steps_per_epoch)
        error = x @ w + b - y
        w, b = w - rate * (factor * x.T @ error / len(x) + lam * w), b - rate * factor * error.mean(axis=0)
    return w, b


def parts_by_loops(x, setting, lam, steps):
    """Every initial weight, the initial bias, the signal and the noise of every sample, each descended alone."""
    n, d = x.shape
    nothing = (np.zeros((n, 1)), np.zeros((d, 1)), np.zeros(1))
    signal = (x @ np.full((d, 1), setting.true_weight) + setting.true_bias, *nothing[1:])
    w_init, b_of_w = descend(x, np.zeros((n, d)), np.eye(d), np.zeros(d), setting, lam, steps)
    w_of_b, b_init = descend(x, *nothing[:2], np.ones(1), setting, lam, steps)
    w_signal, b_signal = descend(x, *signal, setting, lam, steps)
    w_noise, b_noise = descend(x, np.eye(n), np.zeros((d, n)), np.zeros(n), setting, lam, steps)
    init, bias_init, noise = setting.init_std**2, setting.bias_init_std**2, setting.noise_std**2
    return {
        "initialisation": init * (w_init**2).sum() + bias_init * (w_of_b**2).sum(),
        "signal": ((w_signal - setting.true_weight) ** 2).sum(),
        "noise": noise * (w_noise**2).sum(),
        "bias_term": init * (b_of_w**2).sum()
        + bias_init * (b_init**2).sum()
        + ((b_signal - setting.true_bias) ** 2).sum()
        + noise * (b_noise**2).sum(),
    }


@given(
    n=st.integers(1, 9),
    d=st.integers(1, 9),
    lam=st.sampled_from([0.0, 0.01, 0.5, 4.0]),
    steps=st.integers(0, 40),
    schedule=st.sampled_from(["constant", "cosine"]),
    loss=st.sampled_from(["half_squared_error", "squared_error"]),
    seed=st.integers(0, 2**32),
)
def test_every_part_is_what_loops_over_every_direction_and_every_sample_s_noise_add_up_to(
    n, d, lam, steps, schedule, loss, seed
):
    setting = replace(SETTING, n_train=n, n_features=d, schedule=schedule, loss=loss)
    x = inputs(setting, 1, seed)
    factor = 1 if loss == "half_squared_error" else 2
    risk = gradient_descent_risk(diagonalised(x, np.array([lam / factor])), setting, steps)
    for name, expected in parts_by_loops(x[0], setting, lam, steps).items():
        assert getattr(risk, name)[0, 0, 0] == pytest.approx(expected, rel=1e-8, abs=1e-9), name


def test_the_total_is_the_mean_risk_of_many_trained_models():
    """20,000 initial weights and noises on one X; 4 standard errors."""
    rng, n, d = np.random.default_rng(1), SETTING.n_train, SETTING.n_features
    x, count, lam, steps = inputs(SETTING, 1)[0], 20_000, 0.3, 25
    y = (x @ np.full((d, 1), 0.3)) - 0.4 + 0.6 * rng.standard_normal((n, count))
    start = 0.8 * rng.standard_normal((d, count)), 0.5 * rng.standard_normal(count)
    w, b = descend(x, y, *start, SETTING, lam, steps)
    risks = 0.36 + ((w - 0.3) ** 2).sum(axis=0) + (b + 0.4) ** 2
    exact = gradient_descent_risk(diagonalised(x[None], np.array([lam])), SETTING, steps).total[0, 0, 0]
    assert exact == pytest.approx(risks.mean(), abs=4 * risks.std() / count**0.5)


@pytest.mark.parametrize(("n", "d"), [(5, 9), (9, 9), (20, 9)])
def test_in_the_end_its_risk_is_ridge_s_whatever_it_started_from(n, d):
    setting = replace(SETTING, n_train=n, n_features=d)
    x, lam = inputs(setting, 3), np.array([0.05, 1.0, 5.0])
    risk = gradient_descent_risk(diagonalised(x, lam), setting, 1_000_000)
    ridge = ridge_risk(x, np.full(d, 0.3), 0.6, lam)
    np.testing.assert_allclose(risk.initialisation, 0, atol=1e-12)
    np.testing.assert_allclose(risk.signal[:, 0], ridge.bias_squared, rtol=1e-9)
    np.testing.assert_allclose(risk.noise[:, 0], ridge.variance, rtol=1e-9)
    np.testing.assert_allclose(risk.bias_term[:, 0], ridge.intercept, rtol=1e-9)


def test_before_the_first_step_the_risk_is_that_of_the_initial_weights():
    """σ² + d·init_std² + ‖w*‖² + bias_init_std² + b*²."""
    risk = gradient_descent_risk(diagonalised(inputs(SETTING, 2), np.array([0.0, 7.0])), SETTING, 0)
    np.testing.assert_allclose(risk.total, 0.36 + 9 * 0.64 + 9 * 0.09 + 0.25 + 0.16)


def test_without_decay_the_initialisation_the_data_cannot_see_never_leaves():
    risk = gradient_descent_risk(diagonalised(inputs(SETTING, 4), np.array([0.0])), SETTING, np.array([10, 10**5]))
    invisible = 0.64 * (9 - 5)
    assert (risk.initialisation > invisible).all()
    assert (risk.initialisation[:, 1] < risk.initialisation[:, 0]).all()


def test_times_and_lam_are_axes_of_their_own():
    x, lam, times = inputs(SETTING, 2), np.array([0.0, 0.4, 3.0]), np.array([0, 3, 30])
    together = gradient_descent_risk(diagonalised(x, lam), SETTING, times).total
    for row, time in enumerate(times):
        for column in range(len(lam)):
            alone = gradient_descent_risk(diagonalised(x[1:], lam[column : column + 1]), SETTING, time).total
            assert together[1, row, column] == pytest.approx(alone[0, 0, 0], rel=1e-12)


def test_spectra_are_joined_over_groups_and_picked_by_lam():
    x, lam = inputs(SETTING, 3), np.array([0.0, 0.4, 3.0])
    whole = diagonalised(x, lam)
    joined = Spectra.joined([diagonalised(one[None], lam) for one in x]).at(np.array([3.0, 0.0]))
    np.testing.assert_allclose(
        gradient_descent_risk(joined, SETTING, 9).total,
        gradient_descent_risk(whole, SETTING, 9).total[:, :, [2, 0]],
        rtol=1e-12,
    )
    with pytest.raises(AssertionError, match="not diagonalised"):
        whole.at(np.array([0.5]))


def test_divergence_beyond_floating_point_range_is_an_infinite_risk_not_an_undefined_one():
    at = diagonalised(inputs(SETTING, 2), np.array([0.0, 1e6]))
    for setting in (SETTING, replace(SETTING, init_std=0.0, bias_init_std=0.0)):
        risk = gradient_descent_risk(at, setting, 1000)
        assert np.isfinite(risk.total[:, :, 0]).all()
        assert np.isinf(risk.total[:, :, 1]).all()
    assert (risk.initialisation == 0).all()


def test_repeated_samples_leave_more_directions_unseen():
    """Five samples of which two differ: seven directions of nine keep their initial energy."""
    x = np.repeat(inputs(SETTING, 1)[:, :2], [3, 2], axis=1)
    risk = gradient_descent_risk(diagonalised(x, np.array([0.0])), replace(SETTING, bias_init_std=0.0), 30)
    for name, expected in parts_by_loops(x[0], replace(SETTING, bias_init_std=0.0), 0.0, 30).items():
        assert getattr(risk, name)[0, 0, 0] == pytest.approx(expected, rel=1e-9), name
    assert risk.initialisation[0, 0, 0] > 7 * 0.64
