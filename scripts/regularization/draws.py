"""The random draws of one SGD step, for all groups of a tensor program: dropout masks and Gaussian noise.

Drawn on the CPU from the named streams and moved to the device, so that CPU and GPU train on the same numbers.
Groups with the same seed share one draw, whatever their λ or p: each compares the same uniforms with its own p.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from regularization.streams import generator, uniform_bits


class Draws:
    """Masks and noise at SGD step `step` (counted from 0); the trainer moves `step` on.

    Args:
        seeds: the seed of every group, shape (groups,).
    """

    def __init__(self, seeds: Sequence[int] | np.ndarray) -> None:
        self.step = 0
        self._seeds, self._group = np.unique(np.asarray(seeds), return_inverse=True)
        self._as_they_are = np.array_equal(self._group, np.arange(len(self._seeds)))

    def dropout_mask(self, p: float | Tensor, like: Tensor, *, part: int = 0) -> Tensor:
        """Return 1[u > p]/(1−p) with fresh uniforms u, in the shape, dtype and device of `like`.

        Args:
            p: probability of dropping a unit, a number or a float64 tensor (groups, 1, 1). p = 1 drops everything.
            like: the activations, shape (groups, batch, units).
            part: the layer.
        """
        _, batch, units = like.shape
        bits = np.stack([uniform_bits("mask", int(s), batch * units, part=part, step=self.step) for s in self._seeds])
        bits = self._per_group(bits.reshape(-1, batch, units))
        threshold: int | np.ndarray
        scale: float | Tensor
        if isinstance(p, float | int):
            threshold, scale = math.ceil(p * 2**32), 1 / (1 - p) if p < 1 else 0.0
        else:
            # 2³² itself does not fit 32 bits: p = 1 needs the wider type.
            threshold = np.ceil(p.cpu().numpy() * 2.0**32).astype(np.uint64)
            scale = torch.where(p < 1, 1 / (1 - p), torch.zeros_like(p)).to(like.dtype)
        return torch.from_numpy(bits >= threshold).to(like) * scale

    def normal(self, like: Tensor, *, part: int = 0) -> Tensor:
        """Return standard normal noise in the shape, dtype and device of `like`, shape (groups, batch, units)."""
        shape = like.shape[1:]
        noise = np.stack(
            [generator("noise", int(s), part=part, step=self.step).standard_normal(shape) for s in self._seeds]
        )
        return torch.from_numpy(self._per_group(noise)).to(like)

    def _per_group(self, values: np.ndarray) -> np.ndarray:
        return values if self._as_they_are else values[self._group]
