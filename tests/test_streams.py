"""Random streams: a draw is a function of its name alone, and no two names share one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from regularization.draws import bits_on_device
from regularization.streams import NORMAL, STREAMS, generator, uniform_bits

WORD = 2**64

streams = st.builds(
    dict,
    name=st.sampled_from(sorted(STREAMS)),
    seed=st.integers(0, 10**6),
    part=st.integers(0, 20),
    step=st.integers(0, 10**7),
)


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4×64 with ten rounds, after Salmon et al. 2011, §3.3."""
    x, (k0, k1) = list(counter), key
    for _ in range(10):
        high0, low0 = divmod(x[0] * 0xD2E7470EE14C6C93, WORD)
        high1, low1 = divmod(x[2] * 0xCA5A826395121157, WORD)
        x = [high1 ^ x[1] ^ k0, low1, high0 ^ x[3] ^ k1, low0]
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) % WORD, (k1 + 0xBB67AE8584CAA73B) % WORD
    return x


def test_the_reference_gives_the_published_answer():
    """First known-answer vector of philox4x64-10 in the authors' Random123."""
    expected = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    assert philox([0, 0, 0, 0], [0, 0]) == expected


@pytest.mark.arithmetic
@given(stream=streams)
def test_the_bits_are_philox_of_name_seed_part_and_step(stream):
    """Key (name, seed), counter (block, 0, part, step), blocks from 1; low quarter of each 64-bit word first."""
    key = [int.from_bytes(stream["name"].encode().ljust(8), "little"), stream["seed"]]
    words = [word for block in (1, 2) for word in philox([block, 0, stream["part"], stream["step"]], key)]
    quarters = [word >> shift & 0xFFFF for word in words for shift in (0, 16, 32, 48)]
    (bits,) = uniform_bits(stream["name"], [stream["seed"]], 31, part=stream["part"], step=stream["step"])
    assert bits.dtype == np.uint16
    assert bits.tolist() == quarters[:31]
    on_device = bits_on_device(
        stream["name"], np.array([stream["seed"]]), 31, part=stream["part"], step=stream["step"], device="cpu"
    )
    assert on_device.tolist() == [quarters[:31]], "what a GPU computes, computed here"


@given(one=streams, other=streams)
def test_different_streams_give_different_numbers(one, other):
    draws = [generator(**stream).standard_normal(4).tolist() for stream in (one, other)]
    assert (draws[0] == draws[1]) == (one == other)


def test_a_stream_reaches_the_next_part_only_after_2_to_the_128_blocks():
    far, next_part = (generator("mask", 3, part=part, step=5).bit_generator for part in (1, 2))
    far.advance(2**128)
    np.testing.assert_array_equal(far.random_raw(9), next_part.random_raw(9))


@pytest.mark.arithmetic
@given(stream=streams, short=st.integers(0, 40), extra=st.integers(0, 40))
def test_a_shorter_draw_is_the_beginning_of_a_longer_one(stream, short, extra):
    """So a seed's smaller training set is part of its larger one, and a run's numbers do not depend on array sizes."""
    normal = generator(**stream).standard_normal((short + extra, 3))
    np.testing.assert_array_equal(generator(**stream).standard_normal((short, 3)), normal[:short])
    name = stream.pop("name")
    seed = stream.pop("seed")
    np.testing.assert_array_equal(
        uniform_bits(name, [seed], short, **stream), uniform_bits(name, [seed], short + extra, **stream)[:, :short]
    )


def test_numpy_s_and_torch_s_global_generators_are_neither_read_nor_moved():
    import torch

    def draw() -> list[float]:
        return [*generator("init", 0).standard_normal(3), *uniform_bits("mask", [0], 3)[0]]

    numpy_state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    first = draw()
    torch.manual_seed(7)
    assert draw() == first
    torch.set_rng_state(torch_state)
    draw()
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torch_state)


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9])
def test_comparing_bits_with_p_drops_a_share_p(p):
    dropped = int((uniform_bits("mask", range(100), 10_000) < p * 2**16).sum())
    assert stats.binomtest(dropped, 10**6, p).pvalue > 1e-4


def test_the_table_of_normals_is_standard_normal_as_far_as_16_bits_go():
    assert NORMAL.shape == (2**16,)
    assert (np.diff(NORMAL) > 0).all()
    np.testing.assert_array_equal(NORMAL, -NORMAL[::-1])
    exact = NORMAL.astype(np.float64)
    np.testing.assert_array_equal(exact * 2**20, np.round(exact * 2**20))
    assert exact.var() == pytest.approx(1, abs=1e-8)
    assert (exact**4).mean() == pytest.approx(3, abs=3e-4)
    edges = stats.norm.ppf(np.arange(2**16 + 1) / 2**16)
    assert ((edges[:-1] < NORMAL) & (edges[1:] > NORMAL)).all(), "each between its quantiles"


def test_neighbouring_streams_are_uniform_normal_and_uncorrelated():
    """2,000 seeds × 8 parts × 8 steps, one normal draw each: a lattice in the names would show here."""
    draws = np.array(
        [
            [[generator("noise", s, part=p, step=t).standard_normal() for t in range(8)] for p in range(8)]
            for s in range(2_000)
        ]
    )
    assert stats.kstest(draws.ravel(), "norm").pvalue > 1e-4
    correlation = np.corrcoef(draws.reshape(2_000, 64), rowvar=False) - np.eye(64)
    assert np.abs(correlation).max() < 5 / 2_000**0.5
    across_seeds = np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]
    assert abs(across_seeds) < 5 / draws.size**0.5


def test_an_unknown_stream_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="unknown random stream 'noises'; allowed: data, init, order, mask, noise"):
        generator("noises", 0)


@pytest.mark.parametrize("argument", ["seed", "part", "step"])
def test_negative_positions_are_refused(argument):
    arguments = {"seed": 0, "part": 0, "step": 0, argument: -1}
    with pytest.raises(ValueError, match=f"{argument}=-1"):
        generator("data", **arguments)
