"""Where training a linear model ends when only one thing is there: initial weights, signal or noise.

The methods, their random draws and the step are the trainer's own (`Network.sgd_step`). The loop around them is not,
because much can be shared here that a run must not share with others (its last bits would depend on their number): all
cells of one method and all responses are columns, or groups, of one program. Unless the method perturbs the inputs,
the weights never leave the span of the inputs and w₀, so that few coordinates are enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from regularization.methods import ClosedForm, Method, Tensor, method_class
from regularization.settings import LinearRegressionSetting, scheduled
from regularization.streams import permutations
from regularization.theory import data
from regularization.theory.expected_risk import loss_factor

Numbers = Mapping[str, float]  # of a setting: name → value
KEY = ["lam", "p", "seed", "data_seed"]  # what tells two runs of one method and setting apart
CACHED = 262_144  # numbers: tensors of about this size stay in a processor's cache


def responses(
    keys: pd.DataFrame, method: str, setting: LinearRegressionSetting, sources: Sequence[Numbers]
) -> np.ndarray:
    """Compute where runs end when some of a setting's five numbers have given values and the others are 0.

    Keys have the columns `KEY`, one row a run. The setting gives the shape of the data and the steps; its own five
    numbers do not matter. A source has the values of those (`SCALES`) that are not 0. Returns weights and intercept,
    float64, shape (sources, keys, features + 1). Raises `ValueError` if the method is not affine.
    """
    kind = method_class(method)
    if not kind.affine:
        raise ValueError(
            f"{method} is not affine in the data, so its risk has no such parts: leave it out of entries with account"
        )
    found = np.empty((len(sources), len(keys), setting.n_features + 1))
    if not sources:
        return found
    cell, cells = _codes(keys, KEY[:2])
    seed, seeds = _codes(keys, KEY[2:])
    lam, p = cells["lam"].to_numpy(dtype=float), cells["p"].to_numpy(dtype=float)
    whole, spanned = setting.batch_size * setting.n_features, min(setting.n_train, setting.n_features)
    size = (whole if kind.perturbs_inputs else spanned) * len(cells) * len(sources)  # of a seed in the largest tensor
    for first, draws in _chunks(setting, seeds, sources, size):
        ends = _solved(kind, draws, lam) if issubclass(kind, ClosedForm) else _trained(kind, setting, draws, lam, p)
        rows = np.flatnonzero((seed >= first) & (seed < first + len(draws.seeds)))
        found[:, rows] = ends[:, seed[rows] - first, cell[rows]]
    return found


class _Draws(NamedTuple):
    """What some seeds train on and start from, one column for each of the sources."""

    seeds: np.ndarray  # (seeds,)
    x: np.ndarray  # (seeds, n, features)
    y: np.ndarray  # (seeds, n, sources)
    weights: np.ndarray  # (seeds, features, sources)
    biases: np.ndarray  # (seeds, 1, sources)


def _codes(keys: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the different values of some columns, row by row, and return those values."""
    values = keys[columns].drop_duplicates(ignore_index=True)
    rows = keys[columns].merge(values.reset_index(), on=columns, how="left")["index"]
    return rows.to_numpy(), values


def _chunks(
    setting: LinearRegressionSetting, seeds: pd.DataFrame, sources: Sequence[Numbers], size: int
) -> Iterator[tuple[int, _Draws]]:
    """Yield the seeds' draws, as many together as the cache holds, and the number of the first."""
    step = max(1, CACHED // size)
    for first in range(0, len(seeds), step):
        some = seeds.iloc[first : first + step]
        alone = [_draw(setting, int(seed), int(data_seed), sources) for seed, data_seed in some.to_numpy()]
        yield first, _Draws(some["seed"].to_numpy(), *(np.stack(part) for part in zip(*alone, strict=True)))


def _draw(
    setting: LinearRegressionSetting, seed: int, data_seed: int, sources: Sequence[Numbers]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw X, and targets, initial weights and initial bias of every source."""
    n, d = setting.n_train, setting.n_features
    x, noise = data.sample(data_seed, n, d)
    start, bias = data.start(seed, d)

    def columns(unit: dict[str, np.ndarray], size: int) -> np.ndarray:
        """Combine unit draws to the sources, shape (size, sources)."""
        alone = [
            sum((source.get(name, 0.0) * part for name, part in unit.items()), np.zeros(size)) for source in sources
        ]
        return np.stack(alone, axis=1)

    y = columns({"true_weight": x.sum(axis=1), "true_bias": np.ones(n), "noise_std": noise}, n)
    return x, y, columns({"init_std": start}, d), columns({"bias_init_std": bias}, 1)


def _solved(kind: type[ClosedForm], draws: _Draws, lam: np.ndarray) -> np.ndarray:
    """Solve for the minimisers; arguments and result as in `_trained`."""
    groups, _, sources = draws.y.shape
    ends = np.concatenate(
        kind.solve(draws.x, np.tile(draws.y, len(lam)), np.repeat(lam, sources)[None, None]), axis=1
    ).reshape(groups, -1, len(lam), sources)
    return ends.transpose(3, 0, 2, 1)


def _trained(
    kind: type[Method], setting: LinearRegressionSetting, draws: _Draws, lam: np.ndarray, p: np.ndarray
) -> np.ndarray:
    """Train every cell, λ and p (cells,), on every source's targets → (sources, seeds, cells, features + 1)."""
    groups, cells, sources = len(draws.seeds), len(lam), draws.y.shape[2]
    if kind.perturbs_inputs:  # every cell sees inputs of its own: a group each
        ends = _descended(kind, setting, draws, np.tile(lam, groups)[:, None, None], np.tile(p, groups)[:, None, None])
        return ends.reshape(groups, cells, -1, sources).transpose(3, 0, 1, 2)
    basis = _span(draws.x, draws.weights)
    columns = draws._replace(
        x=draws.x @ basis,
        y=np.tile(draws.y, cells),
        weights=np.tile(basis.swapaxes(1, 2) @ draws.weights, cells),
        biases=np.tile(draws.biases, cells),
    )
    ends = _descended(kind, setting, columns, *(np.repeat(key, sources)[None, None] for key in (lam, p)))
    ends = np.concatenate([basis @ ends[:, :-1], ends[:, -1:]], axis=1)
    return ends.reshape(groups, -1, cells, sources).transpose(3, 0, 2, 1)


def _descended(
    kind: type[Method], setting: LinearRegressionSetting, draws: _Draws, lam: np.ndarray, p: np.ndarray
) -> np.ndarray:
    """Take all steps, λ and p broadcasting against the weights; returns parameters (groups, features + 1, columns)."""
    import torch

    from regularization.draws import Draws
    from regularization.training.network import Network, on_one_thread

    on_one_thread()
    steps, factor = setting.epochs * setting.steps_per_epoch, loss_factor(setting)
    copies = max(1, len(lam) // len(draws.seeds))  # of every seed
    x, y = torch.from_numpy(draws.x), torch.from_numpy(draws.y)
    start = (torch.from_numpy(np.repeat(part, copies, axis=0)) for part in (draws.weights, draws.biases))
    network = Network(*([part] for part in start))
    method = kind(lam=torch.from_numpy(lam), p=(torch.from_numpy(p),))
    random = Draws(np.repeat(draws.seeds, copies))
    method.prepare(x, y, setting.learning_rate)
    for batch_x, batch_y in _minibatches(setting, draws.seeds, x, y, copies):

        def gradient(output: Tensor, target: Tensor = batch_y) -> Tensor:
            return output.sub_(target).mul_(factor / output.shape[1])

        rate: float | Tensor = scheduled(setting.learning_rate, setting.schedule, random.step, steps)
        active = method.active(random.step)
        if active is not None:
            rate = rate * active
        network.sgd_step(batch_x, gradient, method, random, rate)
        random.step += 1
    return np.concatenate([network.weights[0].numpy(), network.biases[0].numpy()], axis=1)


def _minibatches(
    setting: LinearRegressionSetting, seeds: np.ndarray, x: Tensor, y: Tensor, copies: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets of every step of a training, each seed's `copies` times."""
    import torch

    n = setting.n_train
    first = n * torch.arange(len(seeds))[:, None]  # of a seed's samples, one seed's after the other's
    for epoch in range(1, setting.epochs + 1):
        # All at once: in any order.
        order = np.arange(n)[None] if setting.batch_size >= n else permutations("order", seeds, n, step=epoch)
        places = (first + torch.from_numpy(order)).repeat_interleave(copies, dim=0)
        for batch in places.split(setting.batch_size, dim=1):
            chosen = (part.flatten(0, 1).index_select(0, batch.reshape(-1)) for part in (x, y))
            batch_x, batch_y = (rows.unflatten(0, batch.shape) for rows in chosen)
            yield batch_x, batch_y


def _span(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Span what weights can be made of, inputs and initial weights: orthonormal, shape (seeds, features, k)."""
    start = weights[:, :, weights.any(axis=(0, 1))]
    if x.shape[1] + start.shape[2] >= x.shape[2]:
        return np.broadcast_to(np.eye(x.shape[2]), (len(x), x.shape[2], x.shape[2]))
    return np.linalg.qr(np.concatenate([x.swapaxes(1, 2), start], axis=2))[0]
