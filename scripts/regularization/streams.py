"""Named, counter-based random streams: what a draw depends on is written in its name.

Every random number of the study comes from `generator(name, seed, part, step)`. Philox is a pure function of
(key, counter), so a draw depends on nothing else: not on the other runs of a cohort, not on the order of jobs, not
on how many numbers were drawn before. The key is (name, seed) and the counter's upper words are (part, step), so
the streams never overlap (each has 2¹²⁸ blocks to itself).

λ, p and the method are deliberately absent: the same seed gives every method the same data, initial weights, batch
order, dropout uniforms and input noise (common random numbers), so that comparisons are paired.

Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

import numpy as np

STREAMS = {
    "data": "training, validation and test samples; the images a seed trains on",
    "init": "initial weights and biases (part = layer)",
    "order": "the permutation of the training samples (step = epoch)",
    "mask": "dropout's uniforms (part = layer, step = SGD step)",
    "noise": "additive noise on inputs or hidden units (part = layer, step = SGD step)",
    "probe": "what trained networks are probed with, the same for all (part = probe, step = level)",
}


def generator(name: str, seed: int, *, part: int = 0, step: int = 0) -> np.random.Generator:
    """Return the generator of one stream.

    Args:
        name: one of `STREAMS`.
        seed: the run's seed (its data_seed for the `data` stream), ≥ 0.
        part: which tensor of the stream, e.g. the layer, ≥ 0.
        step: position in training (SGD step or epoch), ≥ 0.

    Raises:
        ValueError: for an unknown name or a negative number.
    """
    if name not in STREAMS:
        raise ValueError(f"unknown random stream {name!r}; allowed: {', '.join(STREAMS)}")
    if min(seed, part, step) < 0:
        raise ValueError(f"seed, part and step must be ≥ 0, got seed={seed}, part={part}, step={step}")
    # `key=` and `counter=` set Philox's state directly: no seeding, no entropy, a few microseconds.
    key = np.array([int.from_bytes(name.encode().ljust(8), "little"), seed], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, part, step], dtype=np.uint64)))


def uniform_bits(name: str, seed: int, size: int, *, part: int = 0, step: int = 0) -> np.ndarray:
    """Return `size` uniform 32-bit integers of a stream, shape (size,), dtype uint32.

    Dropout compares them with p·2³²: the comparison is exact on every device, and drawing raw bits costs a
    third of drawing floats.
    """
    words = generator(name, seed, part=part, step=step).bit_generator.random_raw((size + 1) // 2)
    return words.view(np.uint32)[:size]
