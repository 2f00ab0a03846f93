"""Dropout acts in training only: in training mode outputs change from pass to pass, at inference they never do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from regularization.claims.claim import Claim, Condition, Identity, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    import torch

    from regularization.textbook.fashion_mlp import DropoutMLP

    widths = (784, 32, 16, 10)
    parameters = [
        (torch.from_numpy(rng.standard_normal((a, b)) / 10), torch.from_numpy(rng.standard_normal(b)))
        for a, b in pairwise(widths)
    ]
    x = torch.from_numpy(rng.random((50, 784)))
    uniforms = [[torch.from_numpy(rng.random((50, width))) for width in widths[1:-1]] for _ in range(2)]
    network = DropoutMLP(parameters, (0.2, 0.5), uniforms)
    with torch.no_grad():
        training = [network.train()(x) for _ in range(2)]
        inference = [network.eval()(x) for _ in range(3)]
    change = max((other - inference[0]).abs().max().item() for other in inference[1:])
    between = (training[0] - training[1]).abs().max().item()
    conditions = (Condition("in training mode two passes differ", between > 0),)
    return Measurement(
        change,
        np.nan,
        np.nan,
        len(inference),
        "largest difference between passes at inference",
        conditions=conditions,
        numbers={"largest difference between two training passes": between},
    )


CLAIM = Claim(
    id="c34",
    statement="Dropout acts in training only.",
    section="Dropout",
    estimand="largest difference between repeated passes in inference mode",
    unit="absolute",
    needs="nothing trained",
    rule=Identity(0.0),
    evaluate=evaluate,
    confirmatory=False,
    table="the network itself",
)
