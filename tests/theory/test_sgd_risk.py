"""The expected risk of minibatch SGD, part by part, against plain loops, Monte Carlo and the closed form."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regularization.settings import LinearRegressionSetting, scheduled
from regularization.theory import sgd_risk
from regularization.theory.expected_risk import diagonalised, gradient_descent_risk, learning_rates
from regularization.theory.sgd_risk import SgdMoments, sgd_moments

SETTING = LinearRegressionSetting(
    n_train=7,
    n_features=9,
    true_weight=0.3,
    true_bias=-0.4,
    noise_std=0.6,
    init_std=0.8,
    bias_init_std=0.5,
    learning_rate=0.03,
    batch_size=3,
    epochs=4,
)


def inputs(setting: LinearRegressionSetting, seed: int = 0) -> np.ndarray:
    """Inputs with means of their own, so that the intercept matters."""
    return np.random.default_rng(seed).standard_normal((setting.n_train, setting.n_features)) + 0.3


def shuffles(setting: LinearRegressionSetting, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(setting.n_train) for _ in range(setting.epochs)])


def moments(x: np.ndarray, order: np.ndarray, setting: LinearRegressionSetting, lam: np.ndarray) -> SgdMoments:
    """At λ in the setting's own terms."""
    factor = 1 if setting.loss == "half_squared_error" else 2
    rates = np.broadcast_to(learning_rates(setting), (len(lam), setting.epochs * setting.steps_per_epoch))
    return sgd_moments(x, order, setting.batch_size, rates, lam / factor)


def descend(x, y, w, b, order, setting, lam, steps=None):
    """The setting's own steps on its own loss, one minibatch after the other, for many targets and starts at once."""
    factor, step = 1 if setting.loss == "half_squared_error" else 2, 0
    total = setting.epochs * setting.steps_per_epoch
    for samples in order:
        for first in range(0, len(x), setting.batch_size):
            if step == steps:
                return w, b
            batch = samples[first : first + setting.batch_size]
            rate = scheduled(setting.learning_rate, setting.schedule, step, total)
            error = x[batch] @ w + b - y[batch]
            w, b = (
                w - rate * (factor * x[batch].T @ error / len(batch) + lam * w),
                b - rate * factor * error.mean(axis=0),
            )
            step += 1
    return w, b


def parts_by_loops(x, order, setting, lam, steps=None):
    """Every initial weight, the initial bias, the signal and the noise of every sample, each trained alone."""
    n, d = x.shape
    nothing = (np.zeros((n, 1)), np.zeros((d, 1)), np.zeros(1))
    signal = (x @ np.full((d, 1), setting.true_weight) + setting.true_bias, *nothing[1:])
    w_init, b_of_w = descend(x, np.zeros((n, d)), np.eye(d), np.zeros(d), order, setting, lam, steps)
    w_of_b, b_init = descend(x, *nothing[:2], np.ones(1), order, setting, lam, steps)
    w_signal, b_signal = descend(x, *signal, order, setting, lam, steps)
    w_noise, b_noise = descend(x, np.eye(n), np.zeros((d, n)), np.zeros(n), order, setting, lam, steps)
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
    n=st.integers(1, 12),
    d=st.integers(1, 9),
    batch_size=st.integers(1, 12),
    block=st.integers(1, 20),
    lam=st.sampled_from([0.0, 0.01, 0.5, 4.0, 1 / 0.03, 80.0]),
    schedule=st.sampled_from(["constant", "cosine"]),
    loss=st.sampled_from(["half_squared_error", "squared_error"]),
    seed=st.integers(0, 2**32),
)
def test_every_part_is_what_loops_over_every_direction_and_every_sample_s_noise_add_up_to(
    n, d, batch_size, block, lam, schedule, loss, seed
):
    """Ragged batches, blocks of one and of many, a λ that forgets everything in a step and one beyond the boundary."""
    setting = replace(SETTING, n_train=n, n_features=d, batch_size=batch_size, schedule=schedule, loss=loss)
    x, order = inputs(setting, seed), shuffles(setting, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sgd_risk, "BLOCK", block)
        risk = moments(x, order, setting, np.array([0.2, lam])).risk(setting)
    for name, expected in parts_by_loops(x, order, setting, lam).items():
        assert getattr(risk, name)[0, 1] == pytest.approx(expected, rel=1e-8, abs=1e-9), name


def test_the_total_is_the_mean_risk_of_many_models_trained_in_the_same_order():
    """20,000 initial weights and noises; 4 standard errors."""
    rng, n, d = np.random.default_rng(1), SETTING.n_train, SETTING.n_features
    x, order, count, lam = inputs(SETTING), shuffles(SETTING), 20_000, 0.3
    y = (x @ np.full((d, 1), 0.3)) - 0.4 + 0.6 * rng.standard_normal((n, count))
    start = 0.8 * rng.standard_normal((d, count)), 0.5 * rng.standard_normal(count)
    w, b = descend(x, y, *start, order, SETTING, lam)
    risks = 0.36 + ((w - 0.3) ** 2).sum(axis=0) + (b + 0.4) ** 2
    exact = moments(x, order, SETTING, np.array([lam])).risk(SETTING).total[0, 0]
    assert exact == pytest.approx(risks.mean(), abs=4 * risks.std() / count**0.5)


def test_over_all_orders_it_averages_to_the_risk_of_training_in_a_random_one():
    """Every order of four samples in pairs, and 40,000 models trained in one of them each: 4 standard errors."""
    setting = replace(SETTING, n_train=4, n_features=6, batch_size=2, epochs=1, learning_rate=0.3)
    rng, x, count, lam = np.random.default_rng(2), inputs(setting), 40_000, 0.5
    orders = [np.array([order]) for order in permutations(range(4))]
    alone = [moments(x, order, setting, np.array([lam])).risk(setting).total[0, 0] for order in orders]
    exact, risks = np.mean(alone), []
    for order in orders:
        some = count // len(orders)
        y = (x @ np.full((6, 1), 0.3)) - 0.4 + 0.6 * rng.standard_normal((4, some))
        start = 0.8 * rng.standard_normal((6, some)), 0.5 * rng.standard_normal(some)
        w, b = descend(x, y, *start, order, setting, lam)
        risks.append(0.36 + ((w - 0.3) ** 2).sum(axis=0) + (b + 0.4) ** 2)
    assert exact == pytest.approx(np.mean(risks), abs=4 * np.std(risks) / count**0.5)
    assert np.ptp(alone) > 0.01 * exact  # the order matters


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_in_full_batches_it_is_gradient_descent_s_closed_form_whatever_the_order(schedule):
    setting = replace(SETTING, batch_size=100, epochs=30, schedule=schedule)
    x, lam = inputs(setting), np.array([0.0, 0.3, 10.0])
    risk = moments(x, shuffles(setting), setting, lam).risk(setting)
    exact = gradient_descent_risk(diagonalised(x[None], lam), setting, 30)
    for field in fields(risk):
        found, expected = getattr(risk, field.name), getattr(exact, field.name)
        np.testing.assert_allclose(found, expected[:, 0] if field.name != "noise_floor" else expected, rtol=1e-9)


def test_a_column_that_stops_early_takes_its_first_steps_only():
    x, order = inputs(SETTING), shuffles(SETTING)
    stops = np.array([12, 7, 3, 0])
    rates = 0.03 * (np.arange(12) < stops[:, None])
    risk = sgd_moments(x, order, 3, rates, np.zeros(4)).risk(SETTING)
    for column, steps in enumerate(stops):
        for name, expected in parts_by_loops(x, order, SETTING, 0.0, steps).items():
            assert getattr(risk, name)[0, column] == pytest.approx(expected, rel=1e-9, abs=1e-12), name


@pytest.mark.arithmetic
def test_groups_are_joined_and_columns_picked():
    lam = np.array([0.0, 0.4, 3.0])
    alone = [moments(inputs(SETTING, seed), shuffles(SETTING, seed), SETTING, lam) for seed in range(3)]
    joined = SgdMoments.joined(alone).at(np.array([2, 0])).risk(SETTING).total
    np.testing.assert_array_equal(joined, np.concatenate([one.risk(SETTING).total for one in alone])[:, [2, 0]])


def test_divergence_beyond_floating_point_range_is_an_infinite_risk_not_an_undefined_one():
    setting = replace(SETTING, epochs=400)
    found = moments(inputs(setting), shuffles(setting), setting, np.array([0.0, 1e6]))
    for task in (setting, replace(setting, init_std=0.0, bias_init_std=0.0)):
        total = found.risk(task).total
        assert np.isfinite(total[0, 0])
        assert np.isinf(total[0, 1])
    assert (found.risk(replace(setting, init_std=0.0, bias_init_std=0.0)).initialisation == 0).all()
