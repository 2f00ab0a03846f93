"""Draw what the linear runs of a seed see: inputs, targets, initial weights and the order of batches."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from regularization.settings import LinearRegressionSetting
from regularization.streams import generator

# What settings may differ in and still share draws, shapes and steps: these numbers scale the draws.
SCALES: dict[str, Any] = dict.fromkeys(("true_weight", "true_bias", "noise_std", "init_std", "bias_init_std"), 0.0)

PARTS: tuple[Literal["train", "test", "validation"], ...] = ("train", "test", "validation")


def sample(
    data_seed: int, n: int, n_features: int, part: Literal["train", "test", "validation"] = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw standard normal inputs, shape (n, n_features), and noise, shape (n,), of a data seed; nested in n."""
    stream = 2 * PARTS.index(part)
    x = generator("data", data_seed, part=stream).standard_normal((n, n_features))
    return x, generator("data", data_seed, part=stream + 1).standard_normal(n)


def start(seed: int, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw standard normal initial weights, shape (n_features,), and bias, shape (), of a seed."""
    weights = generator("init", seed, part=0).standard_normal(n_features)
    return weights, np.asarray(generator("init", seed, part=1).standard_normal())


def training_inputs(n_train: int, n_features: int, n_seeds: int) -> Iterator[np.ndarray]:
    """Yield X of seeds 0, 1, … as the runs see them, each of shape (n_train, n_features)."""
    for seed in range(n_seeds):
        yield sample(seed, n_train, n_features)[0]


def batch_orders(n_train: int, epochs: int, seed: int) -> np.ndarray:
    """Draw the order of the samples in every epoch of a seed's runs, shape (epochs, n_train)."""
    return np.stack([generator("order", seed, step=epoch).permutation(n_train) for epoch in range(1, epochs + 1)])


def training_sets(setting: LinearRegressionSetting, data_seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs and targets of some data seeds in a setting, shapes (seeds, n, features) and (seeds, n, 1)."""
    samples = (sample(int(seed), setting.n_train, setting.n_features) for seed in data_seeds)
    x, noise = (np.stack(part) for part in zip(*samples, strict=True))
    return x, (setting.true_bias + setting.true_weight * x.sum(axis=2) + setting.noise_std * noise)[:, :, None]
