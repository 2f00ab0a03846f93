"""The expected learning curve against gradient descent itself, run on the very inputs with fresh noise."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from regularization.analysis.tables import setting_of
from regularization.settings import LinearRegressionSetting
from regularization.theory.data import training_inputs
from regularization.theory.expected_curve import expected_curve

SETTING = LinearRegressionSetting(n_train=5, n_features=12, noise_std=0.3, batch_size=5, learning_rate=0.05, epochs=40)


@pytest.mark.parametrize("lam", [0.0, 0.7])
@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error"])
def test_it_is_the_mean_risk_of_plain_loops_over_initial_weights_and_noise(lam: float, loss: str) -> None:
    setting = LinearRegressionSetting(**{**asdict(SETTING), "loss": loss})
    epochs, draws, factor = np.array([0, 3, 40]), 20_000, 1 if loss == "half_squared_error" else 2
    rng = np.random.default_rng(1)
    (x,) = training_inputs(setting.n_train, setting.n_features, 1)
    truth = np.full(setting.n_features, setting.true_weight)
    y = (x @ truth + setting.true_bias)[:, None] + setting.noise_std * rng.standard_normal((setting.n_train, draws))
    w, b = setting.init_std * rng.standard_normal((setting.n_features, draws)), np.zeros(draws)
    risks = {}
    for epoch in range(setting.epochs + 1):
        risks[epoch] = setting.noise_std**2 + ((w - truth[:, None]) ** 2).sum(axis=0) + (b - setting.true_bias) ** 2
        error = x @ w + b - y
        w, b = (
            (1 - setting.learning_rate * lam) * w - factor * setting.learning_rate * x.T @ error / setting.n_train,
            b - factor * setting.learning_rate * error.mean(axis=0),
        )
    found = expected_curve(setting, lam, epochs, 1)
    assert found.shape == (1, 3)
    for value, epoch in zip(found[0], epochs, strict=True):
        sample = risks[int(epoch)]
        assert value == pytest.approx(sample.mean(), abs=4 * sample.std() / draws**0.5)


def test_seeds_have_their_own_inputs_and_a_seed_the_same_in_any_company() -> None:
    few, many = (expected_curve(SETTING, 0.0, np.array([10]), n) for n in (2, 5))
    assert many[:2] == pytest.approx(few)
    assert len(set(many[:, 0].tolist())) == 5


def test_a_setting_survives_the_table_that_it_is_stored_in() -> None:
    row = pd.DataFrame([{**asdict(SETTING), "hidden": np.nan}, {"n_train": 500}]).iloc[0]
    assert setting_of(row) == SETTING
