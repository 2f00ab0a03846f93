"""High-dimensional linear regression: y = b* + xᵀw* + ε with x ~ N(0, I), 200 features and 20 samples.

Data and metrics are NumPy, so that the closed form needs no torch; tensors are views of the same arrays. Programs hold
cells × seeds, and train coordinates of the weights where these are fewer: docs/performance.md says how and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from regularization.settings import LinearRegressionSetting, of_kind, scheduled
from regularization.theory import data, null_space
from regularization.training.tasks import Assignment, MethodArguments, batch_orders, log_spaced_epochs

if TYPE_CHECKING:
    from torch import Tensor

    from regularization.methods import Method
    from regularization.training.network import Coordinates, Network

# The last bits of a product depend on how many columns it has and on a column's place: kernels take columns in blocks
# and those left over another way. In multiples of 8, up to 64 and more, MKL and OpenBLAS give every place the same
# bits, whichever kernel they choose; a test tries every place. A product of so few rows costs about the same with 8
# columns as with 48. A batch of a single sample, and single precision, may be multiplied another way with more columns.
TILE = 8
WIDTH = 48
INPUTS_MB = 256.0  # of all seeds of a program, at most
KEPT = 2**25  # numbers of the epochs' orders that are kept for the next program


class LinearRegression:
    """All runs of `cells` × `seeds`; see `Task` for the methods the trainer calls.

    A cell is a row with setting (name), lam and p (one number); `runs` are the planned ones to report, a subset. With
    `in_coordinates` what is trained are the weights' coordinates instead of the weights.
    """

    chance = 0.0

    def __init__(
        self,
        cells: pd.DataFrame,
        settings: dict[str, LinearRegressionSetting],
        runs: pd.DataFrame,
        *,
        in_coordinates: bool = False,
        dtype: str = "float64",
        device: str = "cpu",
    ) -> None:
        self.device, self.dtype = device, np.dtype(dtype)
        self.runs = runs
        pairs = runs[["seed", "data_seed"]].drop_duplicates().sort_values(["seed", "data_seed"]).to_numpy()
        if len(pairs) == 1:  # PyTorch multiplies the matrices of one group another way than those of several
            pairs = np.repeat(pairs, 2, axis=0)
        columns = list(cells.itertuples(index=False))
        self._seed_row = _positions(map(tuple, pairs), zip(runs["seed"], runs["data_seed"], strict=True))
        self._cell_row = _positions(
            ((c.setting, c.lam, c.p) for c in columns), zip(runs["setting"], runs["lam"], runs["p"], strict=True)
        )
        columns += [columns[-1]] * (-len(columns) % TILE)  # computed once more; nobody reads the copies
        cell_settings = [settings[c.setting] for c in columns]
        self.setting = cell_settings[0]
        self.epochs, self.steps_per_epoch = self.setting.epochs, self.setting.steps_per_epoch
        self.recorded_epochs = log_spaced_epochs(self.epochs, 16)
        self.cell_lam = np.array([c.lam for c in columns], dtype=self.dtype)
        self.cell_p = np.array([c.p for c in columns], dtype=self.dtype)
        self._of_cell = {
            name: np.array([getattr(s, name) for s in cell_settings], dtype=self.dtype) for name in data.SCALES
        }
        self.seeds = pairs[:, 0]
        self._samples = _samples(_sizes(self.setting), tuple(map(tuple, pairs.tolist())), self.dtype.name)
        self._targets: dict[str, np.ndarray] = {}
        self._projected: dict[str, np.ndarray] = {}
        self._basis: np.ndarray | None = None
        if in_coordinates:
            self._basis = np.concatenate([self.inputs().swapaxes(1, 2), self._samples.init_weights[:, :, None]], axis=2)

    # --- data -------------------------------------------------------------------------------------------------

    def inputs(self, part: str = "train") -> np.ndarray:
        """X of "train", "validation" or "test", shape (seeds, n, features)."""
        return self._samples.inputs[part]

    def targets(self, part: str = "train") -> np.ndarray:
        """Targets y = b* + Xw* + σ·ε of every cell, shape (seeds, n, cells)."""
        if part not in self._targets:
            signal = self.inputs(part).sum(axis=2, keepdims=True) * self._of_cell["true_weight"]
            noise = self._of_cell["noise_std"] * self._samples.noise[part][:, :, None]
            self._targets[part] = self._of_cell["true_bias"] + signal + noise
        return self._targets[part]

    # --- training ---------------------------------------------------------------------------------------------

    def method_arguments(self) -> MethodArguments:
        """λ and p as tensors that broadcast against weights and activations: one a column, or one for all."""
        columns = slice(None) if len(set(zip(self.cell_lam, self.cell_p, strict=True))) > 1 else slice(1)
        lam, p = (self._tensor(values[None, None, columns]) for values in (self.cell_lam, self.cell_p))
        return {"lam": lam, "p": (p,), "n_hidden": 0}

    def initial_network(self) -> Network:
        from regularization.training.network import Network

        biases = self._samples.init_bias[:, None, None] * self._of_cell["bias_init_std"]
        if self._basis is None:
            weights = self._samples.init_weights[:, :, None] * self._of_cell["init_std"]
        else:
            weights = np.zeros((len(self.seeds), self._basis.shape[2], len(self.cell_lam)), dtype=self.dtype)
            weights[:, -1] = self._of_cell["init_std"]
        return Network([self._tensor(weights)], [self._tensor(biases)])

    def prepare(self, method: Method) -> None:
        method.prepare(self._tensor(self.inputs()), self._tensor(self.targets()), self.setting.learning_rate)
        # What SGD multiplies with the weights, or with coordinates and the direction that a sample moves those in.
        rows = [self._seen("train")]
        if self._basis is not None:
            rows.append(np.broadcast_to(np.eye(*rows[0].shape[1:], dtype=self.dtype), rows[0].shape))
        self._rows = [self._tensor(part.reshape(-1, part.shape[2])) for part in (*rows, self.targets())]

    def minibatches(self, epoch: int) -> Iterator[tuple[Tensor | Coordinates, Tensor]]:
        from regularization.training.network import Coordinates

        n, size = self.setting.n_train, self.setting.batch_size
        if size >= n:  # in any order
            *x, y = (rows.unflatten(0, (-1, n)) for rows in self._rows)
            yield (x[0] if self._basis is None else Coordinates(*x)), y
            return
        order = self._samples.order(epoch).to(self.device)
        for start in range(0, n, size):
            batch = order[:, start : start + size]
            *x, y = (rows.index_select(0, batch.reshape(-1)).unflatten(0, batch.shape) for rows in self._rows)
            yield (x[0] if self._basis is None else Coordinates(*x)), y

    def loss_gradient(self, output: Tensor, target: Tensor) -> Tensor:
        """(ŷ − y)/|B| for the chapter's half squared error, twice that for the squared error."""
        return output.sub_(target).mul_(self._loss_factor() * 2 / output.shape[1])

    def learning_rate(self, step: int) -> float:
        return scheduled(self.setting.learning_rate, self.setting.schedule, step, self.epochs * self.steps_per_epoch)

    # --- metrics ----------------------------------------------------------------------------------------------

    def validation_loss(self, network: Network) -> Tensor:
        """Mean squared error on the validation samples, not halved."""
        weights, biases = self._parameters(network)
        with np.errstate(over="ignore", invalid="ignore"):
            errors = self.inputs("validation") @ weights + biases - self.targets("validation")
            return self._tensor((errors**2).mean(axis=1, keepdims=True))

    def metrics(self, network: Network) -> dict[str, np.ndarray]:
        """Evaluate the metrics of every run; losses are mean squared errors (not halved)."""
        if self._basis is None:
            return self.metrics_of(*self._parameters(network))
        weights, biases = self._parameters(network)
        coordinates = network.weights[0].cpu().numpy()
        with np.errstate(over="ignore", invalid="ignore"):
            outside = np.abs(coordinates[:, -1]) * self._samples.start_outside
            values = self._metrics(weights, biases, lambda part: self._seen(part) @ coordinates)
        return self._of_runs({**values, "null_space_norm": outside})

    def final_metrics(self, network: Network) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        metrics = self.metrics(network)
        return metrics, metrics

    def metrics_of(self, weights: np.ndarray, biases: np.ndarray) -> dict[str, np.ndarray]:
        """Evaluate the metrics of every run at weights (seeds, features, cells), biases (seeds, 1, cells)."""
        with np.errstate(over="ignore", invalid="ignore"):  # a diverged run's metrics are infinite, not an error
            values = self._metrics(weights, biases, lambda part: self.inputs(part) @ weights)
            values["null_space_norm"] = (
                np.zeros_like(values["risk"])
                if self._samples.row_space is None
                else null_space.norm_outside(self._samples.row_space, weights)
            )
        return self._of_runs(values)

    def _metrics(
        self, weights: np.ndarray, biases: np.ndarray, output: Callable[[str], np.ndarray]
    ) -> dict[str, np.ndarray]:
        """All but the null space's, shape (seeds, cells). `output` gives Xw of a part of the data.

        The risk is exact because x ~ N(0, I): E(y−ŷ)² = σ² + ‖w−w*‖² + (b−b*)².
        """
        values = {
            f"{part}_loss": ((output(part) + biases - self.targets(part)) ** 2).mean(axis=1)
            for part in ("train", "validation", "test")
        }
        values["weight_norm"] = np.sqrt((weights**2).sum(axis=1))
        values["risk"] = (
            self._of_cell["noise_std"] ** 2
            + ((weights - self._of_cell["true_weight"]) ** 2).sum(axis=1)
            + (biases[:, 0] - self._of_cell["true_bias"]) ** 2
        )
        return values

    def objective(self, network: Network, method: Method, train_loss: np.ndarray) -> np.ndarray:
        objective = self._loss_factor() * train_loss
        penalty = method.penalty(self._tensor(self._parameters(network)[0]))
        if isinstance(penalty, float):
            return objective
        with np.errstate(over="ignore", invalid="ignore"):
            return objective + penalty.cpu().numpy().sum(axis=1)[self._seed_row, self._cell_row]

    def calibration(self) -> None:
        return None

    def predictions(self, network: Network, rows: np.ndarray) -> pd.DataFrame:
        return self.predictions_of(*self._parameters(network), rows)

    def predictions_of(self, weights: np.ndarray, biases: np.ndarray, rows: np.ndarray) -> pd.DataFrame:
        """The weights (item 0 … d−1) and the bias (item d) of the runs at positions `rows`."""
        values = np.concatenate([weights, biases], axis=1)[self._seed_row[rows], :, self._cell_row[rows]]
        n_items = values.shape[1]
        return pd.DataFrame(
            {
                "run_id": np.repeat(self.runs["run_id"].to_numpy()[rows], n_items),
                "item": np.tile(np.arange(n_items, dtype=np.int32), len(rows)),
                "weight": values.ravel(),
            }
        )

    # --- layout -----------------------------------------------------------------------------------------------

    def _loss_factor(self) -> float:
        return 0.5 if self.setting.loss == "half_squared_error" else 1.0

    def _seen(self, part: str) -> np.ndarray:
        """What is multiplied with what is trained to give Xw, shape (seeds, n, features or coordinates)."""
        if self._basis is None:
            return self.inputs(part)
        if part not in self._projected:
            self._projected[part] = self.inputs(part) @ self._basis
        return self._projected[part]

    def _parameters(self, network: Network) -> tuple[np.ndarray, np.ndarray]:
        """Weights (seeds, features, cells) and biases (seeds, 1, cells)."""
        trained, biases = network.weights[0].cpu().numpy(), network.biases[0].cpu().numpy()
        return trained if self._basis is None else self._basis @ trained, biases

    def _of_runs(self, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: value[self._seed_row, self._cell_row] for name, value in values.items()}

    def _tensor(self, values: np.ndarray) -> Tensor:
        import torch

        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)


def programs(assignment: Assignment) -> Iterator[LinearRegression]:
    """Split a cohort's runs into tensor programs: at most `WIDTH` cells of one shape, seeds as far as memory reaches.

    Cells of a method that perturbs the inputs share a program where they share λ and p.
    """
    method, settings = assignment.method, of_kind(LinearRegressionSetting, assignment.settings)
    runs = assignment.runs.assign(p=assignment.runs["p"].astype(float))
    cells = runs.groupby(["setting", "lam", "p"], sort=True).agg(seeds=("seed", tuple), data_seeds=("data_seed", tuple))
    cells = cells.reset_index()
    cells["shape"] = [str(replace(settings[name], **data.SCALES)) for name in cells["setting"]]
    together = ["shape", "seeds", "data_seeds", *(["lam", "p"] if method.perturbs_inputs else [])]
    for _, alike in cells.groupby(together, sort=True):
        setting = settings[alike["setting"].iloc[0]]
        single = 1 in (setting.batch_size, setting.n_train % setting.batch_size)
        width = TILE if single or assignment.dtype == "float32" else WIDTH
        for start in range(0, len(alike), width):
            columns = alike.iloc[start : start + width]
            members = runs.merge(columns[["setting", "lam", "p"]], on=["setting", "lam", "p"])
            group = members.groupby(["seed", "data_seed"]).ngroup()
            for _, part in members.groupby(group // max(2, int(INPUTS_MB / setting.inputs_mb))):
                yield LinearRegression(
                    columns,
                    settings,
                    part,
                    in_coordinates=method.keeps_the_span() and setting.n_train + 1 < setting.n_features,
                    dtype=assignment.dtype,
                    device=assignment.device,
                )


def account(assignment: Assignment, finished: pd.DataFrame) -> pd.DataFrame:
    """Split the risk of those finished runs, rows of the table of runs, that are to be accounted for."""
    from regularization.training.risk_account import account_table

    wanted = finished[assignment.runs["account"].to_numpy()]
    return account_table(wanted, of_kind(LinearRegressionSetting, assignment.settings), assignment.dtype)


@dataclass(frozen=True)
class _Samples:
    """What the runs of some seeds see and start from: standard normal draws, which settings scale."""

    pairs: tuple[tuple[int, int], ...]  # (seed, data seed) of every group
    inputs: dict[str, np.ndarray]  # X by part, shape (seeds, n, features)
    noise: dict[str, np.ndarray]  # ε by part, shape (seeds, n)
    init_weights: np.ndarray  # z, shape (seeds, features)
    init_bias: np.ndarray  # shape (seeds,)
    orders: dict[int, Tensor]  # by epoch, those that are kept

    @cached_property
    def row_space(self) -> np.ndarray | None:
        """An orthonormal basis of the span of the training inputs, or None where they span everything."""
        _, n, n_features = self.inputs["train"].shape
        return null_space.row_space(self.inputs["train"]) if n < n_features else None

    @cached_property
    def start_outside(self) -> np.ndarray:
        """The norm of z outside that span, shape (seeds, 1)."""
        assert self.row_space is not None, "the inputs span everything"
        return null_space.norm_outside(self.row_space, self.init_weights[:, :, None])

    def order(self, epoch: int) -> Tensor:
        """The places of an epoch's samples among those of all groups, one group after the other, (groups, n)."""
        import torch

        if epoch in self.orders:
            return self.orders[epoch]
        groups, n, _ = self.inputs["train"].shape
        order = torch.from_numpy(batch_orders([seed for seed, _ in self.pairs], n, epoch))
        order += n * torch.arange(groups)[:, None]
        if len(self.orders) * order.numel() < KEPT:
            self.orders[epoch] = order
        return order


@lru_cache(maxsize=1)  # one program after the other asks for the same
def _samples(sizes: tuple[int, ...], pairs: tuple[tuple[int, int], ...], dtype: str) -> _Samples:
    """Draw what some seeds see; n counts from the front of a stream, so sample sizes are nested."""
    *ns, n_features = sizes
    inputs: dict[str, np.ndarray] = {}
    noise: dict[str, np.ndarray] = {}
    for part, n in zip(data.PARTS, ns, strict=True):
        draws = [data.sample(data_seed, n, n_features, part) for _, data_seed in pairs]
        inputs[part], noise[part] = (np.stack(values).astype(dtype) for values in zip(*draws, strict=True))
    starts = [data.start(seed, n_features) for seed, _ in pairs]
    weights, bias = (np.stack(values).astype(dtype) for values in zip(*starts, strict=True))
    return _Samples(pairs, inputs, noise, weights, bias, {})


def _sizes(setting: LinearRegressionSetting) -> tuple[int, ...]:
    return (*(getattr(setting, f"n_{part}") for part in data.PARTS), setting.n_features)


def _positions(known: Iterator[tuple] | Sequence[tuple], wanted: Iterator[tuple]) -> np.ndarray:
    """Where each of `wanted` stands in `known`."""
    position = {key: index for index, key in enumerate(known)}
    return np.array([position[key] for key in wanted])
