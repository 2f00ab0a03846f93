"""High-dimensional linear regression: y = b* + xᵀw* + ε with x ~ N(0, I), 200 features and 20 samples.

Everything about the data and the metrics is NumPy, so that the closed form needs no torch; the tensors for training
are views of the same arrays.

One tensor program holds *cells* (setting, λ, p) × *seeds*. Cells share the seeds' inputs: they are the columns of
one product X(seeds, n, d) @ W(seeds, d, cells). Two settings may sit side by side when they differ only in σ, true
weights or initialisation, since these scale the same draws. A method that perturbs the inputs by run cannot share
them: then every (seed, cell) is a group of its own with a single column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from regularization.settings import LinearRegressionSetting, of_kind, scheduled
from regularization.theory import data, null_space
from regularization.training.tasks import Assignment, MethodArguments, batch_orders, log_spaced_epochs

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from regularization.methods import Method
    from regularization.training.network import Network

# The last bits of a product depend on how many columns it has, so a program always has this many (padded). They may
# depend on the place of a column too: kernels take columns in blocks (of 12 or 24, on some processors) and those left
# over another way. In 8 columns every place has the same bits, whichever kernel MKL or OpenBLAS chooses; a test tries
# every place.
TILE = 8

# What two settings may differ in and still share a program: everything else shapes the tensors or the steps.
COLUMN_PARAMETERS: dict[str, Any] = {
    "true_weight": 0.0,
    "true_bias": 0.0,
    "noise_std": 0.0,
    "init_std": 0.0,
    "bias_init_std": 0.0,
}


class LinearRegression:
    """All runs of `cells` × `seeds`; see `Task` for the methods the trainer calls.

    A cell is a row with setting (name), lam and p (one number); `runs` are the planned ones to report, a subset. With
    `shared_inputs` cells are columns of one product, else every run is a group of its own.
    """

    def __init__(
        self,
        cells: pd.DataFrame,
        settings: dict[str, LinearRegressionSetting],
        runs: pd.DataFrame,
        *,
        shared_inputs: bool,
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
        # A padded program computes some cells twice; nobody reads the copies.
        width = -(-len(columns) // TILE) * TILE if shared_inputs else max(2, len(columns))
        columns += [columns[-1]] * (width - len(columns))
        self.n_cells = width
        self.shared_inputs = shared_inputs
        cell_settings = [settings[c.setting] for c in columns]
        self.setting = cell_settings[0]
        self.epochs, self.steps_per_epoch = self.setting.epochs, self.setting.steps_per_epoch
        self.recorded_epochs = log_spaced_epochs(self.epochs, 16)
        self.cell_lam = np.array([c.lam for c in columns], dtype=self.dtype)
        self.cell_p = np.array([c.p for c in columns], dtype=self.dtype)
        self._of_cell = {
            name: np.array([getattr(s, name) for s in cell_settings], dtype=self.dtype) for name in COLUMN_PARAMETERS
        }

        self._unique_seeds = pairs[:, 0]
        draws = [_draw(self.setting, int(seed), int(data_seed)) for seed, data_seed in pairs]
        self._draws = {name: np.stack([draw[name] for draw in draws]).astype(self.dtype) for name in draws[0]}
        self._row_space: np.ndarray | None = None  # None: the inputs span everything
        if self.setting.n_train < self.setting.n_features:
            self._row_space = null_space.row_space(self._draws["x_train"])
        self._seed_of_group = np.arange(len(pairs))
        if not shared_inputs:
            self._seed_of_group = np.repeat(self._seed_of_group, width)
        self.seeds = self._unique_seeds[self._seed_of_group]

    # --- data -------------------------------------------------------------------------------------------------

    def inputs(self, part: str = "train") -> np.ndarray:
        """X of "train", "validation" or "test", shape (seeds, n, features)."""
        return self._draws[f"x_{part}"]

    def targets(self, part: str = "train") -> np.ndarray:
        """Targets y = b* + Xw* + σ·ε of every cell, shape (seeds, n, cells)."""
        signal = self.inputs(part).sum(axis=2, keepdims=True) * self._of_cell["true_weight"]
        return (
            self._of_cell["true_bias"] + signal + self._of_cell["noise_std"] * self._draws[f"noise_{part}"][:, :, None]
        )

    # --- training ---------------------------------------------------------------------------------------------

    def method_arguments(self) -> MethodArguments:
        """λ and p as tensors that broadcast against this program's weights and activations."""
        if self.shared_inputs:
            return {"lam": self._tensor(self.cell_lam[None, None, :]), "p": (0.0,), "n_hidden": 0}
        n_seeds = len(self._unique_seeds)
        lam, p = (self._tensor(np.tile(values, n_seeds)[:, None, None]) for values in (self.cell_lam, self.cell_p))
        return {"lam": lam, "p": (p,), "n_hidden": 0}

    def initial_network(self) -> Network:
        from regularization.training.network import Network

        weights = self._draws["init_weights"][:, :, None] * self._of_cell["init_std"]
        biases = self._draws["init_bias"][:, None, None] * self._of_cell["bias_init_std"]
        return Network([self._tensor(self._grouped(weights))], [self._tensor(self._grouped(biases))])

    def prepare(self, method: Method) -> None:
        self._x = self._tensor(self.inputs())
        self._y = self._tensor(self._grouped(self.targets()))
        x = self._x if self.shared_inputs else self._x[self._seed_of_group]
        method.prepare(x, self._y, self.setting.learning_rate)

    def minibatches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        import torch

        n, size = self.setting.n_train, self.setting.batch_size
        orders = batch_orders(self._unique_seeds, n, epoch)
        order = torch.from_numpy(orders[self._seed_of_group]).to(self.device)
        seed = torch.from_numpy(self._seed_of_group).to(self.device)[:, None]
        group = torch.arange(len(order), device=self.device)[:, None]
        for start in range(0, n, size):
            batch = order[:, start : start + size]
            yield self._x[seed, batch], self._y[group, batch]

    def loss_gradient(self, output: Tensor, target: Tensor) -> Tensor:
        """(ŷ − y)/|B| for the chapter's half squared error, twice that for the squared error."""
        return (output - target).mul_(self._loss_factor() * 2 / output.shape[1])

    def learning_rate(self, step: int) -> float:
        return scheduled(self.setting.learning_rate, self.setting.schedule, step, self.epochs * self.steps_per_epoch)

    # --- metrics ----------------------------------------------------------------------------------------------

    def metrics(self, network: Network, *, final: bool) -> dict[str, np.ndarray]:
        return self.metrics_of(*self._parameters(network))

    def metrics_of(self, weights: np.ndarray, biases: np.ndarray) -> dict[str, np.ndarray]:
        """Metrics of every run; losses are mean squared errors (not halved).

        Weights are (seeds, features, cells), biases (seeds, 1, cells). The risk is exact because x ~ N(0, I):
        E(y−ŷ)² = σ² + ‖w−w*‖² + (b−b*)².
        """
        with np.errstate(over="ignore", invalid="ignore"):  # a diverged run's metrics are infinite, not an error
            values = {f"{part}_loss": self._loss(weights, biases, part) for part in ("train", "validation", "test")}
            values["weight_norm"] = np.sqrt((weights**2).sum(axis=1))
            values["risk"] = (
                self._of_cell["noise_std"] ** 2
                + ((weights - self._of_cell["true_weight"]) ** 2).sum(axis=1)
                + (biases[:, 0] - self._of_cell["true_bias"]) ** 2
            )
            values["null_space_norm"] = (
                np.zeros_like(values["risk"])
                if self._row_space is None
                else null_space.norm_outside(self._row_space, _whole_tiles(weights))[:, : weights.shape[2]]
            )
        return {name: value[self._seed_row, self._cell_row] for name, value in values.items()}

    def objective(self, network: Network, method: Method) -> np.ndarray:
        weights, biases = self._parameters(network)
        penalty = method.penalty(network.weights[0])
        with np.errstate(over="ignore", invalid="ignore"):
            objective = self._loss_factor() * self._loss(weights, biases, "train")
            if not isinstance(penalty, float):
                objective = objective + self._by_cell(penalty).sum(axis=1)
        return objective[self._seed_row, self._cell_row]

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

    def _loss(self, weights: np.ndarray, biases: np.ndarray, part: str) -> np.ndarray:
        product = self.inputs(part) @ _whole_tiles(weights)
        return ((product[:, :, : weights.shape[2]] + biases - self.targets(part)) ** 2).mean(axis=1)

    def _tensor(self, values: np.ndarray) -> Tensor:
        import torch

        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)

    def _grouped(self, values: np.ndarray) -> np.ndarray:
        """(seeds, rows, cells) → the program's (groups, rows, columns)."""
        if self.shared_inputs:
            return values
        return values.transpose(0, 2, 1).reshape(-1, values.shape[1], 1)

    def _by_cell(self, values: torch.Tensor) -> np.ndarray:
        """The program's (groups, rows, columns) → (seeds, rows, cells)."""
        array = values.cpu().numpy()
        if self.shared_inputs:
            return array
        array = array.reshape(len(self._unique_seeds), self.n_cells, -1).transpose(0, 2, 1)
        return np.ascontiguousarray(array)

    def _parameters(self, network: Network) -> tuple[np.ndarray, np.ndarray]:
        return self._by_cell(network.weights[0]), self._by_cell(network.biases[0])


def programs(
    assignment: Assignment,
) -> Iterator[LinearRegression]:
    """Split a cohort's runs into tensor programs: cells of one shape and one set of seeds, at most a tile of them."""
    settings = of_kind(LinearRegressionSetting, assignment.settings)
    runs = assignment.runs.assign(p=assignment.runs["p"].astype(float))
    cells = runs.groupby(["setting", "lam", "p"], sort=True).agg(seeds=("seed", tuple), data_seeds=("data_seed", tuple))
    cells = cells.reset_index()
    cells["shape"] = [str(replace(settings[name], **COLUMN_PARAMETERS)) for name in cells["setting"]]
    for _, alike in cells.groupby(["shape", "seeds", "data_seeds"], sort=True):
        for start in range(0, len(alike), TILE):
            tile = alike.iloc[start : start + TILE]
            members = runs.merge(tile[["setting", "lam", "p"]], on=["setting", "lam", "p"])
            yield LinearRegression(
                tile,
                settings,
                members,
                shared_inputs=not assignment.method.perturbs_inputs,
                dtype=assignment.dtype,
                device=assignment.device,
            )


def _whole_tiles(weights: np.ndarray) -> np.ndarray:
    """Weights (seeds, features, columns) with columns of zeros added up to a multiple of `TILE`."""
    return np.pad(weights, ((0, 0), (0, 0), (0, -weights.shape[2] % TILE)))


def _draw(setting: LinearRegressionSetting, seed: int, data_seed: int) -> dict[str, np.ndarray]:
    """Standard normal draws of one seed; n counts from the front of a stream, so sample sizes are nested."""
    draws: dict[str, np.ndarray] = {}
    for part in data.PARTS:
        n = getattr(setting, f"n_{part}")
        draws[f"x_{part}"], draws[f"noise_{part}"] = data.sample(data_seed, n, setting.n_features, part)
    draws["init_weights"], draws["init_bias"] = data.start(seed, setting.n_features)
    return draws


def _positions(known: Iterator[tuple] | Sequence[tuple], wanted: Iterator[tuple]) -> np.ndarray:
    """Where each of `wanted` stands in `known`."""
    position = {key: index for index, key in enumerate(known)}
    return np.array([position[key] for key in wanted])
