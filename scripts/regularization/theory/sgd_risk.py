"""The risk of minibatch SGD, given inputs and order of batches, averaged over start and noise: see docs/theory.md."""

from dataclasses import dataclass

import numpy as np

from regularization.settings import LinearRegressionSetting
from regularization.theory.by_group import ByGroup
from regularization.theory.expected_risk import RiskParts, reduced

BLOCK = 80  # samples: enough for matrix products to be fast, not so many that the system costs more than they


@dataclass(frozen=True)
class SgdMoments(ByGroup):
    """What training makes of a start and of noise with unit variance, and of the signal; each (groups, columns).

    A group is a training set with its order of batches, a column a λ with its learning rates. What is not learnt of w*
    = (1, …, 1) and of b* = 1, each alone, makes inner products, shape (groups, columns, 2, 2).
    """

    weights_of_weights: np.ndarray  # E‖w_T‖² from w₀ ~ N(0, I) alone
    bias_of_weights: np.ndarray  # E b_T² of the same
    weights_of_bias: np.ndarray  # ‖w_T‖² from b₀ = 1 alone
    bias_of_bias: np.ndarray  # b_T² of the same
    weights_of_noise: np.ndarray  # E‖w_T‖² from ε ~ N(0, I) alone
    bias_of_noise: np.ndarray  # E b_T² of the same
    missed: np.ndarray  # those of the weights
    missed_bias: np.ndarray  # what of the intercept is not learnt, shape (groups, columns, 2)

    def risk(self, setting: LinearRegressionSetting) -> RiskParts:
        """Expected risk with a setting's w*, b*, σ and initialisation, parts of shape (groups, columns)."""
        start, bias_start, noise = (std**2 for std in (setting.init_std, setting.bias_init_std, setting.noise_std))
        truth = np.array([setting.true_weight, setting.true_bias])
        return RiskParts(
            initialisation=_times(start, self.weights_of_weights) + _times(bias_start, self.weights_of_bias),
            signal=_defined(self.missed @ truth @ truth),
            noise=_times(noise, self.weights_of_noise),
            bias_term=_times(start, self.bias_of_weights)
            + _times(bias_start, self.bias_of_bias)
            + _times(noise, self.bias_of_noise)
            + _defined((self.missed_bias @ truth) ** 2),
            noise_floor=noise,
        )


def sgd_moments(
    x: np.ndarray, order: np.ndarray, batch_size: int, learning_rates: np.ndarray, lam: np.ndarray
) -> SgdMoments:
    """Follow SGD on the L2-penalised half squared error through the batches of one training set, at many λ at once.

    Inputs are (n, features), the order of samples (epochs, n), η of every step (columns, steps) and λ ≥ 0 (columns,).
    The last batch of an epoch takes what is left. η is 0 after the last step of a column that stops early; columns that
    stop earlier stand further back. Moments of one group are infinite where SGD has left floating-point range.
    """
    n, n_features = x.shape
    (x,), (ones,), (unseen_ones,) = reduced(x[None])
    size, per_epoch, most = x.shape[1], -(-n // batch_size), max(1, BLOCK // batch_size)
    response = np.tile(np.eye(size + 1), (len(lam), 1, 1))  # R
    gain = np.zeros((len(lam), n, size + 1))  # Nᵀ
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in reversed(range(len(order))):
            for first in reversed(range(0, per_epoch, most)):
                last = min(first + most, per_epoch)
                samples = order[epoch, first * batch_size : last * batch_size]
                rates = learning_rates[:, epoch * per_epoch + first : epoch * per_epoch + last]
                running = slice(np.count_nonzero(rates.any(axis=1)))
                batch = np.arange(len(samples)) // batch_size
                gain[running, samples] += _back_through(
                    response[running], x[samples], batch, rates[running], lam[running]
                )
        left = np.prod(1 - learning_rates * lam[:, None], axis=1)
        unseen = (n_features - size) * left**2
        return _moments(response, gain, x, ones, unseen_ones, unseen)


def _back_through(
    response: np.ndarray, x: np.ndarray, batch: np.ndarray, learning_rates: np.ndarray, lam: np.ndarray
) -> np.ndarray:
    """Turn the response to the parameters after a block of batches into that to those before it, in place.

    R has the shape (columns, k + 1, k + 1), the block's inputs in their order (q, k); `batch`, shape (q,), says in
    which of the block's batches each is; η of every batch is (columns, batches), λ (columns,). Returns the response to
    the block's targets, (RF)ᵀ, shape (columns, q, k + 1).
    """
    step = (learning_rates / np.bincount(batch))[:, batch, None]  # c of every sample
    left = _products(1 - learning_rates * lam[:, None])
    at_end, at_start = left[:, -1, batch + 1, None], left[:, batch, 0, None]  # of the weights, in W and in V
    weights, bias = response[..., :-1], response[..., -1]  # views
    of_targets = at_end * (x @ weights.swapaxes(1, 2)) + bias[:, None]  # (RW)ᵀ
    if batch[-1] > 0:  # samples of one batch do not see each other's corrections
        earlier = step * (batch[:, None] > batch)
        system = np.eye(len(batch)) + earlier * (left[:, batch[:, None], batch + 1] * (x @ x.T) + 1)
        of_targets = np.linalg.solve(system.swapaxes(1, 2), of_targets)
    of_targets *= step
    weights *= left[:, -1, 0, None, None]
    weights -= (at_start * of_targets).swapaxes(1, 2) @ x
    bias -= of_targets.sum(axis=1)
    return of_targets


def _products(factors: np.ndarray) -> np.ndarray:
    """factors[j]·…·factors[i − 1] at [i, j], 1 where there are none; shape (columns, m) → (columns, m + 1, m + 1)."""
    m = factors.shape[1]
    rows = factors[:, np.maximum(np.arange(m + 1) - 1, 0), None]
    return np.cumprod(np.where(np.tri(m + 1, k=-1, dtype=bool), rows, 1.0), axis=1)


def _moments(
    response: np.ndarray, gain: np.ndarray, x: np.ndarray, ones: np.ndarray, unseen_ones: float, unseen: np.ndarray
) -> SgdMoments:
    """Sum the squares of R, N and the signal's error.

    R is (columns, k + 1, k + 1), the gain Nᵀ (columns, n, k + 1), inputs (n, k), (1, …, 1) there (k,) and beyond them
    of squared length `unseen_ones`; `unseen`, shape (columns,), is E‖what is left of w₀ there‖².
    """
    targets = np.stack([x @ ones, np.ones(len(x))], axis=1)
    truth = np.stack([np.append(ones, 0.0), np.append(np.zeros(len(ones)), 1.0)], axis=1)
    error = gain.swapaxes(1, 2) @ targets - truth  # (columns, k + 1, 2)
    missed = error[:, :-1].swapaxes(1, 2) @ error[:, :-1]
    missed[:, 0, 0] += unseen_ones
    start, noise = response**2, (gain**2).sum(axis=1)
    moments = (
        start[:, :-1, :-1].sum(axis=(1, 2)) + unseen,
        start[:, -1, :-1].sum(axis=1),
        start[:, :-1, -1].sum(axis=1),
        start[:, -1, -1],
        noise[:, :-1].sum(axis=1),
        noise[:, -1],
        missed,
        error[:, -1],
    )
    return SgdMoments(*(moment[None] for moment in moments))


def _times(variance: float, moment: np.ndarray) -> np.ndarray:
    """Multiply; 0 stays 0 where the factor overflows."""
    return variance * _defined(moment) if variance > 0 else np.zeros_like(moment)


def _defined(moment: np.ndarray) -> np.ndarray:
    """Take the difference of two infinities as infinite: SGD has diverged."""
    return np.where(np.isnan(moment), np.inf, moment)
