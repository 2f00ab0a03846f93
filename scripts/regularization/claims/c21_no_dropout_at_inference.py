"""At inference dropout does nothing: the network computes what it would without it, to the last bit.

The chapter's network and its layer, the library's, and the batched engine that trains the study. Condition, so that the
comparison can fail: in training all of them do change their outputs.
"""

from __future__ import annotations

import numpy as np

from regularization.claims.claim import Claim, Condition, Identity, Measurement
from regularization.tables import Tables

PROBABILITIES = ((0.2, 0.5), (0.5, 0.5), (0.9, 0.9), (1.0, 1.0))
SIZES = ((784, 32), (32, 16), (16, 10))


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    import torch

    from regularization.draws import Draws
    from regularization.methods import method_class
    from regularization.network import Network
    from regularization.textbook.dropout import dropout_layer
    from regularization.textbook.fashion_mlp import DropoutMLP, concise_mlp

    parameters = [
        (torch.from_numpy(rng.standard_normal((a, b)) / a**0.5), torch.from_numpy(rng.standard_normal(b)))
        for a, b in SIZES
    ]
    x = torch.from_numpy(rng.random((50, 784)))
    uniforms = [torch.from_numpy(rng.random((50, width))) for _, width in SIZES[:-1]]
    engine = Network([w[None] for w, _ in parameters], [b[None, None] for _, b in parameters])
    none = method_class("none")()
    off, on = [], []  # largest change of an output at inference, in training
    with torch.no_grad(), torch.random.fork_rng():  # nn.Dropout draws from torch's global generator
        torch.manual_seed(int(rng.integers(2**31)))
        whole = DropoutMLP(parameters, (0.0, 0.0), [])(x)
        whole_concise = concise_mlp(parameters, (0.0, 0.0)).eval()(x)
        whole_engine = engine.forward(x[None], none, Draws([0])).output
        for p in PROBABILITIES:
            scratch, concise = DropoutMLP(parameters, p, [uniforms]), concise_mlp(parameters, p)
            dropping = engine.forward(x[None], method_class("dropout")(p=p, n_hidden=2), Draws([0])).output
            on += [largest(scratch(x), whole), largest(concise(x), whole_concise), largest(dropping, whole_engine)]
            off += [largest(scratch.eval()(x), whole), largest(concise.eval()(x), whole_concise)]
            off.append(largest(engine.output(x[None]), whole_engine))
        off.append(largest(dropout_layer(x, 0.0, torch.zeros_like(x)), x))
    return Measurement(
        max(off),
        np.nan,
        np.nan,
        len(off),
        "largest difference between outputs",
        conditions=(Condition("in training the same networks do change their outputs", min(on) > 0),),
        numbers={"smallest change in training": min(on), "engine − chapter's network": largest(whole_engine[0], whole)},
    )


def largest(a: object, b: object) -> float:
    """Largest absolute difference of two tensors."""
    difference = np.asarray(a) - np.asarray(b)
    return float(np.abs(difference).max())


CLAIM = Claim(
    id="c21",
    statement="At inference dropout does nothing.",
    section="Dropout",
    estimand="largest difference between outputs with and without dropout in inference mode",
    unit="absolute",
    needs="nothing trained",
    rule=Identity(0.0),
    evaluate=evaluate,
    confirmatory=False,
    figure="verdicts",
    table="the networks themselves",
)
