"""Expected risk of SGD on perturbed inputs, against every perturbation there is, enumerated with its probability.

The reference is a plain loop over two steps of a tiny problem. Masks are finitely many. Of Gaussian noise the
squared error after a step is a polynomial of degree 4 in every component, for which Gauss–Hermite quadrature with three
nodes is exact. So both agree to rounding.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest

from regularization.settings import LinearRegressionSetting
from regularization.theory.perturbed_sgd import masked_moments, noisy_moments
from regularization.theory.sgd_risk import sgd_moments

SETTING = LinearRegressionSetting(true_weight=0.7, true_bias=-0.4, noise_std=0.3, init_std=0.9, bias_init_std=0.6)
NOTHING = dict.fromkeys(("init_std", "bias_init_std", "true_weight", "true_bias", "noise_std"), 0.0)
ONLY = [*({part: 1.0} for part in NOTHING), {"true_weight": 1.0, "true_bias": -2.0}]
RATES = np.array([0.3, 0.2])
Weighted = Iterator[tuple[float, np.ndarray]]


def masks(x: np.ndarray, p: float) -> Weighted:
    """Every mask's probability and what it leaves of the inputs."""
    for kept in product([0, 1], repeat=x.size):
        yield np.prod(np.where(kept, 1 - p, p)), x * np.reshape(kept, x.shape) / (1 - p)


def noises(x: np.ndarray, lam: float) -> Weighted:
    """Every combination of nodes' weight and the inputs there."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    for chosen in map(list, product(range(3), repeat=x.size)):
        yield np.prod(weights[chosen] / weights.sum()), x + lam**0.5 * nodes[chosen].reshape(x.shape)


def enumerated(x, batches, perturbed: Callable[[np.ndarray], Weighted], setting: LinearRegressionSetting) -> float:
    """Expected risk after as many steps as batches: forwards, start and noise direction by direction."""
    n, d = x.shape
    target = setting.true_bias + x.sum(axis=1) * setting.true_weight
    starts = [(np.zeros(d + 1), target, True)]
    starts += [(setting.init_std * axis, np.zeros(n), False) for axis in np.eye(d + 1)[:d]]
    starts += [(setting.bias_init_std * np.eye(d + 1)[d], np.zeros(n), False)]
    starts += [(np.zeros(d + 1), setting.noise_std * axis, False) for axis in np.eye(n)]
    truth = np.append(np.full(d, setting.true_weight), setting.true_bias)

    def expected(u: np.ndarray, y: np.ndarray, goal: np.ndarray, step: int) -> float:
        if step == len(batches):
            return float(((u - goal) ** 2).sum())
        samples, total = batches[step], 0.0
        for probability, inputs in perturbed(x[samples]):
            z = np.append(inputs, np.ones((len(samples), 1)), axis=1)
            after = u - RATES[step] / len(samples) * z.T @ (z @ u - y[samples])
            total += probability * expected(after, y, goal, step + 1)
        return total

    return setting.noise_std**2 + sum(
        expected(start, y, truth if signal else np.zeros(d + 1), 0) for start, y, signal in starts
    )


@pytest.mark.parametrize("changes", [{}, *({**NOTHING, **only} for only in ONLY)], ids=str)
@pytest.mark.parametrize(("n", "d", "size", "epochs"), [(1, 2, 1, 2), (1, 3, 1, 2), (2, 1, 1, 1), (3, 2, 2, 1)])
def test_every_mask_and_every_node_of_the_noise(n, d, size, epochs, changes):
    """More features than samples and fewer, a last batch that is smaller; every part of the risk alone and together."""
    rng = np.random.default_rng(n)
    x, setting = rng.standard_normal((n, d)) + 0.3, replace(SETTING, **changes)
    order = np.array([rng.permutation(n) for _ in range(epochs)])
    batches = [epoch[first : first + size] for epoch in order for first in range(0, n, size)]
    strengths = np.array([0.2, 0.6])
    dropped = masked_moments(x, order, size, RATES, strengths).risk(setting)[0]
    noised = noisy_moments(x, order, size, RATES, strengths).risk(setting)[0]
    for strength, by_masks, by_noise in zip(strengths, dropped, noised, strict=True):
        assert by_masks == pytest.approx(enumerated(x, batches, partial(masks, p=strength), setting), rel=1e-12)
        assert by_noise == pytest.approx(enumerated(x, batches, partial(noises, lam=strength), setting), rel=1e-12)


@pytest.mark.parametrize("moments", [masked_moments, noisy_moments])
def test_without_perturbations_it_is_sgd(moments):
    """As `sgd_risk`, which goes another way, has it: thirty samples a pass in batches of seven, and 40 features."""
    x = np.random.default_rng(0).standard_normal((30, 40))
    order = np.stack([np.random.default_rng(seed).permutation(30) for seed in range(3)])
    rates = np.linspace(0.05, 0.01, 15)
    found = moments(x, order, 7, rates, np.zeros(1)).risk(SETTING)
    exact = sgd_moments(x, order, 7, rates[None], np.zeros(1)).risk(SETTING).total
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_divergence_is_infinite():
    """Beyond floating-point range, not undefined."""
    x = np.random.default_rng(0).standard_normal((4, 6))
    order, rates = np.tile(np.arange(4), (200, 1)), np.full(800, 1.0)
    for moments, strength in ((noisy_moments, 100.0), (masked_moments, 0.99)):
        assert moments(x, order, 1, rates, np.array([strength])).risk(SETTING)[0, 0] == np.inf
