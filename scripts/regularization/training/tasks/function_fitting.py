"""The chapter's own example of bias and variance: y = x² and y = x₁x₂, which no linear model can represent.

Small ReLU networks are fitted to many training sets at once, each a group of one tensor program. Inputs are uniform
on [−1, 1], so an even grid of test points averages over them without sampling error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from regularization.methods import Method
from regularization.settings import scheduled
from regularization.streams import generator
from regularization.training.network import Network
from regularization.training.tasks import MethodArguments, batch_orders
from regularization.training.tasks.fashion_mnist import initial_layer

INPUTS, NOISE = 10, 11  # parts of the `data` stream that no other task reads


@dataclass(frozen=True)
class FunctionFittingSetting:
    """y = f(x) + ε with x ~ U(−1, 1) per input and ε ~ N(0, noise_std²), fitted by minibatch SGD on (ŷ − y)²/2.

    f is x² (`square`, one input) or x₁x₂ (`interaction`, two inputs). The best linear model of either is a constant,
    1/3 and 0, and leaves 4/45 and 1/9 of mean squared error: the linear model's bias² where it has data enough.
    """

    function: Literal["square", "interaction"]
    n_train: int = 50
    noise_std: float = 0.1  # σ
    hidden: tuple[int, ...] = (32, 32)
    learning_rate: float = 0.2  # falls to 0 along half a cosine
    batch_size: int = 10
    epochs: int = 300

    @property
    def n_features(self) -> int:
        return 1 if self.function == "square" else 2

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.n_train // self.batch_size)

    def target(self, x: np.ndarray) -> np.ndarray:
        """f(x) without noise: inputs (…, n_features) → (…, 1)."""
        return x**2 if self.function == "square" else x.prod(axis=-1, keepdims=True)

    def training_set(self, data_seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (n_train, n_features) and noisy targets (n_train, 1) of one seed, nested in n_train."""
        x = generator("data", data_seed, part=INPUTS).uniform(-1, 1, (self.n_train, self.n_features))
        noise = generator("data", data_seed, part=NOISE).standard_normal((self.n_train, 1))
        return x, self.target(x) + self.noise_std * noise

    def test_points(self) -> np.ndarray:
        """Midpoints of an even grid on [−1, 1]ᵈ, about 400 of them, shape (points, n_features)."""
        side = 400 if self.n_features == 1 else 20
        return grid((np.arange(side) + 0.5) / side * 2 - 1, self.n_features)


def grid(axis: np.ndarray, n_features: int) -> np.ndarray:
    """All points of axisᵈ, the last input fastest, shape (points, n_features)."""
    return np.stack(np.meshgrid(*[axis] * n_features, indexing="ij"), axis=-1).reshape(-1, n_features)


class FunctionFitting:
    """All `runs` of one setting, each a group of its own; see `Task` for the methods the trainer calls.

    `runs` has the columns run_id, seed and data_seed. `predictions` evaluates the networks at `points`, shape
    (points, n_features), by default the test points.
    """

    chance = 0.0

    def __init__(
        self,
        runs: pd.DataFrame,
        setting: FunctionFittingSetting,
        *,
        points: np.ndarray | None = None,
        dtype: str = "float32",
        device: str = "cpu",
    ) -> None:
        self.runs, self.setting, self.device = runs, setting, device
        self.dtype: torch.dtype = getattr(torch, dtype)
        self.seeds = runs["seed"].to_numpy()
        self.epochs, self.steps_per_epoch = setting.epochs, setting.steps_per_epoch
        self.recorded_epochs: tuple[int, ...] = (0, setting.epochs)
        sets = [setting.training_set(int(seed)) for seed in runs["data_seed"]]
        self._x, self._y = (self._tensor(np.stack(part)) for part in zip(*sets, strict=True))
        self._test = self._tensor(setting.test_points())
        self._test_targets = self._tensor(setting.target(setting.test_points()))
        self._points = self._test if points is None else self._tensor(points)

    def method_arguments(self) -> MethodArguments:
        """No regularization: the example is about the models themselves."""
        n_hidden = len(self.setting.hidden)
        return {"lam": 0.0, "p": (0.0,) * n_hidden, "n_hidden": n_hidden}

    def initial_network(self) -> Network:
        sizes = (self.setting.n_features, *self.setting.hidden, 1)
        weights, biases = [], []
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            draws = [initial_layer(int(seed), layer, fan_in, fan_out, None) for seed in self.seeds]
            weights.append(self._tensor(np.stack([weight for weight, _ in draws])))
            biases.append(self._tensor(np.stack([bias[None] for _, bias in draws])))
        return Network(weights, biases)

    def prepare(self, method: Method) -> None:
        method.prepare(self._x, self._y, self.setting.learning_rate)

    def minibatches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        n, size = self.setting.n_train, self.setting.batch_size
        order = torch.from_numpy(batch_orders(self.seeds, n, epoch)).to(self.device)
        group = torch.arange(len(order), device=self.device)[:, None]
        for start in range(0, n, size):
            batch = order[:, start : start + size]
            yield self._x[group, batch], self._y[group, batch]

    def loss_gradient(self, output: Tensor, target: Tensor) -> Tensor:
        """∂ mean (ŷ − y)²/2 / ∂ŷ = (ŷ − y)/|B|."""
        return (output - target).div_(output.shape[1])

    def learning_rate(self, step: int) -> float:
        return scheduled(self.setting.learning_rate, "cosine", step, self.epochs * self.steps_per_epoch)

    def validation_loss(self, network: Network) -> Tensor:
        raise ValueError("the example keeps no samples for validation")

    def metrics(self, network: Network) -> dict[str, np.ndarray]:
        """Mean squared errors, not halved: on the training set, and the risk σ² + mean (ŷ − f)² on the test points."""
        train = (network.output(self._x) - self._y).double().square().mean(dim=(1, 2))
        error = (network.output(self._test) - self._test_targets).double().square().mean(dim=(1, 2))
        return {"train_loss": train.cpu().numpy(), "risk": self.setting.noise_std**2 + error.cpu().numpy()}

    def final_metrics(self, network: Network) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        metrics = self.metrics(network)
        return metrics, metrics

    def objective(self, network: Network, method: Method, train_loss: np.ndarray) -> np.ndarray:
        """Training loss as SGD descends it; no penalty, as the example has no regularizer."""
        return train_loss / 2

    def predictions(self, network: Network, rows: np.ndarray) -> pd.DataFrame:
        """Columns run_id, item (the point) and prediction, of the runs at positions `rows`."""
        values = network.output(self._points)[:, :, 0].double().cpu().numpy()[rows]
        return pd.DataFrame(
            {
                "run_id": np.repeat(self.runs["run_id"].to_numpy()[rows], values.shape[1]),
                "item": np.tile(np.arange(values.shape[1], dtype=np.int32), len(rows)),
                "prediction": values.ravel(),
            }
        )

    def probes(self, network: Network, method: Method, rows: np.ndarray) -> pd.DataFrame:
        raise ValueError("probes look at images: networks that fit a function of two numbers are not probed")

    def calibration(self) -> None:
        return None

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(self.device, self.dtype)
