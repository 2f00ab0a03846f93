"""Named, counter-based random streams: what a draw depends on is written in its name.

Every random number of the study comes from `generator(name, seed, part, step)`. Philox is a pure function of
(key, counter), so a draw depends on nothing else: not on the other runs of a cohort, not on the order of jobs, not
on how many numbers were drawn before. The key is (name, seed) and the counter's upper words are (part, step), so
the streams never overlap (each has 2¹²⁸ blocks to itself).

λ, p and the method are deliberately absent: the same seed gives every method the same data, initial weights, batch
order, dropout uniforms and input noise (common random numbers), so that comparisons are paired.

Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

STREAMS = {
    "data": "training, validation and test samples; the images a seed trains on",
    "init": "initial weights and biases (part = layer)",
    "order": "the permutation of the training samples (step = epoch)",
    "mask": "dropout's uniforms (part = layer, step = SGD step)",
    "noise": "additive noise on inputs or hidden units (part = layer, step = SGD step)",
    "method": "what else a method draws (part = its choice, step = SGD step)",
    "probe": "what trained networks are probed with, the same for all (part = probe, step = level)",
}


def generator(name: str, seed: int, *, part: int = 0, step: int = 0) -> np.random.Generator:
    """Return the generator of one of `STREAMS`, of a run's seed (its data_seed for the `data` stream).

    `part` says which tensor of the stream, e.g. the layer, `step` the position in training (SGD step or epoch). Raises
    `ValueError` for an unknown name or a negative number.
    """
    if name not in STREAMS:
        raise ValueError(f"unknown random stream {name!r}; allowed: {', '.join(STREAMS)}")
    if min(seed, part, step) < 0:
        raise ValueError(f"seed, part and step must be ≥ 0, got seed={seed}, part={part}, step={step}")
    key, counter = _key(name, seed), np.array([0, 0, part, step], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def permutations(name: str, seeds: Iterable[int], size: int, *, step: int = 0) -> np.ndarray:
    """Return what `generator(…).permutation(size)` gives for each seed, shape (seeds, size)."""
    return np.stack([draw.permutation(size) for draw in _generators(name, seeds, 0, step)])


def _key(name: str, seed: int) -> np.ndarray:
    return np.array([int.from_bytes(name.encode().ljust(8), "little"), seed], dtype=np.uint64)


def uniform_bits(
    name: str, seeds: Sequence[int] | np.ndarray, size: int, *, part: int = 0, step: int = 0
) -> np.ndarray:
    """Return `size` uniform 16-bit integers of each seed's stream, shape (seeds, size), dtype uint16.

    Lowest bits of each 64-bit word first. A number in (0, 1) is (bits + ½)/2¹⁶, a standard normal one `NORMAL[bits]`:
    comparing and looking up are exact on every processor, and a word serves four draws.
    """
    words = np.empty((len(seeds), -(-size // 4)), dtype="<u8")
    for row, draw in zip(words, _generators(name, seeds, part, step), strict=True):
        row[:] = draw.bit_generator.random_raw(len(row))
    return words.view(np.uint16)[:, :size]


def _generators(name: str, seeds: Iterable[int], part: int, step: int) -> Iterator[np.random.Generator]:
    """Yield one generator, moved to the beginning of each seed's stream.

    Moving it takes a third of the time that making one takes, which asks the system for entropy Philox has no use for.
    """
    bits = np.random.Philox(0)
    draw = np.random.Generator(bits)
    state: Any = bits.state
    state["state"]["counter"] = np.array([0, 0, part, step], dtype=np.uint64)
    for seed in seeds:
        state["state"]["key"] = _key(name, int(seed))
        bits.state = state
        yield draw


def _normal_quantiles(n: int) -> np.ndarray:
    """Means of the standard normal distribution between its n-quantiles, scaled to variance 1, shape (n,).

    Kurtosis 2.9998 and a largest value of 4.39 at n = 2¹⁶. Multiples of 2⁻²⁰, so that every processor has the same, in
    float32, which holds them exactly and is the smaller table.
    """
    edges = [NormalDist().inv_cdf(k / n) for k in range(1, n // 2)]
    density = [0.0, *(math.exp(-edge * edge / 2) for edge in edges), 1.0]
    below = -np.diff(density)  # mean = (φ(lower edge) − φ(upper edge))·n
    means = np.concatenate([below, -below[::-1]])
    return (np.round(means / np.sqrt(np.mean(means**2)) * 2**20) / 2**20).astype(np.float32)


NORMAL = _normal_quantiles(2**16)  # equally likely values of standard normal noise, ascending
