"""The chapter's own example, run: a linear model and a small network on y = x² and on y = x₁x₂.

Both methods see the same training sets. They are refitted to many of them, and the mean squared error on fixed points
is split into noise, bias² and variance. How the variances compare depends on the noise and on the samples, so σ has
three levels: little (the chapter's claim is about what the models can represent), as much as the signal, and far more;
and under little and under much noise there are fewer and more samples.
"""

from typing import Any, Literal

import numpy as np
import pandas as pd

from regularization.analysis import decomposition
from regularization.analysis.catalogue import TABLES
from regularization.analysis.decomposition_table import COLUMNS, rows_of
from regularization.methods import method_class
from regularization.theory.ridge import ridge_weights
from regularization.training.loop import train
from regularization.training.tasks.function_fitting import FunctionFitting, FunctionFittingSetting, grid

FUNCTIONS: tuple[Literal["square", "interaction"], ...] = ("square", "interaction")
VARIANTS: dict[str, dict[str, Any]] = {
    "": {},
    "_noise_0.3": {"noise_std": 0.3},
    "_noise_1": {"noise_std": 1.0},
    "_samples_20": {"n_train": 20},
    "_samples_20_noise_1": {"n_train": 20, "noise_std": 1.0},
    "_samples_500": {"n_train": 500, "epochs": 60},  # twice the default's steps, not ten times as many
    "_samples_500_noise_1": {"n_train": 500, "epochs": 60, "noise_std": 1.0},
}
SETTINGS = {
    function + name: FunctionFittingSetting(function, **changed)
    for function in FUNCTIONS
    for name, changed in VARIANTS.items()
}


REPLICATES = 100  # training sets; replicate s has the data, the initial weights and the batch order of seed s
AXIS_POINTS = (101, 21)  # points an axis of the grid that is drawn, by number of inputs
BAND = (0.1, 0.9)  # the quantiles over replicates between which the band of predictions lies
Example = tuple[np.ndarray, np.ndarray]  # predictions (replicates, points), at test points and at those drawn


def example_tables(
    settings: dict[str, FunctionFittingSetting] = SETTINGS,
    replicates: int = REPLICATES,
    axis_points: tuple[int, int] = AXIS_POINTS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the example: rows of the table `decomposition` with experiment "example" and methods "linear_model" and
    "network", and the table `examples`, mean and band of the predictions (x2 is NaN with one input).
    """
    rows: list[dict[str, object]] = []
    curves = []
    for name, setting in settings.items():
        drawn = grid(np.linspace(-1, 1, axis_points[setting.n_features - 1]), setting.n_features)
        targets = setting.target(setting.test_points())
        fitted = {
            "linear_model": linear_models(setting, drawn, replicates),
            "network": networks(setting, drawn, replicates),
        }
        for method, (test, at_drawn) in fitted.items():
            components = decomposition.squared_error(test[:, :, None], targets, noise=setting.noise_std**2)
            cell = {"experiment": "example", "setting": name, "method": method, "lam": 0.0, "p": ""}
            cell["n_train"] = setting.n_train
            rows += rows_of(cell, "squared_error", components, *test.shape)
            low, high = np.quantile(at_drawn, BAND, axis=0)
            place = {"x1": drawn[:, 0], "x2": drawn[:, 1] if setting.n_features > 1 else np.nan}
            target, mean = setting.target(drawn)[:, 0], at_drawn.mean(axis=0)
            values = {"target": target, "mean": mean, "low": low, "high": high}
            curves.append(pd.DataFrame({"setting": name, "method": method, **place, **values}))
    return pd.DataFrame(rows, columns=COLUMNS), pd.concat(curves, ignore_index=True)[TABLES["examples"].columns]


def linear_models(setting: FunctionFittingSetting, drawn: np.ndarray, replicates: int) -> Example:
    """Least squares with an intercept, in closed form, on every training set."""
    sets = [setting.training_set(seed) for seed in range(replicates)]
    x, y = (np.stack(part) for part in zip(*sets, strict=True))
    weights, biases = ridge_weights(x, y, np.zeros(1))
    return (setting.test_points() @ weights + biases)[:, :, 0], (drawn @ weights + biases)[:, :, 0]


def networks(setting: FunctionFittingSetting, drawn: np.ndarray, replicates: int) -> Example:
    """Small networks, one a training set, trained together, not regularized; `RuntimeError` if one diverges."""
    seeds = np.arange(replicates)
    runs = pd.DataFrame({"run_id": [f"seed={seed}" for seed in seeds], "seed": seeds, "data_seed": seeds})
    test = setting.test_points()
    task = FunctionFitting(runs, setting, points=np.concatenate([test, drawn]))
    trained = train(task, method_class("none")(**task.method_arguments()), predict=seeds)
    if (lost := int((trained.status != "ok").sum())) or trained.predictions is None:
        raise RuntimeError(f"{lost} of {replicates} networks diverged or collapsed in the example {setting}")
    values = trained.predictions["prediction"].to_numpy().reshape(replicates, -1)
    return values[:, : len(test)], values[:, len(test) :]
