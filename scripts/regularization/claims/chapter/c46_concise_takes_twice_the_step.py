"""The concise version blows up at learning rates that the one from scratch bears: its step is twice as large."""

from collections.abc import Sequence

import numpy as np

from regularization.claims.kit import CHAPTER_LAM, Case, Claim, Evidence, Identity, Measurement, apart
from regularization.methods import Tensor
from regularization.settings import LinearRegressionSetting

Batch = tuple[Tensor, Tensor]

CASES, EPOCHS, DOUBLINGS = 10, 10, 8
TOLERANCE = 1e-12


def evaluate(evidence: Evidence) -> Measurement:
    chapter = LinearRegressionSetting()
    rate = chapter.learning_rate
    errors = []
    for _ in range(CASES):
        w, batches = draw(chapter, evidence.rng)
        scratch = trained(w, [batches[:1]], 2 * rate, CHAPTER_LAM / 2, concise=False)
        errors.append(apart(trained(w, [batches[:1]], rate, CHAPTER_LAM, concise=True), scratch))
    case = Case("linear layer", "", "weights", max(errors), TOLERANCE)
    w, batches = draw(chapter, evidence.rng)
    first = {concise: first_that_blows_up(w, batches, rate, concise=concise) for concise in (True, False)}
    earlier = bool(np.isclose(2 * first[True], first[False]))
    evidence.condition("earlier", earlier, concise=first[True], scratch=first[False])
    return Measurement.identity([case], CASES, evidence, [case])


def draw(chapter: LinearRegressionSetting, rng: np.random.Generator) -> tuple[Tensor, list[Batch]]:
    """Initial weights (features, 1) and minibatches of one training set like the chapter's."""
    import torch

    x = torch.from_numpy(rng.standard_normal((chapter.n_train, chapter.n_features)))
    y = chapter.true_weight * x.sum(dim=1, keepdim=True) + chapter.true_bias
    y = y + chapter.noise_std * torch.from_numpy(rng.standard_normal(y.shape))
    w = torch.from_numpy(rng.standard_normal((chapter.n_features, 1)))
    return w, list(zip(x.split(chapter.batch_size), y.split(chapter.batch_size), strict=True))


def trained(w: Tensor, epochs: Sequence[Sequence[Batch]], rate: float, lam: float, *, concise: bool) -> Tensor:
    """The weights (features, 1) after training by the chapter's code from scratch or by its concise one, from b = 0."""
    import torch

    from regularization.textbook.linear_regression import train_concisely, train_from_scratch

    if not concise:
        weight, bias = w.clone().requires_grad_(), torch.zeros(1, dtype=w.dtype, requires_grad=True)
        train_from_scratch(weight, bias, epochs, learning_rate=rate, lam=lam)
        return weight.detach()
    model = torch.nn.Linear(len(w), 1, dtype=w.dtype)
    model.weight.data, model.bias.data = w.T.clone(), torch.zeros(1, dtype=w.dtype)
    train_concisely(model, epochs, learning_rate=rate, weight_decay=lam)
    return model.weight.detach().T


def first_that_blows_up(w: Tensor, batches: list[Batch], rate: float, *, concise: bool) -> float:
    """The first of the doubled rates after which the weights are larger than at the start; infinite if none is."""
    for rates in (rate * 2**power for power in range(DOUBLINGS)):
        after = trained(w, [batches] * EPOCHS, rates, CHAPTER_LAM, concise=concise)
        if not after.norm() < w.norm():
            return rates
    return np.inf


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate)
