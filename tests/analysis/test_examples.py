"""The chapter's example of bias and variance: both methods see the same data, and the known parts come out."""

import runpy
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LinearRegression

from regularization.analysis import chapter_example, decomposition
from regularization.analysis.catalogue import TABLES
from regularization.analysis.chapter_example import SETTINGS, example_tables, linear_models, networks
from regularization.analysis.decomposition_table import COLUMNS
from regularization.streams import generator
from regularization.training.tasks.fashion_mnist import initial_layer
from regularization.training.tasks.function_fitting import FunctionFitting, FunctionFittingSetting, grid
from studies import ROOT

FUNCTIONS = ("square", "interaction")
TINY = {"n_train": 12, "hidden": (5, 4), "batch_size": 5, "epochs": 3}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_noise_levels_share_their_draws_and_targets_are_the_function_plus_noise(function):
    setting = FunctionFittingSetting(function, n_train=2_000, noise_std=0.3)
    x, y = setting.training_set(7)
    expected = x[:, 0] * x[:, -1]  # of one feature its square
    residual = y[:, 0] - expected
    assert x.shape == (2_000, setting.n_features)
    assert np.abs(x).max() <= 1
    assert residual.std() == pytest.approx(0.3, rel=0.06)
    assert abs(np.corrcoef(residual, expected)[0, 1]) < 0.08
    setting = FunctionFittingSetting(function)
    x, y = setting.training_set(3)
    noisier_x, noisier_y = replace(setting, noise_std=0.2).training_set(3)
    assert np.array_equal(x, noisier_x)
    assert noisier_y - setting.target(x) == pytest.approx(2 * (y - setting.target(x)))
    for fewer, whole in zip(replace(setting, n_train=20).training_set(3), (x, y), strict=True):
        assert np.array_equal(fewer, whole[:20])
    assert not np.array_equal(setting.training_set(4)[0], x)


@pytest.mark.parametrize(("function", "mean", "mean_square"), [("square", 1 / 3, 1 / 5), ("interaction", 0, 1 / 9)])
def test_test_points_average_over_the_inputs(function, mean, mean_square):
    setting = FunctionFittingSetting(function)
    points = setting.test_points()
    assert len(points) == 400
    assert setting.target(points).mean() == pytest.approx(mean, abs=1e-4)
    assert np.square(setting.target(points)).mean() == pytest.approx(mean_square, rel=0.01)


@pytest.mark.parametrize(("function", "best"), [("square", 4 / 45), ("interaction", 1 / 9)])
def test_the_linear_models_bias_is_what_no_line_can_reach(function, best):
    setting = FunctionFittingSetting(function, n_train=200, noise_std=0.3)
    example = linear_models(setting, np.zeros((1, setting.n_features)), 500)
    targets = setting.target(setting.test_points())
    found = decomposition.squared_error(example[0][:, :, None], targets, noise=0.09)
    assert found["bias"].value == pytest.approx(best, rel=0.01)
    # About (σ² + what the line misses)·(1 + d)/n with n samples, more where the misfit is large at large inputs.
    variance = (0.09 + best) * (1 + setting.n_features) / 200
    assert variance < found["variance"].value < 2 * variance


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_linear_model_is_least_squares(function):
    setting, seed = FunctionFittingSetting(function), 4
    drawn = grid(np.linspace(-1, 1, 5), setting.n_features)
    reference = LinearRegression().fit(*setting.training_set(seed))
    found = linear_models(setting, drawn, seed + 1)
    assert found[1][seed] == pytest.approx(reference.predict(drawn)[:, 0])
    assert found[0][seed] == pytest.approx(reference.predict(setting.test_points())[:, 0])


def plain_loop(setting: FunctionFittingSetting, seed: int, points: np.ndarray) -> np.ndarray:
    """One network, trained by autograd and torch's own SGD."""
    layers: list[torch.nn.Module] = []
    for index, (n_in, n_out) in enumerate(pairwise((setting.n_features, *setting.hidden, 1))):
        layer = torch.nn.Linear(n_in, n_out, dtype=torch.float64)
        weight, bias = initial_layer(seed, index, n_in, n_out, None)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.T.copy()))
            layer.bias.copy_(torch.from_numpy(bias))
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimiser = torch.optim.SGD(model.parameters(), lr=setting.learning_rate)
    steps = setting.epochs * -(-setting.n_train // setting.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=steps)
    x, y = (torch.from_numpy(part) for part in setting.training_set(seed))
    for epoch in range(1, setting.epochs + 1):
        order = torch.from_numpy(generator("order", seed, step=epoch).permutation(setting.n_train))
        for batch in order.split(setting.batch_size):
            optimiser.zero_grad()
            (torch.nn.functional.mse_loss(model(x[batch]), y[batch]) / 2).backward()
            optimiser.step()
            schedule.step()
    return model(torch.from_numpy(points))[:, 0].detach().numpy()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_batched_networks_are_those_of_a_plain_loop(function):
    setting = FunctionFittingSetting(function, **TINY)
    drawn = grid(np.linspace(-1, 1, 4), setting.n_features)
    found = networks(setting, drawn, 3)
    for seed in range(3):
        assert found[1][seed] == pytest.approx(plain_loop(setting, seed, drawn), rel=1e-4, abs=1e-5)
        assert found[0][seed] == pytest.approx(plain_loop(setting, seed, setting.test_points()), rel=1e-4, abs=1e-5)


@pytest.mark.arithmetic
def test_a_network_does_not_depend_on_the_others():
    setting = FunctionFittingSetting("square", **TINY)
    drawn = grid(np.linspace(-1, 1, 4), 1)
    np.testing.assert_array_equal(networks(setting, drawn, 2)[0], networks(setting, drawn, 6)[0][:2])


def test_the_tasks_risk_is_the_noise_and_the_error_on_the_test_points():
    setting = FunctionFittingSetting("interaction", **TINY)
    runs = pd.DataFrame({"run_id": ["a", "b"], "seed": [0, 1], "data_seed": [0, 1]})
    task = FunctionFitting(runs, setting, dtype="float64")
    network = task.initial_network()
    predictions = task.predictions(network, np.array([1, 0]))
    assert list(predictions["run_id"].unique()) == ["b", "a"]
    error = predictions["prediction"].to_numpy().reshape(2, -1) - setting.target(setting.test_points())[:, 0]
    risk = setting.noise_std**2 + np.square(error).mean(axis=1)
    assert task.metrics(network)["risk"] == pytest.approx(risk[::-1])


@pytest.fixture(scope="module")
def small():
    """The example at low noise with a quarter of the replicates."""
    settings = {name: replace(SETTINGS[name], epochs=120) for name in FUNCTIONS}
    return example_tables(settings, replicates=25, axis_points=(21, 5))


def test_only_the_network_represents_the_functions_and_parts_of_the_tables_add_up(small):
    values = small[0].set_index(["setting", "method", "component"])["value"]
    for setting in FUNCTIONS:
        assert values[setting, "network", "bias"] < 0.1 * values[setting, "linear_model", "bias"]
        assert values[setting, "network", "risk"] < 0.25 * values[setting, "linear_model", "risk"]
    table, curves = small
    assert list(table.columns) == COLUMNS
    assert [set(table[name]) for name in ("n_replicates", "n_items", "n_train")] == [{25}, {400}, {50}]
    parts = table.pivot_table("value", ["setting", "method"], "component")
    assert len(parts) == 4
    assert (parts["noise"] + parts["bias"] + parts["variance"]).to_numpy() == pytest.approx(parts["risk"].to_numpy())
    assert list(curves.columns) == TABLES["examples"].columns
    square, interaction = (curves[curves["setting"] == name] for name in FUNCTIONS)
    assert (len(square), len(interaction)) == (2 * 21, 2 * 5 * 5)
    assert square["x2"].isna().all()
    assert (square["target"] == square["x1"] ** 2).all()
    assert (interaction["target"] == interaction["x1"] * interaction["x2"]).all()
    assert (curves["low"] < curves["high"]).all()
    assert curves["mean"].between(curves["low"], curves["high"]).mean() > 0.95


def test_the_example_is_run_with_few_and_many_samples_under_little_and_much_noise():
    sizes = {(one.function, one.n_train, one.noise_std) for one in chapter_example.SETTINGS.values()}
    for function in FUNCTIONS:
        assert {(function, n, sigma) for n in (20, 50, 500) for sigma in (0.1, 1.0)} <= sizes
    assert len(sizes) == len(chapter_example.SETTINGS)


def test_the_script_writes_both_tables(small, tmp_path, monkeypatch):
    monkeypatch.setattr(chapter_example, "example_tables", lambda: small)
    outputs = [tmp_path / "decomposition.parquet", tmp_path / "examples.parquet"]
    options = ["--output-decomposition", str(outputs[0]), "--output-curves", str(outputs[1])]
    monkeypatch.setattr(sys, "argv", ["make_examples.py", *options])
    threads = torch.get_num_threads()
    try:
        runpy.run_path(str(ROOT / "scripts" / "make_examples.py"), run_name="__main__")
    finally:
        torch.set_num_threads(threads)
    for output, table in zip(outputs, small, strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(output), table, check_dtype=False)
        assert output.with_suffix(".csv").exists()
