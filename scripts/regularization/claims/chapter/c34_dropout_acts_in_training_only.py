"""Dropout acts in training only: in training outputs change from pass to pass, at inference nothing depends on it.

The chapter's network, its concise version and the batched engine are each asked twice at three p; in float64 and to the
last bit, all answers are those of the network without dropout.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from regularization.claims.claim import Claim, Identity, Measurement
from regularization.claims.evidence import Evidence
from regularization.claims.identities import Case, apart
from regularization.naming import p_text

if TYPE_CHECKING:
    from torch import Tensor

P = ((0.2, 0.5), (0.5, 0.5), (0.9, 0.9))
PASSES = 2
TOLERANCE = 0.0
WIDTHS = (784, 32, 16, 10)


def evaluate(evidence: Evidence) -> Measurement:
    rng = evidence.rng
    import torch

    from regularization.draws import Draws
    from regularization.methods import Method, method_class
    from regularization.textbook.fashion_mlp import DropoutMLP, concise_mlp
    from regularization.training.network import Network

    parameters = [
        (torch.from_numpy(rng.standard_normal((a, b)) / 10), torch.from_numpy(rng.standard_normal(b)))
        for a, b in pairwise(WIDTHS)
    ]
    x = torch.from_numpy(rng.random((50, WIDTHS[0])))
    uniforms = [[torch.from_numpy(rng.random((50, width))) for width in WIDTHS[1:-1]] for _ in range(2)]
    engine = Network([w[None] for w, _ in parameters], [b[None, None] for _, b in parameters])
    draws = Draws([0])

    def step(p: tuple[float, ...], at: int) -> Tensor:
        """The engine's outputs in a training step."""
        draws.step = at
        method: Method = method_class("dropout")(p=p, n_hidden=len(p)) if any(p) else method_class("none")()
        return engine.forward(x[None], method, draws).output[0]

    nothing = (0.0, 0.0)
    inference: dict[str, Callable[[tuple[float, ...]], Tensor]] = {
        "from scratch": lambda p: DropoutMLP(parameters, p, []).eval()(x),
        "concise": lambda p: concise_mlp(parameters, p).eval()(x),
        "engine": lambda p: engine.output(x[None])[0],
    }
    with torch.no_grad():
        without = {name: outputs(nothing) for name, outputs in inference.items()} | {"engine": step(nothing, 0)}
        cases = []
        for (name, outputs), p in product(inference.items(), P):
            differences = [apart(outputs(p), without[name]) for _ in range(PASSES)]
            cases.append(Case(name, p_text(p), "output", float(np.max(differences)), TOLERANCE))
        scratch = DropoutMLP(parameters, P[0], uniforms).train()
        passes = {"from scratch": (scratch(x), scratch(x)), "engine": (step(P[0], 0), step(P[0], 1))}
    between = list[Case]()
    for name, (first, second) in passes.items():
        difference = apart(first, second)
        between.append(Case(name, p_text(P[0]), "output_between_passes", difference))
        evidence.condition("passes_differ", difference > 0, version=name)
        evidence.number("passes_differ_by", difference, version=name)
    return Measurement.identity(cases, PASSES * len(cases), evidence, (*cases, *between))


CLAIM = Claim(__name__, Identity(TOLERANCE), evaluate, figure="identities", table="identities")
