"""Masks are drawn anew at every forward pass and in every layer."""

import numpy as np
from scipy import stats

from regularization.claims.kit import Case, Claim, Evidence, InNearlyAll, Measurement

STEPS, LAYERS, BATCH, UNITS = 20, 2, 64, 256
P = "0.5"
BY_CHANCE = 0.001  # how often independent masks may fail the test of their correlation


def evaluate(evidence: Evidence) -> Measurement:
    rng = evidence.rng
    import torch
    from torch import nn

    from regularization.draws import Draws
    from regularization.settings import FashionMLPSetting
    from regularization.textbook import inputs

    seed = int(rng.integers(1000))
    like = torch.zeros(1, BATCH, UNITS, dtype=torch.float64)

    def masks() -> np.ndarray:
        """Shape (steps × layers, batch × units)."""
        draws, found = Draws([seed]), []
        for draws.step in range(STEPS):
            found += [draws.dropout_mask(0.5, like, part=layer).numpy().ravel() for layer in range(LAYERS)]
        return np.array(found)

    first, again = masks(), masks()
    differ = (first[:, None] != first[None]).any(axis=2)[np.triu_indices(len(first), k=1)]  # pairs of (step, layer)

    units = first.reshape(-1, BATCH, UNITS)
    samples = (units[:, :-1] != units[:, 1:]).any(axis=2)  # neighbours in a minibatch

    chapter = inputs.uniforms(FashionMLPSetting(n_train=BATCH, batch_size=BATCH, epochs=2), seed, (UNITS, UNITS))
    one, two = next(chapter), next(chapter)
    with torch.random.fork_rng():  # nn.Dropout draws from torch's global generator
        torch.manual_seed(seed)
        layer, ones = nn.Dropout(0.5), torch.ones(BATCH, UNITS)
        library = (layer(ones) != layer(ones)).any()
    scratch = [not torch.equal(a, b) for a, b in ((one[0], two[0]), (one[1], two[1]), (one[0], one[1]))]
    correlation = float(np.abs(np.corrcoef(first)[np.triu_indices(len(first), k=1)]).max())
    bound = float(stats.norm.isf(BY_CHANCE / 2 / len(differ))) / first.shape[1] ** 0.5
    correlated = Case("engine", P, "correlation", correlation, bound)
    engine = alike_in("engine", differ)
    neighbours = alike_in("engine, samples of a minibatch", samples)
    chapters, librarys = alike_in("from scratch", scratch), alike_in("torch.nn.Dropout", library)
    repeated = Case("engine, asked again", P, "mask_changed", float((first != again).mean()), 0.0)
    evidence.condition("uncorrelated", correlation < bound)
    evidence.condition("own_in_a_minibatch", neighbours.passes)
    evidence.condition("own_in_the_chapters", chapters.passes)
    evidence.condition("own_in_the_librarys", librarys.passes)
    evidence.condition("repeatable", repeated.passes)
    evidence.number("largest_correlation", correlation)
    evidence.number("bound", bound)
    cases = (engine, neighbours, chapters, librarys, repeated, correlated)
    return Measurement.share(int(differ.sum()), len(differ), evidence, cases)


def alike_in(case: str, differ: object) -> Case:
    """The share of pairs of masks that are alike; `differ` says of each pair whether they differ."""
    return Case(case, P, "masks_alike", 1 - float(np.mean(np.asarray(differ))), 0.0)


CLAIM = Claim(__name__, InNearlyAll(0.99), evaluate)
