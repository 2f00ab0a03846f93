"""The risk of SGD on inputs that are perturbed afresh at every step, averaged over those too: see docs/theory.md.

As in `sgd_risk`, the order of the batches is given, and initial weights and noise are averaged over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from regularization.settings import LinearRegressionSetting
from regularization.theory.by_group import ByGroup
from regularization.theory.expected_risk import reduced


@dataclass(frozen=True)
class PerturbedMoments(ByGroup):
    """The expected risk without σ², by what it comes from; each of shape (groups, columns), a column a λ or p."""

    weights: np.ndarray  # from w₀ ~ N(0, I) alone
    bias: np.ndarray  # from b₀ = 1 alone
    noise: np.ndarray  # from ε ~ N(0, I) alone
    truth: np.ndarray  # from w* = (1, …, 1) and b* = 1, their squares and their product, shape (groups, columns, 2, 2)

    def risk(self, setting: LinearRegressionSetting) -> np.ndarray:
        """Expected risk with a setting's w*, b*, σ and initialisation, shape (groups, columns)."""
        truth = np.array([setting.true_weight, setting.true_bias])
        parts = [
            (setting.init_std**2, self.weights),
            (setting.bias_init_std**2, self.bias),
            (setting.noise_std**2, self.noise + 1),
            (1.0, self.truth @ truth @ truth),
        ]
        with np.errstate(over="ignore", invalid="ignore"):
            risk = sum((factor * part for factor, part in parts if factor > 0), np.zeros_like(self.noise))
        return np.where(np.isnan(risk), np.inf, risk)


@dataclass
class _Form:
    """The quadratic form before a step, for all columns."""

    rows: np.ndarray  # its rows in u, symmetric in u, shape (columns, k + 1, k + 1 + n + 2)
    unseen: np.ndarray  # κ, shape (columns,)
    noise: np.ndarray  # the trace of its part in ε, shape (columns,)
    truth: np.ndarray  # its part in θ, shape (columns, 2, 2)


@dataclass(frozen=True)
class _Batch:
    """A batch in the coordinates that are followed."""

    x: np.ndarray  # inputs, shape (|B|, k)
    z: np.ndarray  # with the intercept's 1, shape (|B|, k + 1)
    residual: np.ndarray  # ρ, the linear forms of the residuals, shape (|B|, k + 1 + n + 2)


class _Inputs(NamedTuple):
    """Inputs in the coordinates that are followed."""

    x: np.ndarray  # (n, k)
    ones: np.ndarray  # (1, …, 1) there, (k,)
    unseen_ones: float  # squared length of what of it lies beyond
    n_unseen: int  # directions beyond


def noisy_moments(
    x: np.ndarray, order: np.ndarray, batch_size: int, learning_rates: np.ndarray, lam: np.ndarray
) -> PerturbedMoments:
    """Follow SGD on the half squared error under Gaussian noise on the inputs, for one training set at many λ at once.

    Arguments and result as in `sgd_moments`, but with learning rates (steps,), and as λ the noise's variances.
    """
    n_features = x.shape[1]
    (x,), (ones,), (unseen_ones,) = reduced(x[None])
    n_unseen = n_features - x.shape[1]
    variance = lam[:, None, None]

    def back(form: _Form, batch: _Batch, c: float) -> None:
        k, m = batch.x.shape[1], len(batch.x)
        before = form.rows[:, :, : k + 1].copy()
        trace = np.trace(before[:, :k, :k], axis1=1, axis2=2) + n_unseen * form.unseen
        seen = before @ batch.z.T  # Uz
        along = np.einsum("cki,ik->c", seen, batch.z)
        decay = c * m * lam
        _mean_step(form, batch, c, np.broadcast_to(decay[:, None], (len(lam), k)))
        weights = seen[:, :k] @ (c**2 * variance * batch.residual)  # wᵀUz·ρ
        form.rows[:, :k] += weights
        form.rows[:, :, :k] += weights[:, :, : k + 1].swapaxes(1, 2)
        form.rows[:, :k, :k] += variance**2 * c**2 * m * before[:, :k, :k]
        everywhere = c**2 * (lam * along + lam**2 * m * trace)
        form.rows[:, range(k), range(k)] += everywhere[:, None]
        form.unseen *= (1 - decay) ** 2 + c**2 * lam**2 * m
        form.unseen += everywhere
        _add_squares(form, batch, c**2 * lam[:, None] * np.broadcast_to(trace[:, None], (len(lam), m)))

    inputs = _Inputs(x, ones, unseen_ones, n_unseen)
    return _followed(inputs, order, batch_size, learning_rates, len(lam), back)


def masked_moments(
    x: np.ndarray, order: np.ndarray, batch_size: int, learning_rates: np.ndarray, p: np.ndarray
) -> PerturbedMoments:
    """Follow SGD under dropout of the inputs, at many p at once; arguments as in `noisy_moments`, 0 ≤ p < 1."""
    kept = 1 / (1 - p)
    s = p * kept
    third = -p + (1 - p) * s**3

    def back(form: _Form, batch: _Batch, c: float) -> None:
        k, power = batch.x.shape[1], batch.x**2
        before = form.rows[:, :, : k + 1].copy()
        own = np.diagonal(before[:, :k, :k], axis1=1, axis2=2)
        seen = before @ batch.z.T
        along = np.einsum("cki,ik->ci", seen, batch.z)
        spread = s[:, None] * (own @ power.T)  # what E(zᵀUz) of the perturbed has beyond that of the mean
        _mean_step(form, batch, c, (c * s)[:, None] * power.sum(axis=0))
        itself = (kept - 2)[:, None, None] * own[:, :, None] * batch.x.T
        weights = (c**2 * s)[:, None, None] * (power.T * (seen[:, :k] + itself)) @ batch.residual
        form.rows[:, :k] += weights
        form.rows[:, :, :k] += weights[:, :, : k + 1].swapaxes(1, 2)
        skewed = third[:, None] * ((2 * seen[:, :k] + itself) * (batch.x.T * power.T)).sum(axis=2)
        shared = (c * s)[:, None, None] ** 2 * (power.T @ power)
        form.rows[:, :k, :k] += shared * before[:, :k, :k]
        form.rows[:, range(k), range(k)] += (
            c**2 * (s[:, None] * ((along + spread) @ power) + skewed) - 2 * np.diagonal(shared, axis1=1, axis2=2) * own
        )
        _add_squares(form, batch, c**2 * spread)

    inputs = _Inputs(x, np.ones(x.shape[1]), 0.0, 0)
    return _followed(inputs, order, batch_size, learning_rates, len(p), back)


def _followed(
    inputs: _Inputs,
    order: np.ndarray,
    batch_size: int,
    learning_rates: np.ndarray,
    columns: int,
    back: Callable[[_Form, _Batch, float], None],
) -> PerturbedMoments:
    """Follow the form of one training set, for so many columns, from the last step back to the first.

    Order (epochs, n) and learning rates (steps,) as in `noisy_moments`; `back` turns the form after a step, on a batch
    with c = η/|B|, into that before it, in place.
    """
    x, ones, unseen_ones, n_unseen = inputs
    n, k = x.shape
    z = np.append(x, np.ones((n, 1)), axis=1)
    signal = np.stack([x @ ones, np.ones(n)], axis=1)
    residual = np.concatenate([z, -np.eye(n), -signal], axis=1)
    form = _last(ones, unseen_ones, n, columns)
    step = order.shape[0] * -(-n // batch_size)
    with np.errstate(over="ignore", invalid="ignore"):
        for samples in (epoch[i : i + batch_size] for epoch in order[::-1] for i in range(0, n, batch_size)[::-1]):
            step -= 1
            back(form, _Batch(x[samples], z[samples], residual[samples]), learning_rates[step] / len(samples))
        weights = np.trace(form.rows[:, :k, :k], axis1=1, axis2=2) + n_unseen * form.unseen
    moments = (weights, form.rows[:, k, k], form.noise, form.truth)
    return PerturbedMoments(*(moment[None] for moment in moments))


def _last(ones: np.ndarray, unseen_ones: float, n: int, columns: int) -> _Form:
    """Return the form after the last step: ‖w − w*‖² + (b − b*)²."""
    k = len(ones)
    rows = np.zeros((k + 1, k + 1 + n + 2))
    rows[:, : k + 1] = np.eye(k + 1)
    rows[:k, -2], rows[k, -1] = -ones, -1
    truth = np.diag([ones @ ones + unseen_ones, 1.0])
    return _Form(np.tile(rows, (columns, 1, 1)), np.ones(columns), np.zeros(columns), np.tile(truth, (columns, 1, 1)))


def _mean_step(form: _Form, batch: _Batch, c: float, decay: np.ndarray) -> None:
    """vᵀQv ← v̄ᵀQv̄, in place, for u ← u − Gv with G = cΣzᵢρᵢ + diag(decay), c = η/|B|; decay by weight (columns, k)."""
    k1 = batch.z.shape[1]
    of_noise, of_truth = batch.residual[:, k1:-2], batch.residual[:, -2:]
    reach = batch.z @ form.rows
    squares = reach[..., :k1] @ batch.z.T
    form.noise += np.einsum("in,cin->c", of_noise, c**2 * squares @ of_noise - 2 * c * reach[..., k1:-2])
    crossed = c * of_truth.T @ reach[..., -2:]
    form.truth += c**2 * of_truth.T @ squares @ of_truth - crossed - crossed.swapaxes(1, 2)
    after = form.rows - c * reach[..., :k1].swapaxes(1, 2) @ batch.residual
    after[..., : k1 - 1] -= decay[:, None, :] * form.rows[..., : k1 - 1]
    form.rows = after - c * batch.z.T @ (batch.z @ after)
    form.rows[:, : k1 - 1] -= decay[:, :, None] * after[:, : k1 - 1]


def _add_squares(form: _Form, batch: _Batch, factor: np.ndarray) -> None:
    """Add Σ factorᵢ·ρᵢ² to the form; factors of shape (columns, |B|)."""
    of_truth = batch.residual[:, -2:]
    form.rows += (batch.z.T * factor[:, None, :]) @ batch.residual
    form.noise += factor.sum(axis=1)
    form.truth += (of_truth.T * factor[:, None, :]) @ of_truth
