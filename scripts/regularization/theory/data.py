"""What the linear runs of a seed see: their inputs, their targets and the order of their batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from regularization.settings import LinearRegressionSetting
from regularization.streams import generator


def training_inputs(n_train: int, n_features: int, n_seeds: int) -> Iterator[np.ndarray]:
    """X of seeds 0, 1, … as the runs see them, each of shape (n_train, n_features)."""
    for seed in range(n_seeds):
        yield generator("data", seed, part=0).standard_normal((n_train, n_features))


def batch_orders(n_train: int, epochs: int, seed: int) -> np.ndarray:
    """The order of the samples in every epoch of a seed's runs, shape (epochs, n_train)."""
    return np.stack([generator("order", seed, step=epoch).permutation(n_train) for epoch in range(1, epochs + 1)])


def training_sets(setting: LinearRegressionSetting, data_seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of some data seeds in a setting, shapes (seeds, n, features) and (seeds, n, 1)."""
    n, d = setting.n_train, setting.n_features
    x = np.stack([generator("data", int(seed), part=0).standard_normal((n, d)) for seed in data_seeds])
    noise = np.stack([generator("data", int(seed), part=1).standard_normal(n) for seed in data_seeds])
    return x, (setting.true_bias + setting.true_weight * x.sum(axis=2) + setting.noise_std * noise)[:, :, None]
