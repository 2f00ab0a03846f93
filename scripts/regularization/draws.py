"""The random draws of one SGD step, for all groups of a tensor program: dropout masks and Gaussian noise.

They are functions of the named streams' bits by comparison and table alone, so that CPU and GPU train on the same
numbers, bit for bit; on a GPU the bits are made there. Groups with the same seed share one draw, whatever their λ or p:
each compares the same uniforms with its own p.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from regularization.streams import NORMAL, generator, uniform_bits


class Draws:
    """Masks and noise at SGD step `step` (from 0), which the trainer moves on, for groups with seeds (groups,)."""

    def __init__(self, seeds: Sequence[int] | np.ndarray) -> None:
        self.step = 0
        self._seeds, self._group = np.unique(np.asarray(seeds), return_inverse=True)
        self._as_they_are = np.array_equal(self._group, np.arange(len(self._seeds)))

    def dropout_mask(self, p: float | Tensor, like: Tensor, *, part: int = 0) -> Tensor:
        """Return 1[u > p]/(1−p) with fresh uniforms u, in the shape (groups, batch, units), dtype and device of `like`.

        u = (bits + ½)/2¹⁶: p, a number or a float64 tensor (groups, 1, 1), counts to the nearest 2⁻¹⁶, and 1 drops
        everything. `part` is the layer.
        """
        threshold: int | Tensor
        scale: float | Tensor
        if isinstance(p, float | int):
            threshold, scale = math.floor(p * 2**16 - 0.5) + 1, 1 / (1 - p) if p < 1 else 0.0
        else:
            threshold = (p * 2**16 - 0.5).floor().int() + 1
            scale = torch.where(p < 1, 1 / (1 - p), torch.zeros_like(p)).to(like.dtype)
        bits = self._bits("mask", like, part)
        if isinstance(bits, Tensor):
            return (bits >= threshold).to(like.dtype).mul_(scale)
        kept = bits >= (threshold.numpy() if isinstance(threshold, Tensor) else threshold)
        return torch.from_numpy(kept.view(np.uint8)).to(like.dtype).mul_(scale)  # from bytes: five times as fast

    def normal(self, like: Tensor, *, part: int = 0) -> Tensor:
        """Return standard normal noise in the shape, dtype and device of `like`, shape (groups, batch, units)."""
        bits = self._bits("noise", like, part)
        if isinstance(bits, Tensor):
            return _normal_on(like.device)[bits].to(like.dtype)
        values = NORMAL.take(bits, mode="clip")  # none is out of range: faster than asking
        return torch.from_numpy(values).to(like.dtype)

    def of_seeds(self, draw: Callable[[np.random.Generator], np.ndarray], like: Tensor, *, part: int = 0) -> Tensor:
        """Return what `draw` makes of the generator that each group has at this step, (groups, …), beside `like`.

        For whatever else a method draws: choices, permutations, numbers of any distribution. Drawn on the CPU.
        """
        values = [draw(generator("method", int(seed), part=part, step=self.step)) for seed in self._seeds]
        return torch.from_numpy(np.stack(values)[self._group]).to(like.device)

    def _bits(self, name: str, like: Tensor, part: int) -> np.ndarray | Tensor:
        """16 uniform bits for every number of `like`: an array of uint16, on a GPU a tensor of int64 there."""
        groups, batch, units = like.shape
        values: np.ndarray | Tensor
        if like.device.type == "cpu":
            values = uniform_bits(name, self._seeds, batch * units, part=part, step=self.step)
        else:
            values = bits_on_device(name, self._seeds, batch * units, part=part, step=self.step, device=like.device)
        return (values if self._as_they_are else values[self._group]).reshape(groups, batch, units)


@cache
def _normal_on(device: torch.device) -> Tensor:
    return torch.from_numpy(NORMAL).to(device)


def bits_on_device(
    name: str, seeds: np.ndarray, size: int, *, part: int, step: int, device: torch.device | str
) -> Tensor:
    """`streams.uniform_bits` on a device, (seeds, size), int64: Philox4×64, ten rounds (Salmon et al. 2011, §3.3)."""
    key = int.from_bytes(name.encode().ljust(8), "little")
    block = torch.arange(1, -(-size // 16) + 1, device=device).expand(len(seeds), -1)
    seed = torch.from_numpy(seeds.astype(np.int64)).to(device)[:, None]
    x = [block, torch.zeros_like(block), torch.full_like(block, part), torch.full_like(block, step)]
    for turn in range(10):
        high0, low0 = _product(x[0], 0xD2E7470EE14C6C93)
        high1, low1 = _product(x[2], 0xCA5A826395121157)
        key0, key1 = (key + turn * 0x9E3779B97F4A7C15), turn * 0xBB67AE8584CAA73B
        x = [high1 ^ x[1] ^ _signed(key0), low1, high0 ^ x[3] ^ (seed + _signed(key1)), low0]
    words = torch.stack(x, dim=-1)[..., None] >> torch.tensor([0, 16, 32, 48], device=device)
    return (words & 0xFFFF).reshape(len(seeds), -1)[:, :size]


def _product(a: Tensor, m: int) -> tuple[Tensor, Tensor]:
    """High and low 64 bits of a·m, all unsigned."""
    low, high = 0xFFFFFFFF, 32
    a0, a1, m0, m1 = a & low, (a >> high) & low, m & low, m >> high
    a0m0, a0m1, a1m0 = a0 * m0, a0 * m1, a1 * m0
    carry = ((a0m0 >> high) & low) + (a0m1 & low) + (a1m0 & low)
    return a1 * m1 + ((a0m1 >> high) & low) + ((a1m0 >> high) & low) + (carry >> high), a * _signed(m)


def _signed(word: int) -> int:
    """The signed 64-bit integer with the bits of a word."""
    return (word + 2**63) % 2**64 - 2**63
