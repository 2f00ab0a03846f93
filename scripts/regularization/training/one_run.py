"""Check one run, train it with a point of its curve for every epoch, and compare it with the stored study."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from regularization.columns import METRICS
from regularization.methods import method_class, method_names
from regularization.naming import Key, p_text, parse_p, run_id
from regularization.settings import FashionMLPSetting, LinearRegressionSetting, Setting
from regularization.study.configuration import Configuration
from regularization.system.errors import UserError
from regularization.system.fashion_mnist import Images
from regularization.system.suggestions import not_one_of
from regularization.training.results import CohortResult

if TYPE_CHECKING:
    from regularization.training.network import Network

MAX_POINTS = 100  # a curve on the screen has no more
OnEpoch = Callable[[int, Mapping[str, float]], None]


class RequestError(UserError):
    """The run that was asked for does not exist; the message says what does."""


def requested(
    configuration: Configuration, experiment: str, setting: str, method: str, lam: float, p: str, seed: int
) -> pd.DataFrame:
    """Return the run as a plan of one row, with the columns of `plan.runs`; the run need not be in the study.

    `p` is one number, or one a layer such as "0.2/0.5"; the seed is of all streams, the data's included. A cell that
    regularises nothing (λ = 0 and p = 0) is the baseline: the row's method is then `none`. Raises `RequestError`,
    naming the argument, its value and what is allowed.
    """
    catalogue = configuration.settings
    _check_name("an experiment", experiment, catalogue)
    _check_name(f"a setting of {experiment}", setting, catalogue[experiment])
    available = [name for name in method_names() if experiment in method_class(name).experiments]
    _check_name(f"a method of {experiment}", method.partition(":")[0], available)
    task, regularizer = catalogue[experiment][setting], method_class(method)
    probabilities = _probabilities(p, task)
    if not (math.isfinite(lam) and lam >= 0):
        raise RequestError(f"--lam {lam:g} is out of range. Allowed: a number ≥ 0")
    if seed < 0:
        raise RequestError(f"--seed {seed} is out of range. Allowed: a whole number ≥ 0")
    for key, given in (("lam", lam > 0), ("p", any(probabilities))):
        if given and key not in regularizer.keyed_by:
            keyed = " and ".join(f"--{name}" for name in regularizer.keyed_by) or "neither --lam nor --p"
            raise RequestError(f"method {method} takes {keyed}: leave --{key} out")
    reason = regularizer.undefined(task, lam, probabilities)
    if reason is not None:
        raise RequestError(f"method {method} has no run at λ = {lam:g}, p = {p} in setting {setting}: {reason}")
    cell = Key(experiment, setting, regularizer.reduces_to(lam, probabilities), float(lam), p_text(probabilities))
    row = {"run_id": run_id(*cell, seed), **cell._asdict(), "seed": seed, "data_seed": seed, "cohort": "one_run"}
    return pd.DataFrame([{**row, "predictions": False, "probes": False, "account": False}])


def _check_name(kind: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise RequestError(not_one_of(kind, name, allowed))


def _probabilities(p: str, task: Setting) -> tuple[float, ...]:
    try:
        values = parse_p(p)
    except ValueError:
        raise RequestError(f"--p {p}: write a number, or one a layer such as 0.2/0.5") from None
    if len(values) == 1:
        values *= task.n_p
    if len(values) != task.n_p:
        allowed = "one number" if task.n_p == 1 else f"one number, or {task.n_p} of them"
        raise RequestError(f"--p {p}: {len(values)} numbers were given. Allowed: {allowed}")
    if not all(0 <= value <= 1 for value in values):
        raise RequestError(f"--p {p} is out of range. Allowed: numbers from 0 to 1")
    return values


def curve_epochs(epochs: int) -> tuple[int, ...]:
    """Return the epochs of a single run's curve: every one, or `MAX_POINTS` of them evenly spaced."""
    return tuple(np.unique(np.linspace(0, epochs, min(epochs, MAX_POINTS) + 1).round().astype(int)).tolist())


def train_one(
    run: pd.DataFrame,
    setting: Setting,
    *,
    dtype: str,
    device: str,
    images: Images | None,
    on_epoch: OnEpoch,
    learnt: dict[str, np.ndarray] | None = None,
) -> pd.Series:
    """Train (or solve) the one run of a plan, from `requested`, with the study's trainer; return its row of `runs`.

    `dtype` is "float32" or "float64", the device "cpu" or "cuda"; `images` is for an experiment that trains on them.
    `on_epoch` is called with the epoch and the run's metrics at `curve_epochs`, never for a closed form. `learnt` is
    filled with the weights (inputs, outputs) and biases (outputs,) by layer: weight_1, bias_1, weight_2, …
    """
    settings = {run["setting"].iloc[0]: setting}
    method = method_class(run["method"].iloc[0])
    if method.closed_form:
        from regularization.training.closed_form import solve_cohort

        return solve_cohort(run, settings).runs.iloc[0]
    from regularization.training.loop import train
    from regularization.training.results import assemble
    from regularization.training.tasks import Assignment, programs

    (task,) = programs(Assignment(run, settings, method, dtype, device, images))
    task.recorded_epochs = curve_epochs(task.epochs)
    evaluate, networks = task.final_metrics, []

    def final_metrics(network: Network) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        networks.append(network)
        return evaluate(network)

    task.final_metrics = final_metrics  # type: ignore[method-assign]  # the trainer hands out no network
    trained = train(
        task,
        method(**task.method_arguments()),
        predict=np.array([0]),
        on_epoch=lambda epoch, metrics: on_epoch(epoch, {name: float(value[0]) for name, value in metrics.items()}),
    )
    if learnt is not None:
        learnt |= _parameters(networks[0], trained.predictions)
    part = assemble(run["run_id"], trained.final, trained.status, trained.curves, None)
    return CohortResult.of(run, settings, [part]).runs.iloc[0]


def _parameters(network: Network, predictions: pd.DataFrame | None) -> dict[str, np.ndarray]:
    """Weights and biases by layer; a linear model, which may be trained in coordinates, has them as its predictions."""
    if predictions is not None and "weight" in predictions:
        *weights, bias = predictions["weight"]
        return {"weight_1": np.array(weights)[:, None], "bias_1": np.array([bias])}
    layers = enumerate(zip(network.weights, network.biases, strict=True), start=1)
    return {
        name: values.cpu().numpy()
        for i, (weight, bias) in layers
        for name, values in ((f"weight_{i}", weight[0]), (f"bias_{i}", bias[0, 0]))
    }


def train_by_the_textbook(
    run: pd.DataFrame, setting: Setting, *, dtype: str, images: Images | None, on_epoch: OnEpoch
) -> pd.Series:
    """Train the run by the chapter's plain loop, as `train_one` but without a status; linear regression in float64."""
    import torch

    from regularization.textbook import runs
    from regularization.training.network import on_one_thread

    on_one_thread()
    planned = run.iloc[0].copy()
    points = set(curve_epochs(setting.epochs))

    def report(epoch: int, metrics: dict[str, float]) -> None:
        if epoch in points:
            on_epoch(epoch, metrics)

    lam, p, seed = planned["lam"], parse_p(planned["p"]), planned["seed"]
    if isinstance(setting, LinearRegressionSetting):
        metrics = runs.train_linear(setting, planned["method"], lam=lam, p=p[0], seed=seed, on_epoch=report)
    elif isinstance(setting, FashionMLPSetting) and images is not None:
        precision = getattr(torch, dtype)
        metrics = runs.train_mlp(
            setting, planned["method"], images, lam=lam, p=p, seed=seed, dtype=precision, on_epoch=report
        )
    else:
        raise RequestError(f"the textbook has no loop for {planned['experiment']}: leave --textbook out")
    return pd.Series({**planned, **dict.fromkeys(METRICS, math.nan), **metrics})


def stored_run(results: Path, run: pd.Series) -> pd.Series | None:
    """Return the row that the finished study in `results` has for a run, or None where there is none."""
    path = results / "tables" / "runs.parquet"
    if not path.exists():
        return None
    rows = pd.read_parquet(path, filters=[("run_id", "==", run["run_id"])])
    return None if rows.empty else rows.iloc[0]


def comparison(run: pd.Series, stored: pd.Series) -> pd.DataFrame:
    """Compare by metric: columns metric, this_run, stored, relative_difference (0 where both are equal or infinite)."""
    metrics = [name for name in METRICS if not (pd.isna(run[name]) and pd.isna(stored[name]))]
    now, then = (np.array([row[name] for name in metrics], dtype=float) for row in (run, stored))
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.where(now == then, 0.0, np.abs(now - then) / np.abs(then))
    return pd.DataFrame({"metric": metrics, "this_run": now, "stored": then, "relative_difference": difference})


def verdict(configuration: Configuration, run: pd.Series, stored: pd.Series | None) -> str:
    """Say in one sentence how a run compares with the stored one, or why there is none to compare with."""
    results = configuration.results
    if stored is None:
        if not (results / "tables" / "runs.parquet").exists():
            return f"There is no finished study in {results}/ to compare with: `make` trains it."
        return f"The study in {results}/ does not hold this run."
    written = Configuration.from_json((results / "config.json").read_text(encoding="utf-8"))
    experiment, setting = run["experiment"], run["setting"]
    if written.settings[experiment].get(setting) != configuration.settings[experiment][setting]:
        return f"The stored run was trained when setting {setting} had other parameters: they cannot be compared."
    if run.get("status", stored["status"]) != stored["status"]:
        return f"This run ended as {run['status']}, the stored one as {stored['status']}."
    largest = comparison(run, stored)["relative_difference"].max()
    if largest == 0:
        return "Identical to the stored run to the last bit."
    return f"Largest relative difference from the stored run: {largest:.1e}."
