"""The expected risk of a minibatch SGD run given its inputs and the order of its batches, by following the map itself.

Independent of the trainer, of the closed forms and of `regularization.theory.sgd_risk`, which goes backwards block by
block: what becomes of every initial direction and of the noise of every sample is propagated step by step, for all
seeds and λ side by side, in the n + 1 dimensions that the data reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regularization.settings import LinearRegressionSetting, scheduled
from regularization.streams import generator


@dataclass(frozen=True)
class AffineMap:
    """(w, b) after training = initial @ (w₀, b₀) + signal + noise @ ε, all of shape (seeds, λ, n + 1, columns).

    The coordinates are an orthonormal basis of the inputs' span and the intercept; beyond it w₀ shrinks by `left`.
    """

    initial: np.ndarray
    signal: np.ndarray
    noise: np.ndarray
    truth: np.ndarray  # (seeds, 1, n + 1, 1)
    unseen_truth: np.ndarray  # squared length of w* beyond the span, (seeds, 1)
    left: np.ndarray  # (number of λ,)


def follow(setting: LinearRegressionSetting, lam: np.ndarray, seeds: range) -> AffineMap:
    """Train every direction of a setting with more features than samples."""
    n, d = setting.n_train, setting.n_features
    inputs = np.stack([generator("data", seed, part=0).standard_normal((n, d)) for seed in seeds])
    basis = np.linalg.qr(inputs.swapaxes(1, 2))[0]  # (seeds, d, n)
    x = np.concatenate([inputs @ basis, np.ones((len(inputs), n, 1))], axis=2)
    w_true = setting.true_weight * basis.sum(axis=1)
    truth = np.append(w_true, np.full((len(inputs), 1), setting.true_bias), axis=1)
    target = np.concatenate([np.zeros((len(inputs), n, n + 1)), (x @ truth[:, :, None])], axis=2)
    target = np.concatenate([target, np.broadcast_to(np.eye(n), (len(inputs), n, n))], axis=2)

    state = np.zeros((len(inputs), len(lam), n + 1, 2 * n + 2))
    state[:, :, :, : n + 1] = np.eye(n + 1)
    decay = np.append(np.ones(n), 0.0)[:, None] * lam[:, None, None]
    left, step, steps = np.ones(len(lam)), 0, setting.epochs * setting.steps_per_epoch
    for epoch in range(1, setting.epochs + 1):
        order = np.stack([generator("order", seed, step=epoch).permutation(n) for seed in seeds])
        for start in range(0, n, setting.batch_size):
            batch = order[:, start : start + setting.batch_size, None]
            x_batch = np.take_along_axis(x, batch, axis=1)[:, None]
            error = x_batch @ state - np.take_along_axis(target, batch, axis=1)[:, None]
            rate = scheduled(setting.learning_rate, setting.schedule, step, steps)
            state = (1 - rate * decay) * state - rate / batch.shape[1] * (x_batch.swapaxes(2, 3) @ error)
            left, step = left * (1 - rate * lam), step + 1
    return AffineMap(
        state[..., : n + 1],
        state[..., n + 1 : n + 2],
        state[..., n + 2 :],
        truth[:, None, :, None],
        d * setting.true_weight**2 - (w_true**2).sum(axis=1, keepdims=True),
        left,
    )


def expected_risk(trained: AffineMap, setting: LinearRegressionSetting) -> np.ndarray:
    """E(y − ŷ)² over w₀, b₀ and ε, shape (seeds, λ); w* and b* are those the map was followed with."""
    n_unseen = setting.n_features - setting.n_train
    start = np.append(np.full(setting.n_train, setting.init_std), setting.bias_init_std)
    parts = (trained.initial * start, trained.signal - trained.truth, setting.noise_std * trained.noise)
    seen = sum((part**2).sum(axis=(2, 3)) for part in parts)
    beyond = trained.unseen_truth + setting.init_std**2 * n_unseen * trained.left**2
    return seen + beyond + setting.noise_std**2
