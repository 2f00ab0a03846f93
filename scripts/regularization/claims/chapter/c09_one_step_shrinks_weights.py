"""One step of SGD with an L2 penalty is w ← (1 − ηλ)w − η∇loss: the weights decay, hence the name."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from regularization.claims.kit import Case, Claim, Evidence, Identity, Measurement, NotMeasured, network
from regularization.methods import Tensor

CASES, STEPS = 10, 3
SAMPLES, FEATURES = 5, 7
TOLERANCE = 1e-12
SGD = ("from scratch", "l2_penalty", "weight_decay", "torch.optim.SGD")
ADAM = ("adamw", "torch.optim.AdamW", "adam_l2", "torch.optim.Adam")


def evaluate(evidence: Evidence) -> Measurement:
    cases = {
        name: Case(name, "", "weights", max(error(name, evidence.rng) for _ in range(CASES)), TOLERANCE)
        for name in (*SGD, *ADAM)
    }
    for name in SGD:
        evidence.number("error", cases[name].value, optimiser=name)
    for name in ADAM:
        evidence.number("scope", cases[name].value, optimiser=name, decays=cases[name].passes)
    for method, lam in (("adam", 0.0), ("adam_l2", 0.01), ("adamw", 3.0)):
        key = network(method, lam, setting="samples_500_adam")
        with suppress(NotMeasured):
            loss, norm = (evidence.values(key, metric).mean() for metric in ("test_loss", "weight_norm"))
            evidence.number("trained", method=method, lam=lam, loss=loss, norm=norm)
    return Measurement.identity([cases[name] for name in SGD], CASES * STEPS * len(SGD), evidence, cases.values())


def error(name: str, rng: np.random.Generator) -> float:
    """Largest |w′ − ((1 − ηλ)w − step)| over a few steps of one optimiser, from random weights on random data.

    For SGD the step is η∇loss. For Adam it is what Adam does without a penalty to the same sequence of gradients.
    """
    import torch

    lam, learning_rate = rng.uniform(0.01, 3), rng.uniform(0.001, 0.3)
    weight = torch.from_numpy(rng.standard_normal((FEATURES, 1)))
    x, residual = (torch.from_numpy(rng.standard_normal((STEPS, SAMPLES, size))) for size in (FEATURES, 1))
    step = optimiser(name, lam, learning_rate)
    adam = torch.nn.Parameter(weight.clone())
    without = torch.optim.Adam([adam], lr=learning_rate)
    found = 0.0
    for inputs, error_ in zip(x, residual, strict=True):
        gradient = inputs.T @ error_ / SAMPLES  # of the mean half squared error where ŷ − y = error_
        usual = learning_rate * gradient
        if name in ADAM:
            before, adam.grad = adam.detach().clone(), gradient
            without.step()
            usual = before - adam.detach()
        expected = (1 - learning_rate * lam) * weight - usual
        weight = step(weight, inputs, error_)
        found = max(found, (weight - expected).abs().max().item())
    return found


def optimiser(name: str, lam: float, learning_rate: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """One optimiser's step as a function of weights (d, 1), inputs (n, d) and ŷ − y (n, 1); returns the new weights."""
    import torch

    from regularization.methods import method_class
    from regularization.textbook.linear_regression import train_from_scratch
    from regularization.training.network import update

    if name == "from scratch":

        def from_scratch(weight: Tensor, x: Tensor, error: Tensor) -> Tensor:
            w, b = weight.clone().requires_grad_(), torch.zeros(1, dtype=weight.dtype, requires_grad=True)
            train_from_scratch(w, b, [[(x, x @ weight - error)]], learning_rate=learning_rate, lam=lam)
            return w.detach()

        return from_scratch

    if name.startswith("torch"):
        parameter = torch.nn.Parameter(torch.zeros(FEATURES, 1, dtype=torch.float64))
        library = getattr(torch.optim, name.rpartition(".")[2])([parameter], lr=learning_rate, weight_decay=lam)

        def by_the_library(weight: Tensor, x: Tensor, error: Tensor) -> Tensor:
            parameter.data, parameter.grad = weight.clone(), x.T @ error / SAMPLES
            library.step()
            return parameter.detach().clone()

        return by_the_library

    method = method_class(name)(lam=lam)
    whole = torch.empty(1, FEATURES, 1, dtype=torch.float64)  # Adam's moments belong to this tensor

    def by_the_study(weight: Tensor, x: Tensor, error: Tensor) -> Tensor:
        whole[0] = weight
        update(whole, x[None], error[None] / SAMPLES, method, learning_rate)
        return whole[0].clone()

    return by_the_study


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate)
