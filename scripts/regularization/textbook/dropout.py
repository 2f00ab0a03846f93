"""The dropout layer, and dropout on the inputs of a linear model."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from regularization.textbook.utilities import Batches, Epochs


def dropout_layer(x: Tensor, p: float, uniforms: Tensor) -> Tensor:
    """x′ = x·1[u > p]/(1 − p), uniforms u shaped as x, so that E[x′] = x; 0 at p = 1. `ValueError` if not 0 ≤ p ≤ 1."""
    if not 0 <= p <= 1:
        raise ValueError(f"a dropout probability lies in [0, 1], got {p}")
    if p == 0:
        return x
    if p == 1:
        return torch.zeros_like(x)
    mask = (uniforms > p).to(x.dtype)
    return mask * x / (1 - p)


def with_dropout(epochs: Epochs, p: float, uniforms: Iterable[Tensor]) -> Iterator[Batches]:
    """Drop every input with probability p, fresh at every step: one array of uniforms (batch, d) a step."""
    draw = iter(uniforms)
    for batches in epochs:
        yield ((dropout_layer(x, p, next(draw)), y) for x, y in batches)
