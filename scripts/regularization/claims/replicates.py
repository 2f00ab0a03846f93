"""Bias and variance of several cells on the same replicates, so that cells can be compared paired.

A replicate is a run with its own training set and seed. The jackknife's pseudo-values (Tukey 1958) have the estimate as
their mean and its standard error as theirs; the differences of two cells' pseudo-values are then paired by replicate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from regularization.analysis.decomposition import MIN_REPLICATES, one_hot
from regularization.analysis.intervals import t_quantile
from regularization.analysis.tables import Estimate, Tables
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import PAIR, Evidence
from regularization.naming import Key


@dataclass(frozen=True)
class Split:
    """Pseudo-values of one cell, shape (replicates, items); networks' bias holds the labels' noise."""

    bias: np.ndarray
    variance: np.ndarray


def split(predictions: np.ndarray, targets: np.ndarray) -> Split:
    """Split the squared error, bias² + variance with V = (R−1)⁻¹ Σ‖pᵣ − p̄‖², into pseudo-values.

    Predictions are (replicates, items, outputs), at least three replicates; targets (items, outputs).
    """
    n = len(predictions)
    deviation = predictions - predictions.mean(axis=0, dtype=np.float64)
    squares = np.square(deviation).sum(axis=2)
    # R·V − (R−1)·V₋ᵣ, where leaving out r takes R/(R−1)·‖pᵣ − p̄‖² from Σ‖p − p̄‖².
    variance = (n * squares - squares.sum(axis=0) / (n - 1)) / (n - 2)
    loss = np.square(predictions - targets, dtype=np.float64).sum(axis=2)
    return Split(bias=loss - variance, variance=variance)


def of_networks(tables: Tables, keys: Sequence[Key], tempered: bool = False) -> list[Split]:
    """Split the probabilities of cells of networks on the replicates all have: seeds without a shared training image.

    Tempered: of each run's logits over its temperature, as one temperature alone trades variance for bias. Raises
    `NotMeasured` if three common replicates, the test labels or a temperature are missing.
    """

    def splits() -> list[Split]:
        found, labels = [predicted(tables, key, tempered) for key in keys], test_labels(tables)
        return [split(p, one_hot(labels, p.shape[2])) for p in common(found, keys)]

    return tables.known(("split", *keys, tempered), splits)


def predicted(tables: Tables, key: Key, tempered: bool = False) -> tuple[pd.MultiIndex, np.ndarray]:
    """A network cell's usable replicates, (seed, data_seed), and their probabilities, (replicates, images, classes)."""
    pairs, p = _predictions(tables, key, tuple(f"p{k}" for k in range(10)))
    if p.shape[1] != len(test_labels(tables)):
        raise NotMeasured("lacks_labels")
    if tempered:
        temperatures = tables.calibrated(key).set_index(PAIR)["temperature"].reindex(pairs)
        if temperatures.isna().any():
            raise NotMeasured("lacks_temperature", key=key)
        p = _tempered(p, temperatures.to_numpy(dtype=float))
    return pairs, p


def lost(tables: Tables, keys: Sequence[Key], disturbance: str) -> list[np.ndarray]:
    """What noise or occlusion takes from every test image in runs that all cells have: accuracy, (runs, images)."""
    return [
        values[:, :, 0]
        for values in common([_predictions(tables, key, (f"lost_to_{disturbance}",)) for key in keys], keys)
    ]


def test_labels(tables: Tables) -> np.ndarray:
    """The labels of the test images, shape (images,)."""
    if tables.labels.empty:
        raise NotMeasured("lacks_labels")
    return tables.labels.sort_values("item")["label"].to_numpy()


def _tempered(p: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Softmax of the logits over a temperature, from the probabilities at temperature 1."""
    logits = np.log(p.clip(np.finfo(np.float32).tiny)) / temperature[:, None, None]
    p = np.exp(logits - logits.max(axis=2, keepdims=True))
    return p / p.sum(axis=2, keepdims=True)


def of_linear_models(tables: Tables, keys: Sequence[Key]) -> list[Split]:
    """Split the exact excess risk ‖w − w*‖² + (b − b*)² of cells of linear models, likewise; items is 1.

    Raises `NotMeasured` if three common replicates are missing.
    """
    found = [_predictions(tables, key, ("weight",)) for key in keys]
    splits = []
    for key, parameters in zip(keys, common(found, keys), strict=True):
        setting = tables.setting(key.experiment, key.setting)
        truth = np.full((1, parameters.shape[1]), setting["true_weight"])
        truth[0, -1] = setting["true_bias"]
        splits.append(split(parameters.swapaxes(1, 2), truth))
    return splits


@dataclass(frozen=True)
class Compared:
    """One setting of the chapter's example: the linear model's bias², and how far both parts are from the network's."""

    noise_std: float  # σ
    n_train: int  # n
    own_bias: Estimate
    bias: Estimate  # linear model − network
    variance: Estimate

    @property
    def place(self) -> tuple[float, int]:
        return self.noise_std, self.n_train


def examples(evidence: Evidence, function: str) -> list[Compared]:
    """The settings in which a function was fitted, by σ and n, with 95 % t intervals; `NotMeasured` if there are none.

    Both models are fitted to the same training sets, but the standard errors are added as if they were not: the
    intervals of differences are too long where the models move together.
    """
    table = evidence.tables.decomposition
    found = []
    for setting in table.loc[table["experiment"] == "example", "setting"].unique() if len(table) else ():
        if setting.split("_")[0] == function:
            keys = [Key("example", setting, method, 0.0, "") for method in ("linear_model", "network")]
            noise = evidence.component(keys[0], "noise")
            own = evidence.component(keys[0], "bias")
            bias, variance = (_apart(*(evidence.component(key, name) for key in keys)) for name in ("bias", "variance"))
            place = round(math.sqrt(noise["value"]), 6), int(noise["n_train"])
            found.append(Compared(*place, _apart(own), bias, variance))
    if not found:
        raise NotMeasured("lacks_component", component="bias", key=Key("example", function, "network", 0.0, ""))
    return sorted(found, key=lambda one: one.place)


def _apart(part: pd.Series, other: pd.Series | None = None) -> Estimate:
    """A component, or its difference from another, with its 95 % t interval."""
    n = int(part["n_replicates"])
    effect = float(part["value"] - (0 if other is None else other["value"]))
    half = float(t_quantile(n)) * math.hypot(part["se"], 0 if other is None else other["se"])
    return Estimate(effect, effect - half, effect + half, n)


@lru_cache(maxsize=4)  # several measures of two cells are asked for in turn
def _predictions(tables: Tables, key: Key, columns: tuple[str, ...]) -> tuple[pd.MultiIndex, np.ndarray]:
    """A cell's usable replicates, (seed, data_seed), and their predictions, shape (replicates, items, columns)."""
    ok = tables.ok(key)
    table = pd.DataFrame() if ok.empty else tables.predictions(key)
    if not {*columns} <= {*table} or table[list(columns)].isna().to_numpy().all():
        raise NotMeasured("lacks_predictions", key=key)
    disjoint = tables.setting(key.experiment, key.setting).get("disjoint_seeds")
    if disjoint is not None and not pd.isna(disjoint):
        ok = ok[ok["data_seed"] < disjoint]
    table = table[table["run_id"].isin(ok["run_id"])].sort_values([*PAIR, "item"])
    pairs = pd.MultiIndex.from_frame(table[PAIR]).unique()
    return pairs, table[list(columns)].to_numpy().reshape(len(pairs), -1, len(columns))


def common(found: Sequence[tuple[pd.MultiIndex, np.ndarray]], keys: Sequence[Key]) -> list[np.ndarray]:
    """What was found of every cell, of the replicates that all have, in one order."""
    shared = found[0][0]
    for pairs, _ in found[1:]:
        shared = shared.intersection(pairs)
    if len(shared) < MIN_REPLICATES:
        raise NotMeasured("lacks_replicates", keys=keys, replicates=MIN_REPLICATES)
    return [predictions[pairs.get_indexer(shared)] for pairs, predictions in found]
