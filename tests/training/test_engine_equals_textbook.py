"""The batched trainer reproduces the chapter's plain loops run by run: every method, both experiments, whole curves.

Both sides read the same random streams through code of their own. In float64 they agree to 1e-10 relative (measured:
below 1e-13); in float32, where they round differently, the network agrees to 1e-4 after 24 steps (measured: 3e-6).
"""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from regularization.columns import METRICS, RUN_KEY
from regularization.methods import method_class, method_names
from regularization.naming import parse_p
from regularization.settings import FashionMLPSetting, LinearRegressionSetting
from regularization.system import fashion_mnist
from regularization.textbook.runs import train_linear, train_mlp
from regularization.training.closed_form import solve_cohort
from regularization.training.loop import train_cohort

SEEDS = ((0, 0), (3, 3))  # (seed, data seed)
CROSSED = ((0, 0), (0, 3), (3, 0), (3, 3))


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def cohort(
    experiment: str,
    settings: dict,
    method: str,
    cells: list[tuple[float, str]],
    images=None,
    dtype="float64",
    seeds: tuple[tuple[int, int], ...] = SEEDS,
):
    """Train settings × cells × seeds as one cohort; returns runs and curves, both with the columns that name a run."""
    runs = pd.DataFrame(
        [
            (f"{name}:{lam}:{p}:{pair}", experiment, name, method, float(lam), p, *pair, "cohort", False, False)
            for name in settings
            for lam, p in cells
            for pair in seeds
        ],
        columns=["run_id", *RUN_KEY[1:], "predictions", "probes"],
    )
    if method_class(method).closed_form:
        result = solve_cohort(runs, settings)
    else:
        result, _ = train_cohort(runs, settings, dtype=dtype, device="cpu", images=images)
    curves = result.curves.assign(run_id=result.curves["run_id"].astype(str))
    return result.runs, curves.merge(runs, on="run_id")


def assert_same_curves(curves: pd.DataFrame, plain: dict[int, dict[str, float]], run, rtol: float) -> None:
    recorded = curves[curves["run_id"] == run.run_id]
    assert recorded["epoch"].max() == max(plain)
    for point in recorded.itertuples():
        for metric, value in plain[point.epoch].items():
            assert getattr(point, metric) == pytest.approx(value, rel=rtol, abs=1e-12), (
                f"{metric} at epoch {point.epoch}"
            )


# --- linear regression ----------------------------------------------------------------------------------------

LINEAR = {
    "textbook": LinearRegressionSetting(epochs=12),
    "concise": LinearRegressionSetting(epochs=12, loss="squared_error", bias_init_std=1.0, noise_std=0.1),
    "zero_init_uneven_batches": LinearRegressionSetting(
        epochs=12, n_train=18, init_std=0.0, noise_std=0.1, true_weight=0.1
    ),
    "more_samples_than_features": LinearRegressionSetting(epochs=3, n_train=60, n_features=30, batch_size=7),
    "cosine": LinearRegressionSetting(epochs=12, learning_rate=0.005, schedule="cosine", noise_std=0.1),
}
LINEAR_CELLS = {
    "none": [(0, "0")],
    "dropout": [(0, "0.2"), (0, "0.5"), (0, "1")],
    "dropout_weight_decay": [(3, "0.2"), (1, "0.5")],
    "early_stopping": [(10, "0"), (33.4, "0"), (60, "0")],  # 33, 10 and 6 of 48 steps where η = 0.003
}


def linear_methods() -> list[str]:
    return [name for name in method_names() if "linear_regression" in method_class(name).experiments]


@pytest.mark.parametrize("method", linear_methods())
def test_linear_regression_run_by_run(method):
    cells = LINEAR_CELLS.get(method, [(0.3, "0"), (3, "0"), (100, "0")])
    runs, curves = cohort("linear_regression", LINEAR, method, cells)
    assert len(runs) == len(LINEAR) * len(cells) * len(SEEDS)
    for run in runs.itertuples():
        plain: dict[int, dict[str, float]] = {}
        end = train_linearly(run, on_epoch=plain.__setitem__ if run.seed == 0 else None)
        assert set(end) == {"train_loss", "validation_loss", "test_loss", "weight_norm", "risk", "null_space_norm"}
        for metric, value in end.items():
            assert getattr(run, metric) == pytest.approx(value, rel=1e-10, abs=1e-12), f"{metric} of {run.run_id}"
        if plain:
            assert_same_curves(curves, plain, run, rtol=1e-10)


def train_linearly(run, on_epoch=None):
    return train_linear(
        LINEAR[run.setting],
        run.method,
        lam=run.lam,
        p=float(run.p),
        seed=run.seed,
        data_seed=run.data_seed,
        on_epoch=on_epoch,
    )


@pytest.mark.parametrize(
    ("method", "cell"),
    [("l2_penalty", (3, "0")), ("input_noise", (1, "0")), ("dropout", (0, "0.5")), ("ridge", (3, "0"))],
)
def test_linear_regression_on_the_data_of_another_seed(method, cell):
    runs, _ = cohort("linear_regression", {"concise": LINEAR["concise"]}, method, [cell], seeds=CROSSED)
    assert runs["risk"].nunique() == (2 if method == "ridge" else 4), "ridge knows no seed but its data's"
    for run in runs.itertuples():
        end = train_linearly(run)
        assert {name: getattr(run, name) for name in end} == pytest.approx(end, rel=1e-10, abs=1e-12), run.run_id


def test_the_chapter_s_own_run_to_its_end():
    """All 100 epochs at λ = 3, from scratch and concise."""
    settings = {
        "textbook": LinearRegressionSetting(),
        "concise": LinearRegressionSetting(loss="squared_error", bias_init_std=1),
    }
    for method in ("l2_penalty", "weight_decay"):
        runs, _ = cohort("linear_regression", settings, method, [(3, "0")])
        for run in runs.itertuples():
            end = train_linear(settings[run.setting], method, lam=3, seed=run.seed)
            assert {name: getattr(run, name) for name in end} == pytest.approx(end, rel=1e-10)


# --- the network ----------------------------------------------------------------------------------------------

MLP = {
    "blocks_cosine": FashionMLPSetting(
        n_train=90, images="blocks", hidden=(32, 24), learning_rate=0.2, schedule="cosine", batch_size=16, epochs=4
    ),
    "random_labels": FashionMLPSetting(
        n_train=64, random_labels=0.5, images="blocks", hidden=(32, 24), learning_rate=0.01, batch_size=16, epochs=3
    ),
    "all_random_labels": FashionMLPSetting(
        n_train=50, random_labels=1.0, hidden=(32, 24), learning_rate=0.1, batch_size=16, epochs=2
    ),
    "all_constant_normal_init": FashionMLPSetting(n_train=64, hidden=(32, 24), init_std=0.1, batch_size=16, epochs=6),
}
# Softmax regression: dropout has no layer to act on, and p is empty.
SOFTMAX = {
    "softmax": FashionMLPSetting(
        n_train=90, images="blocks", hidden=(), learning_rate=0.2, schedule="cosine", batch_size=16, epochs=4
    )
}
MLP_CELLS = {
    "none": [(0, "0/0")],
    "dropout": [(0, "0.2/0.5"), (0, "0.9/0")],
    "dropout_weight_decay": [(0.01, "0.2/0.5"), (0.1, "0.5/0.5")],
    "early_stopping": [(0.5, "0/0"), (2, "0/0")],
    "adam": [(0, "0/0")],
    "max_norm": [(1, "0/0"), (10, "0/0")],
    "gaussian_dropout": [(0, "0.2/0.5"), (0, "0.9/0")],
}


@pytest.fixture(scope="module")
def images() -> fashion_mnist.Images:
    """Fashion-MNIST's shapes and number ranges, with one bright band of pixels a class; a tenth of its test images."""
    rng = np.random.default_rng(0)

    def sample(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.integers(0, 10, n, dtype=np.uint8)
        bands = np.kron(np.eye(10, dtype=np.uint8), np.full(78, 100, dtype=np.uint8))
        pixels = rng.integers(0, 156, (n, 784), dtype=np.uint8)
        pixels[:, :780] += bands[labels]
        return pixels, labels

    return fashion_mnist.Images(*sample(60_000), *sample(1_000))


def mlp_methods() -> list[str]:
    return [name for name in method_names() if "fashion_mnist" in method_class(name).experiments]


@pytest.mark.parametrize("method", mlp_methods())
def test_the_network_run_by_run(method, images):
    cells = MLP_CELLS.get(method, [(0.1, "0/0")])
    assert_same_runs(*cohort("fashion_mnist", MLP, method, cells, images), images)


@pytest.mark.parametrize("method", [name for name in mlp_methods() if "p" not in method_class(name).keyed_by])
def test_softmax_regression_run_by_run(method, images):
    cells = [(lam, "") for lam, _ in MLP_CELLS.get(method, [(0.1, "0/0")])]
    assert_same_runs(*cohort("fashion_mnist", SOFTMAX, method, cells, images), images)


@pytest.mark.parametrize(
    ("method", "cell"), [("dropout", (0, "0.2/0.5")), ("layer_noise", (0.1, "0/0")), ("adamw", (0.1, "0/0"))]
)
def test_the_network_on_the_data_of_another_seed(method, cell, images):
    runs, curves = cohort(
        "fashion_mnist", {"random_labels": MLP["random_labels"]}, method, [cell], images, seeds=CROSSED
    )
    assert runs["train_loss"].is_unique
    assert_same_runs(runs, curves, images)


def assert_same_runs(runs: pd.DataFrame, curves: pd.DataFrame, images) -> None:
    """Every metric of every run at its end, and the whole curve of the first run."""
    for run in runs.itertuples():
        plain: dict[int, dict[str, float]] = {}
        end = train_plainly(run, images, on_epoch=plain.__setitem__ if run.Index == 0 else None)
        for metric in METRICS:
            assert getattr(run, metric) == pytest.approx(end.get(metric, math.nan), rel=1e-10, nan_ok=True), (
                f"{metric} of {run.run_id}"
            )
        if plain:
            train_losses = curves[curves["run_id"] == run.run_id].set_index("epoch")["train_loss"]
            assert len(train_losses) > 3
            for epoch, loss in train_losses.items():
                assert loss == pytest.approx(plain[epoch]["train_loss"], rel=1e-10), f"epoch {epoch} of {run.run_id}"


def train_plainly(run, images, on_epoch=None, dtype=torch.float64):
    return train_mlp(
        {**MLP, **SOFTMAX}[run.setting],
        run.method,
        images,
        lam=run.lam,
        p=parse_p(run.p),
        seed=run.seed,
        data_seed=run.data_seed,
        dtype=dtype,
        on_epoch=on_epoch,
    )


def test_the_network_in_single_precision(images):
    runs, _ = cohort(
        "fashion_mnist", MLP, "dropout_weight_decay", MLP_CELLS["dropout_weight_decay"], images, dtype="float32"
    )
    for run in runs.itertuples():
        for metric, value in train_plainly(run, images, dtype=torch.float32).items():
            tolerance = 1.5e-3 if metric.endswith("accuracy") else 1e-4 * value  # an image or two between two classes
            assert getattr(run, metric) == pytest.approx(value, abs=tolerance), f"{metric} of {run.run_id}"
