"""One step of SGD with an L2 penalty is w ← (1 − ηλ)w − η∇loss: the weights decay, hence the name.

Holds for SGD. For Adam the penalty's gradient is rescaled with the rest, so L2 is not weight decay there; AdamW decays
the weights beside Adam's step (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

import numpy as np

from regularization.claims.claim import Claim, Condition, Identity, Measurement
from regularization.tables import Tables


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    errors = {name: worst(name, rng) for name in ("l2_penalty", "weight_decay", "adamw", "adam_l2")}
    conditions = (
        Condition("AdamW's weights decay by 1 − ηλ beside Adam's step", errors["adamw"] < 1e-12),
        Condition("Adam with an L2 penalty decays them by 1 − ηλ too", errors["adam_l2"] < 1e-12),
    )
    numbers: dict[str, float | str] = {
        f"largest error, {name.replace('_', ' ')}": error for name, error in errors.items()
    }
    return Measurement(
        max(errors["l2_penalty"], errors["weight_decay"]),
        np.nan,
        np.nan,
        20,
        "largest difference of a weight after one step",
        conditions=conditions,
        numbers=numbers,
    )


def worst(method: str, rng: np.random.Generator) -> float:
    """Largest |w′ − ((1 − ηλ)w − step)| over ten random cases, `step` being what the same optimiser does at λ = 0."""
    import torch

    from regularization.methods import method_class
    from regularization.network import update

    found = 0.0
    for _ in range(10):
        lam, learning_rate = rng.uniform(0.01, 3), rng.uniform(0.001, 0.3)
        weight, h, gradient = (
            torch.from_numpy(rng.standard_normal(shape)) for shape in ((1, 7, 3), (1, 5, 7), (1, 5, 3))
        )
        regularized, plain = weight.clone(), weight.clone()
        update(regularized, h, gradient, method_class(method)(lam=lam), learning_rate)
        unregularized = "adam" if method.startswith("adam") else "none"
        update(plain, h, gradient, method_class(unregularized)(), learning_rate)
        expected = (1 - learning_rate * lam) * weight + (plain - weight)
        found = max(found, (regularized - expected).abs().max().item())
    return found


CLAIM = Claim(
    id="c09",
    statement="A step with an L2 penalty multiplies the weights by 1 − ηλ and then takes the usual step.",
    section="Weight decay",
    estimand="largest difference of a weight after one step from (1 − ηλ)w − η∇loss",
    unit="absolute",
    needs="nothing trained",
    rule=Identity(1e-12),
    evaluate=evaluate,
    confirmatory=False,
    table="the update itself",
)
