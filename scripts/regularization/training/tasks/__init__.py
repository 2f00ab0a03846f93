"""The tasks: data, model, loss and metrics of each experiment, for all runs of one tensor program."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypedDict

import numpy as np

from regularization.streams import permutations
from regularization.training.results import NO_ACCOUNT

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from regularization.methods import Method
    from regularization.settings import Setting
    from regularization.system.fashion_mnist import Images
    from regularization.training.network import Coordinates, Network


@dataclass(frozen=True)
class Assignment:
    """What tensor programs are made of."""

    runs: pd.DataFrame  # rows of the plan (`plan.runs`), all of one experiment and one method
    settings: Mapping[str, Setting]  # the experiment's, by name
    method: type[Method]
    dtype: str = "float64"  # or "float32"
    device: str = "cpu"  # or "cuda"
    images: Images | None = None  # Fashion-MNIST, for an experiment that trains on it


class MethodArguments(TypedDict):
    """The arguments of `Method` for all runs of a tensor program."""

    lam: float | Tensor
    p: tuple[float | Tensor, ...]
    n_hidden: int


class Task(Protocol):
    """What the trainer needs to know of one tensor program."""

    runs: pd.DataFrame  # the planned runs, one row each; every per-run array below is in its order
    seeds: np.ndarray  # the seed of every group, shape (groups,)
    chance: float  # a classifier's accuracy when it guesses, else 0
    epochs: int  # passes over the training data
    steps_per_epoch: int  # SGD steps in a pass
    recorded_epochs: tuple[int, ...]  # the epochs after which a curve has a point (0: before training)

    def method_arguments(self) -> MethodArguments:
        """Return λ and p of the program's runs, as `Method` takes them."""

    def initial_network(self) -> Network:
        """Make the networks before training, from the `init` stream."""

    def prepare(self, method: Method) -> None:
        """Show the method the training data."""

    def minibatches(self, epoch: int) -> Iterator[tuple[Tensor | Coordinates, Tensor]]:
        """Yield inputs (groups, batch, inputs) and targets of each step of one epoch, from the `order` stream."""

    def loss_gradient(self, output: Tensor, target: Tensor) -> Tensor:
        """∂(mean loss of the minibatch)/∂output, same shape as the output."""

    def learning_rate(self, step: int) -> float:
        """η at SGD step `step`, counted from 0."""

    def validation_loss(self, network: Network) -> Tensor:
        """The loss on validation data, (groups, 1, 1 or columns), of settings that `has_validation`."""

    def metrics(self, network: Network) -> dict[str, np.ndarray]:
        """Evaluate the metrics of every run for a point of its curve, each of shape (runs,)."""

    def final_metrics(self, network: Network) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Evaluate the metrics after the last epoch: for the curve's last point, and on the full data sets."""

    def objective(self, network: Network, method: Method, train_loss: np.ndarray) -> np.ndarray:
        """Training loss, from `metrics`, + penalty of every run, as SGD descends it, shape (runs,)."""

    def predictions(self, network: Network, rows: np.ndarray) -> pd.DataFrame:
        """Return what bias–variance needs of the runs at the given positions."""

    def probes(self, network: Network, method: Method, rows: np.ndarray) -> pd.DataFrame:
        """Probe the trained networks at the given positions: run_id, probe, level, value."""

    def calibration(self) -> dict[str, np.ndarray] | None:
        """Return what `CALIBRATION` names of every run, after `final_metrics`; None for what is no classifier."""


def programs(assignment: Assignment) -> Iterator[Task]:
    """Split a cohort's runs into tensor programs, as the task, imported by name for its fingerprint, does itself."""
    experiment = assignment.runs["experiment"].iloc[0]
    yield from importlib.import_module(f"{__name__}.{experiment}").programs(assignment)


def account(assignment: Assignment, finished: pd.DataFrame) -> pd.DataFrame:
    """Split finished runs' risk into parts, for a task whose module has a function `account`; else an empty table."""
    task = importlib.import_module(f"{__name__}.{assignment.runs['experiment'].iloc[0]}")
    table: pd.DataFrame = task.account(assignment, finished) if hasattr(task, "account") else NO_ACCOUNT
    return table


def batch_orders(seeds: Sequence[int] | np.ndarray, n_train: int, epoch: int) -> np.ndarray:
    """Draw the order in which every seed's runs see the samples in an epoch, shape (seeds, n_train)."""
    return permutations("order", seeds, n_train, step=epoch)


def log_spaced_epochs(epochs: int, points: int) -> tuple[int, ...]:
    """Return 0, the last epoch and log-spaced epochs between: at most `points` of them."""
    between = np.unique(np.geomspace(1, epochs, points - 1).round().astype(int))
    return (0, *between.tolist())
