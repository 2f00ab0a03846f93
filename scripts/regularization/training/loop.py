"""The batched cohort trainer: minibatch SGD for all runs of a tensor program at once, on any task.

The loop knows no method by name and no task by type; what a method does is in its hooks, what a task is in `Task`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
import torch

from regularization.draws import Draws
from regularization.methods import Method, check_read, method_class
from regularization.settings import AT_CHANCE, DIVERGED, FALLEN, Setting
from regularization.system.fashion_mnist import Images
from regularization.training.network import Network, on_one_thread
from regularization.training.results import CohortResult, assemble
from regularization.training.tasks import Assignment, Task, account, programs

OnEpoch = Callable[[int, dict[str, np.ndarray]], None]


@dataclass
class Seconds:
    """Wall seconds that training steps and the evaluation of metrics take."""

    training: float = 0.0
    evaluation: float = 0.0


@dataclass
class Trained:
    """What one tensor program leaves behind; arrays are in the order of the task's runs."""

    final: dict[str, np.ndarray]
    status: np.ndarray
    curves: list[tuple[int, dict[str, np.ndarray]]]
    predictions: pd.DataFrame | None
    probes: pd.DataFrame | None = None
    calibration: dict[str, np.ndarray] | None = None
    seconds: Seconds = field(default_factory=Seconds)


def train(
    task: Task,
    method: Method,
    *,
    predict: np.ndarray | None = None,
    probe: np.ndarray | None = None,
    on_epoch: OnEpoch | None = None,
) -> Trained:
    """Train every run of a tensor program, under a method that holds every run's λ and p.

    `predict` and `probe` are the positions of the runs whose predictions are wanted and whose networks are probed;
    `on_epoch` is called with the epoch and the runs' metrics at every recorded epoch. `status_of` says how each ended.
    """
    on_one_thread()
    seconds = Seconds()
    clock = time.perf_counter()

    def lap() -> float:
        nonlocal clock
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()
        elapsed, clock = time.perf_counter() - clock, time.perf_counter()
        return elapsed

    network = task.initial_network()
    task.prepare(method)
    draws = Draws(task.seeds)
    seconds.training += lap()
    curves: list[tuple[int, dict[str, np.ndarray]]] = []
    parameters = [*network.weights, *network.biases]

    def evaluated() -> Network:
        if "evaluated" in method.hooks:
            shown = method.evaluated(parameters)
            return Network(shown[: len(network.weights)], shown[len(network.weights) :])
        return network

    def record(epoch: int, metrics: dict[str, np.ndarray]) -> None:
        curves.append((epoch, metrics))
        if on_epoch is not None:
            on_epoch(epoch, metrics)

    record(0, task.metrics(network))
    start = task.objective(network, method, curves[0][1]["train_loss"])
    seconds.evaluation += lap()
    for epoch in range(1, task.epochs + 1):
        batches = task.minibatches(epoch)
        if "perturb_samples" in method.hooks:  # no method that is trained in coordinates
            batches = (method.perturb_samples(x, y, draws) for x, y in batches)  # type: ignore[arg-type]
        for x, target in batches:
            learning_rate: float | torch.Tensor = task.learning_rate(draws.step)
            active = method.active(draws.step)
            if active is not None:
                learning_rate = learning_rate * active
            network.sgd_step(x, partial(task.loss_gradient, target=target), method, draws, learning_rate)
            if "after_step" in method.hooks:
                method.after_step(parameters)
            draws.step += 1
        if "validated" in method.hooks:
            method.validated(task.validation_loss(network), parameters)
        if epoch in task.recorded_epochs and epoch < task.epochs:
            seconds.training += lap()
            record(epoch, task.metrics(evaluated()))
            seconds.evaluation += lap()
    check_read(method)
    learnt = evaluated()
    seconds.training += lap()

    point, final = task.final_metrics(learnt)
    record(task.epochs, point)
    end = task.objective(learnt, method, point["train_loss"])
    probes = task.probes(learnt, method, probe) if probe is not None and len(probe) else None
    predictions = task.predictions(learnt, predict) if predict is not None and len(predict) else None
    calibration = task.calibration()
    seconds.evaluation += lap()
    losses = np.stack([metrics["train_loss"] for _, metrics in curves])
    above_chance = final["train_accuracy"] - task.chance if "train_accuracy" in final else np.full(len(end), np.inf)
    return Trained(
        final, status_of(start, end, losses, above_chance), curves, predictions, probes, calibration, seconds
    )


def status_of(start: np.ndarray, end: np.ndarray, losses: np.ndarray, above_chance: np.ndarray) -> np.ndarray:
    """Say how every run ended: "ok", "diverged" or "collapsed", shape (runs,).

    A run has diverged when its training objective (loss + penalty) ends not finite, or above `DIVERGED` times where it
    started: beyond the stability boundary it grows without limit, while one that starts near its minimum may end a
    little above. A classifier has collapsed when it had learnt something and ends with nothing (`FALLEN`, `AT_CHANCE`):
    a step that was too long threw it where no gradient leads back. The loss of a linear regression has no such place.

    `start` and `end` are of the objective, shape (runs,); `losses` the training loss at the recorded epochs, (epochs,
    runs); `above_chance` how far the training accuracy ends above that of guessing, infinite for no classifier.
    """
    diverged = ~(np.isfinite(end) & (end <= DIVERGED * start))
    had_learnt = np.nanmin(losses, axis=0) < FALLEN * losses[0]
    with_nothing = (above_chance <= AT_CHANCE) | ((end >= start) & np.isfinite(above_chance))
    return np.select([diverged, had_learnt & with_nothing], ["diverged", "collapsed"], "ok")


def train_cohort(
    runs: pd.DataFrame,
    settings: Mapping[str, Setting],
    *,
    dtype: str,
    device: str,
    images: Images | None = None,
    on_epoch: OnEpoch | None = None,
) -> tuple[CohortResult, Seconds]:
    """Train a cohort: rows of the plan (`plan.runs`), all of one experiment and one method.

    The experiment's settings are given by name; `dtype` is "float32" or "float64", the device "cpu" or "cuda"; `images`
    is for an experiment that trains on them. `on_epoch` is that of `train`, for one tensor program after the other.
    Raises `ValueError` if the runs mix experiments or methods, or the images are missing.
    """
    for column in ("experiment", "method"):
        if len(runs[column].unique()) != 1:
            raise ValueError(f"a cohort holds one {column}, got {sorted(runs[column].unique())}")
    method = method_class(runs["method"].iloc[0])
    seconds, parts = Seconds(), []
    assignment = Assignment(runs, settings, method, dtype, device, images)
    for task in programs(assignment):
        trained = train(
            task,
            method(**task.method_arguments()),
            predict=np.flatnonzero(task.runs["predictions"]),
            probe=np.flatnonzero(task.runs["probes"]),
            on_epoch=on_epoch,
        )
        seconds.training += trained.seconds.training
        seconds.evaluation += trained.seconds.evaluation
        parts.append(
            assemble(
                task.runs["run_id"],
                trained.final,
                trained.status,
                trained.curves,
                trained.predictions,
                trained.probes,
                trained.calibration,
            )
        )
    result = CohortResult.of(runs, settings, parts)
    clock = time.perf_counter()
    result = replace(result, account=account(assignment, result.runs))
    seconds.training += time.perf_counter() - clock
    return result, seconds
