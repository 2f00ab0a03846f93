"""The expected risk of gradient descent and of minibatch SGD, part by part, against plain loops, Monte Carlo, ridge."""

from dataclasses import asdict, fields, replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regularization.analysis.tables import setting_of
from regularization.settings import LinearRegressionSetting, scheduled
from regularization.theory import sgd_risk
from regularization.theory.data import batch_orders, training_inputs
from regularization.theory.expected_risk import (
    diagonalised,
    gradient_descent_risk,
    learning_rates,
    loss_factor,
)
from regularization.theory.ridge_risk import ridge_risk
from regularization.theory.sgd_risk import SgdMoments, sgd_moments

TASK = {"n_features": 9, "true_weight": 0.3, "true_bias": -0.4, "noise_std": 0.6, "init_std": 0.8, "bias_init_std": 0.5}
MINIBATCHES = LinearRegressionSetting(**TASK, n_train=7, learning_rate=0.03, batch_size=3, epochs=4)
FULL = replace(MINIBATCHES, n_train=5, batch_size=100, epochs=40)
CURVE = LinearRegressionSetting(n_train=5, n_features=12, noise_std=0.3, batch_size=5, learning_rate=0.05, epochs=40)
SCHEDULES = st.sampled_from(["constant", "cosine"])
LOSSES = st.sampled_from(["half_squared_error", "squared_error"])


def inputs(setting: LinearRegressionSetting, groups: int = 1, seed: int = 0) -> np.ndarray:
    """Inputs (groups, n, d) with means of their own, so that the intercept matters."""
    return np.random.default_rng(seed).standard_normal((groups, setting.n_train, setting.n_features)) + 0.3


def shuffles(setting: LinearRegressionSetting, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(setting.n_train) for _ in range(setting.epochs)])


def moments(x: np.ndarray, order: np.ndarray, setting: LinearRegressionSetting, lam: np.ndarray) -> SgdMoments:
    """Of inputs (n, d), at λ in the setting's own terms."""
    rates = np.broadcast_to(learning_rates(setting), (len(lam), setting.epochs * setting.steps_per_epoch))
    return sgd_moments(x, order, setting.batch_size, rates, lam / loss_factor(setting))


def descend(x, y, w, b, order, setting, lam, steps=None):
    """The setting's own steps on its own loss, one minibatch after the other, for many targets and starts at once."""
    factor, step = 1 if setting.loss == "half_squared_error" else 2, 0
    for samples in order:
        for first in range(0, len(x), setting.batch_size):
            if step == steps:
                return w, b
            batch = samples[first : first + setting.batch_size]
            total = setting.epochs * setting.steps_per_epoch
            rate = factor * scheduled(setting.learning_rate, setting.schedule, step, total)
            error = x[batch] @ w + b - y[batch]
            w = w - rate * (x[batch].T @ error / len(batch) + lam / factor * w)
            b = b - rate * error.mean(axis=0)
            step += 1
    return w, b


def parts_by_loops(x, order, setting, lam, steps=None):
    """Every initial weight, the initial bias, the signal and the noise of every sample, each trained alone."""
    n, d = x.shape

    def alone(columns, y=None, w=None, b=None):
        starts = [np.zeros((n, columns)), np.zeros((d, columns)), np.zeros(columns)]
        starts = [zero if given is None else given for zero, given in zip(starts, (y, w, b), strict=True)]
        return descend(x, *starts, order, setting, lam, steps)

    w_init, b_of_w = alone(d, w=np.eye(d))
    w_of_b, b_init = alone(1, b=np.ones(1))
    w_signal, b_signal = alone(1, y=x @ np.full((d, 1), setting.true_weight) + setting.true_bias)
    w_noise, b_noise = alone(n, y=np.eye(n))
    init, bias_init, noise = setting.init_std**2, setting.bias_init_std**2, setting.noise_std**2
    of_initial_b = init * (b_of_w**2).sum() + bias_init * (b_init**2).sum()
    return {
        "initialisation": init * (w_init**2).sum() + bias_init * (w_of_b**2).sum(),
        "signal": ((w_signal - setting.true_weight) ** 2).sum(),
        "noise": noise * (w_noise**2).sum(),
        "bias_term": of_initial_b + ((b_signal - setting.true_bias) ** 2).sum() + noise * (b_noise**2).sum(),
    }


def trained_risks(x, order, setting, lam, count, steps=None, seed=1):
    """The risks of `count` models with initial weights and noise of their own."""
    rng, (n, d) = np.random.default_rng(seed), x.shape
    y = x @ np.full((d, 1), setting.true_weight) + setting.true_bias
    y = y + setting.noise_std * rng.standard_normal((n, count))
    start = setting.init_std * rng.standard_normal((d, count)), setting.bias_init_std * rng.standard_normal(count)
    w, b = descend(x, y, *start, order, setting, lam, steps)
    return setting.noise_std**2 + ((w - setting.true_weight) ** 2).sum(axis=0) + (b - setting.true_bias) ** 2


def is_the_mean_of(risks):
    """Within 4 standard errors."""
    return pytest.approx(np.mean(risks), abs=4 * np.std(risks) / np.size(risks) ** 0.5)


@given(
    n=st.integers(1, 9),
    d=st.integers(1, 9),
    lam=st.sampled_from([0.0, 0.01, 0.5, 4.0]),
    steps=st.integers(0, 40),
    schedule=SCHEDULES,
    loss=LOSSES,
    seed=st.integers(0, 2**32),
)
def test_every_part_is_what_loops_over_every_direction_and_every_sample_s_noise_add_up_to(
    n, d, lam, steps, schedule, loss, seed
):
    setting = replace(FULL, n_train=n, n_features=d, schedule=schedule, loss=loss)
    x = inputs(setting, 1, seed)
    risk = gradient_descent_risk(diagonalised(x, np.array([lam / loss_factor(setting)])), setting, steps)
    for name, expected in parts_by_loops(x[0], shuffles(setting), setting, lam, steps).items():
        assert getattr(risk, name)[0, 0, 0] == pytest.approx(expected, rel=1e-8, abs=1e-9), name


def test_the_total_is_the_mean_risk_of_many_models_trained_on_the_same_inputs_in_the_same_order():
    for setting, steps in ((FULL, 25), (MINIBATCHES, None)):
        x, order, lam = inputs(setting), shuffles(setting), np.array([0.3])
        if steps:
            risk = gradient_descent_risk(diagonalised(x, lam), setting, steps)
        else:
            risk = moments(x[0], order, setting, lam).risk(setting)
        assert risk.total.item() == is_the_mean_of(trained_risks(x[0], order, setting, 0.3, 20_000, steps))


@pytest.mark.parametrize(("n", "d"), [(5, 9), (9, 9), (20, 9)])
def test_in_the_end_its_risk_is_ridge_s_whatever_it_started_from(n, d):
    setting = replace(FULL, n_train=n, n_features=d)
    x, lam = inputs(setting, 3), np.array([0.05, 1.0, 5.0])
    risk = gradient_descent_risk(diagonalised(x, lam), setting, 1_000_000)
    ridge = ridge_risk(x, np.full(d, 0.3), 0.6, lam)
    np.testing.assert_allclose(risk.initialisation, 0, atol=1e-12)
    for ours, theirs in {"signal": "bias_squared", "noise": "variance", "bias_term": "intercept"}.items():
        np.testing.assert_allclose(getattr(risk, ours)[:, 0], getattr(ridge, theirs), rtol=1e-9, err_msg=ours)


def test_what_the_data_cannot_see_never_leaves_and_repeated_samples_leave_more_unseen():
    risk = gradient_descent_risk(diagonalised(inputs(FULL, 4), np.array([0.0])), FULL, np.array([10, 10**5]))
    assert (risk.initialisation > 0.64 * (9 - 5)).all()
    assert (risk.initialisation[:, 1] < risk.initialisation[:, 0]).all()
    # Five samples of which two differ: seven directions of nine keep their initial energy.
    x, setting = np.repeat(inputs(FULL)[:, :2], [3, 2], axis=1), replace(FULL, bias_init_std=0.0)
    risk = gradient_descent_risk(diagonalised(x, np.array([0.0])), setting, 30)
    for name, expected in parts_by_loops(x[0], shuffles(setting), setting, 0.0, 30).items():
        assert getattr(risk, name)[0, 0, 0] == pytest.approx(expected, rel=1e-9), name
    assert risk.initialisation[0, 0, 0] > 7 * 0.64


def test_times_lam_and_groups_are_axes():
    x, lam, times = inputs(FULL, 2), np.array([0.0, 0.4, 3.0]), np.array([0, 3, 30])
    together = gradient_descent_risk(diagonalised(x, lam), FULL, times).total
    for row, time in enumerate(times):
        for column in range(len(lam)):
            alone = gradient_descent_risk(diagonalised(x[1:], lam[column : column + 1]), FULL, time).total
            assert together[1, row, column] == pytest.approx(alone[0, 0, 0], rel=1e-12)


def test_divergence_beyond_floating_point_range_is_an_infinite_risk_not_an_undefined_one():
    lam, long = np.array([0.0, 1e6]), replace(MINIBATCHES, epochs=400)
    at = diagonalised(inputs(FULL, 2), lam)
    followed = moments(inputs(long)[0], shuffles(long), long, lam)
    for risk_of in (lambda setting: gradient_descent_risk(at, setting, 1000), followed.risk):
        for changes in ({}, {"init_std": 0.0, "bias_init_std": 0.0}):
            risk = risk_of(replace(long, **changes))
            assert np.isfinite(risk.total[..., 0]).all()
            assert np.isinf(risk.total[..., 1]).all()
        assert (risk.initialisation == 0).all()


@pytest.mark.parametrize("lam", [0.0, 0.7])
@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error"])
def test_the_curve_is_the_mean_risk_of_plain_loops_over_initial_weights_and_noise(lam, loss):
    setting, epochs = replace(CURVE, loss=loss), np.array([0, 3, 40])
    (x,) = training_inputs(setting.n_train, setting.n_features, 1)
    spectra = diagonalised(x[None], np.array([lam / loss_factor(setting)]))
    found = gradient_descent_risk(spectra, setting, epochs * setting.steps_per_epoch).total[:, :, 0]
    assert found.shape == (1, 3)
    for value, epoch in zip(found[0], epochs, strict=True):
        assert value == is_the_mean_of(trained_risks(x, shuffles(setting), setting, lam, 20_000, epoch))


def test_a_setting_survives_its_table():
    row = pd.DataFrame([{**asdict(CURVE), "hidden": np.nan}, {"n_train": 500}]).iloc[0]
    assert setting_of(row) == CURVE


@given(
    n=st.integers(1, 12),
    d=st.integers(1, 9),
    batch_size=st.integers(1, 12),
    block=st.integers(1, 20),
    lam=st.sampled_from([0.0, 0.01, 0.5, 4.0, 1 / 0.03, 80.0]),
    schedule=SCHEDULES,
    loss=LOSSES,
    seed=st.integers(0, 2**32),
)
def test_every_part_of_sgd_s_is_what_loops_add_up_to(n, d, batch_size, block, lam, schedule, loss, seed):
    """Ragged batches, blocks of one and of many, a λ that forgets everything in a step and one beyond the boundary."""
    setting = replace(MINIBATCHES, n_train=n, n_features=d, batch_size=batch_size, schedule=schedule, loss=loss)
    (x,), order = inputs(setting, 1, seed), shuffles(setting, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sgd_risk, "BLOCK", block)
        risk = moments(x, order, setting, np.array([0.2, lam])).risk(setting)
    for name, expected in parts_by_loops(x, order, setting, lam).items():
        assert getattr(risk, name)[0, 1] == pytest.approx(expected, rel=1e-8, abs=1e-9), name


def test_over_all_orders_sgd_averages_to_training_in_a_random_one_and_may_stop_early():
    """Every order of four samples in pairs, and 40,000 models trained in one of them each."""
    setting = replace(MINIBATCHES, n_train=4, n_features=6, batch_size=2, epochs=1, learning_rate=0.3)
    (x,), orders = inputs(setting), [np.array([order]) for order in permutations(range(4))]
    alone = [moments(x, order, setting, np.array([0.5])).risk(setting).total[0, 0] for order in orders]
    risks = [
        trained_risks(x, order, setting, 0.5, 40_000 // len(orders), seed=seed) for seed, order in enumerate(orders)
    ]
    assert np.mean(alone) == is_the_mean_of(risks)
    assert np.ptp(alone) > 0.01 * np.mean(alone)  # the order matters
    (x,), order, stops = inputs(MINIBATCHES), shuffles(MINIBATCHES), np.array([12, 7, 3, 0])
    rates = 0.03 * (np.arange(12) < stops[:, None])
    risk = sgd_moments(x, order, 3, rates, np.zeros(4)).risk(MINIBATCHES)
    for column, steps in enumerate(stops):
        for name, expected in parts_by_loops(x, order, MINIBATCHES, 0.0, steps).items():
            assert getattr(risk, name)[0, column] == pytest.approx(expected, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_in_full_batches_it_is_gradient_descent_s_closed_form_whatever_the_order(schedule):
    setting = replace(MINIBATCHES, batch_size=100, epochs=30, schedule=schedule)
    x, lam = inputs(setting), np.array([0.0, 0.3, 10.0])
    risk = moments(x[0], shuffles(setting), setting, lam).risk(setting)
    exact = gradient_descent_risk(diagonalised(x, lam), setting, 30)
    for field in fields(risk):
        found, expected = getattr(risk, field.name), getattr(exact, field.name)
        np.testing.assert_allclose(found, expected[:, 0] if field.name != "noise_floor" else expected, rtol=1e-9)


@pytest.mark.parametrize("changes", [{}, {"batch_size": 20}, {"batch_size": 20, "schedule": "cosine"}], ids=str)
def test_at_the_chapter_s_sizes_every_part_is_what_loops_add_up_to_from_little_decay_to_much(changes):
    """On the inputs and orders of batches of 20 seeds; full batches have the closed form, too."""
    setting, lam = LinearRegressionSetting(noise_std=0.1, bias_init_std=0.03, **changes), np.array([0.0, 3.0, 300.0])
    for seed, x in enumerate(training_inputs(20, 200, 20)):
        order = batch_orders(20, setting.epochs, seed)
        found = [moments(x, order, setting, lam).risk(setting)]
        if changes:
            found.append(gradient_descent_risk(diagonalised(x[None], lam), setting, setting.epochs))
        for column, each in enumerate(lam):
            for name, expected in parts_by_loops(x, order, setting, each).items():
                for risk in found:
                    assert np.ravel(getattr(risk, name))[column] == pytest.approx(expected, rel=1e-10), name


@pytest.mark.arithmetic
def test_groups_are_joined_and_columns_picked():
    lam, seeds = np.array([0.0, 0.4, 3.0]), range(3)
    alone = [moments(inputs(MINIBATCHES, 1, seed)[0], shuffles(MINIBATCHES, seed), MINIBATCHES, lam) for seed in seeds]
    joined = SgdMoments.joined(alone).at(np.array([2, 0])).risk(MINIBATCHES).total
    np.testing.assert_array_equal(joined, np.concatenate([one.risk(MINIBATCHES).total for one in alone])[:, [2, 0]])
