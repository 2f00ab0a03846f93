"""Trained weights against what their method minimises: zero where they are that, and what they are off otherwise."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regularization.claims.evidence import Evidence
from regularization.claims.linear_models import dropout_distances, multipliers
from regularization.settings import LinearRegressionSetting
from regularization.theory.data import training_sets
from regularization.theory.equivalences import input_dropout_weights
from regularization.theory.ridge import ridge_weights
from regularization.training.tasks.linear_regression import LinearRegression
from synthetic import cell, tables

SETTING = LinearRegressionSetting(n_train=8, n_features=5, true_weight=0.3, noise_std=0.1)
N = 3


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    return training_sets(SETTING, range(N))


def study(folder: Path, method: str, lam: float, p: str, weights: np.ndarray) -> Evidence:
    """Runs with given weights, shape (runs, features, 1), and an intercept of 9."""
    rng = np.random.default_rng(0)
    runs = cell("linear_regression", "small", method, lam, p, rng, n=N, risk=1.0)
    settings = pd.DataFrame([{"experiment": "linear_regression", "setting": "small", **asdict(SETTING)}])
    values = np.concatenate([weights[:, :, 0], np.full((N, 1), 9.0)], axis=1)
    pd.DataFrame(
        {"run_id": np.repeat(runs["run_id"].to_numpy(), 6), "item": np.tile(np.arange(6), N), "weight": values.ravel()}
    ).to_parquet(folder / "predictions_linear_regression.parquet")
    return Evidence(tables(runs, settings=settings, folder=folder), rng)


@pytest.mark.arithmetic
def test_training_sets_are_those_that_runs_see(data):
    one = {"setting": "small", "lam": 0.0, "p": 0.0}
    task = LinearRegression(
        pd.DataFrame([one]),
        {"small": SETTING},
        pd.DataFrame({**one, "seed": range(N), "data_seed": range(N)}),
    )
    np.testing.assert_array_equal(data[0], task.inputs())
    np.testing.assert_allclose(data[1][:, :, 0], task.targets()[:, :, 0], rtol=1e-14)


@pytest.mark.arithmetic
@pytest.mark.parametrize("off", [0.0, 0.2])
def test_distances_from_dropout_s_minimiser_and_from_ridge(tmp_path, data, off):
    minimiser, _ = input_dropout_weights(*data, 0.5)
    ridge, _ = ridge_weights(*data, np.ones((1, 1, 1)))
    found = dropout_distances(study(tmp_path, "dropout", 0.0, "0.5", (1 + off) * minimiser), "small")
    assert set(found) == {"0.5"}
    apart, from_ridge = found["0.5"]
    np.testing.assert_allclose(apart, off, atol=1e-12)
    assert (from_ridge > 0.01).all()
    other = dropout_distances(study(tmp_path, "dropout", 0.0, "0.5", ridge), "small")["0.5"][1]
    np.testing.assert_allclose(other, 0, atol=1e-12)


@pytest.mark.arithmetic
def test_the_constraint_s_multiplier_at_ridge_is_lam_and_elsewhere_not(tmp_path, data):
    ridge, _ = ridge_weights(*data, np.full((1, 1, 1), 0.7))
    found = multipliers(study(tmp_path, "norm_constraint", 0.7, "0", ridge), "small", 0.7)
    np.testing.assert_allclose(found, 0.7, rtol=1e-9)
    smaller = multipliers(study(tmp_path, "norm_constraint", 0.7, "0", 0.9 * ridge), "small", 0.7)
    assert (smaller > 0.75).all()


def test_what_is_not_known_is_not_compared(tmp_path, data):
    minimiser, _ = input_dropout_weights(*data, 0.5)
    kept = study(tmp_path, "dropout", 0.0, "0.5", minimiser)
    assert dropout_distances(Evidence(kept.tables.replace(folder=None), kept.rng), "small") == {}
    unknown = kept.tables.replace(settings=kept.tables.settings.iloc[:0])
    assert dropout_distances(Evidence(unknown, kept.rng), "small") == {}
    assert len(multipliers(kept, "small", 0.7)) == 0
