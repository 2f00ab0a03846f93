"""The batched trainer reproduces the chapter's plain loops run by run: every method, both experiments, whole curves.

Both sides read the same random streams through code of their own. In float64 they agree to 1e-10 relative (measured:
below 1e-13); in float32, where they round differently, the network agrees to 1e-4 after 24 steps (measured: 3e-6).
"""

import math
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
import torch

import shared
from cohorts import linear_cells, made_up_images, rows, train
from regularization.columns import METRICS
from regularization.methods import method_class, method_names
from regularization.naming import parse_p
from regularization.settings import FashionMLPSetting, LinearRegressionSetting
from regularization.system import fashion_mnist
from regularization.textbook.runs import train_linear, train_mlp

SEEDS = (0, 3)
torch.set_num_threads(1)


def cohort(experiment, settings, method, cells, images=None, dtype="float64", data_seeds=None):
    """Train settings × cells × seeds as one cohort; returns runs and curves."""
    runs = [rows(experiment, name, method, cells, SEEDS, data_seeds) for name in settings]
    result = train(pd.concat(runs, ignore_index=True), settings, images, dtype=dtype)
    return result.runs, result.curves


def plainly(run, images=None, on_epoch=None, dtype=torch.float64):
    """The same run, trained the chapter's way; its metrics."""
    same = {"lam": run.lam, "seed": run.seed, "data_seed": run.data_seed, "on_epoch": on_epoch}
    if images is None:
        return train_linear({**LINEAR, **CHAPTER}[run.setting], run.method, p=float(run.p), **same)
    return train_mlp({**MLP, **SOFTMAX}[run.setting], run.method, images, p=parse_p(run.p), dtype=dtype, **same)


def assert_same_runs(runs: pd.DataFrame, curves: pd.DataFrame, images=None) -> None:
    """Every metric of every run at its end, and whole curves: of every linear run of seed 0, of the first network."""
    for run in runs.itertuples():
        points: dict[int, dict[str, float]] = {}
        followed = run.seed == 0 if images is None else run.Index == 0
        end = plainly(run, images, points.__setitem__ if followed else None)
        for metric in METRICS:
            expected = pytest.approx(end.get(metric, math.nan), rel=1e-10, abs=1e-12, nan_ok=True)
            assert getattr(run, metric) == expected, f"{metric} of {run.run_id}"
        if points:
            recorded = curves[curves["run_id"] == run.run_id].set_index("epoch")
            assert len(recorded) > 3
            assert recorded.index.max() == max(points)
            for epoch, metric in product(recorded.index, end if images is None else ["train_loss"]):
                expected = pytest.approx(points[epoch][metric], rel=1e-10, abs=1e-12)
                assert recorded.loc[epoch, metric] == expected, f"{metric} at epoch {epoch} of {run.run_id}"


def methods_of(experiment: str) -> list[str]:
    return [name for name in method_names() if experiment in method_class(name).experiments]


CASES = shared.cases(__file__)
LINEAR, CHAPTER = (
    {name: LinearRegressionSetting(**own) for name, own in CASES[part].items()} for part in ("linear", "chapter")
)


@pytest.mark.parametrize("method", methods_of("linear_regression"))
def test_linear_regression_run_by_run(method):
    cells = linear_cells(method)
    runs, curves = cohort("linear_regression", LINEAR, method, cells)
    assert len(runs) == len(LINEAR) * len(cells) * len(SEEDS)
    measured = {name for name in METRICS if runs[name].notna().all()}
    assert measured == {"train_loss", "validation_loss", "test_loss", "weight_norm", "risk", "null_space_norm"}
    assert_same_runs(runs, curves)


@pytest.mark.parametrize(
    ("method", "cell"),
    [("l2_penalty", (3, "0")), ("input_noise", (1, "0")), ("dropout", (0, "0.5")), ("ridge", (3, "0"))],
)
def test_linear_regression_on_the_data_of_another_seed(method, cell):
    runs, curves = cohort("linear_regression", {"concise": LINEAR["concise"]}, method, [cell], data_seeds=SEEDS)
    assert runs["risk"].nunique() == (2 if method == "ridge" else 4), "ridge knows no seed but its data's"
    assert_same_runs(runs, curves)


@pytest.mark.parametrize("method", ["l2_penalty", "weight_decay"])
def test_the_chapter_s_own_run_to_its_end(method):
    """All 100 epochs at λ = 3, from scratch and concise."""
    assert_same_runs(*cohort("linear_regression", CHAPTER, method, [(3, "0")]))


MLP = {name: FashionMLPSetting(**own, hidden=(32, 24), batch_size=16) for name, own in CASES["mlp"].items()}
# Softmax regression: dropout has no layer to act on, and p is empty.
SOFTMAX = {"softmax": replace(MLP["blocks_cosine"], hidden=())}
MLP_CELLS = CASES["mlp_cells"]


@pytest.fixture(scope="module")
def images() -> fashion_mnist.Images:
    return made_up_images(n_test=1_000)


@pytest.mark.parametrize("method", methods_of("fashion_mnist"))
def test_the_network_run_by_run(method, images):
    cells = MLP_CELLS.get(method, [(0.1, "0/0")])
    assert_same_runs(*cohort("fashion_mnist", MLP, method, cells, images), images)


@pytest.mark.parametrize("method", [m for m in methods_of("fashion_mnist") if "p" not in method_class(m).keyed_by])
def test_softmax_regression_run_by_run(method, images):
    cells = [(lam, "") for lam, _ in MLP_CELLS.get(method, [(0.1, "0/0")])]
    assert_same_runs(*cohort("fashion_mnist", SOFTMAX, method, cells, images), images)


@pytest.mark.parametrize(
    ("method", "cell"), [("dropout", (0, "0.2/0.5")), ("layer_noise", (0.1, "0.3/0.1")), ("adamw", (0.1, "0/0"))]
)
def test_the_network_on_the_data_of_another_seed(method, cell, images):
    runs, curves = cohort(
        "fashion_mnist", {"random_labels": MLP["random_labels"]}, method, [cell], images, data_seeds=SEEDS
    )
    assert runs["train_loss"].is_unique
    assert_same_runs(runs, curves, images)


def test_the_network_in_single_precision(images):
    runs, _ = cohort(
        "fashion_mnist", MLP, "dropout_weight_decay", MLP_CELLS["dropout_weight_decay"], images, dtype="float32"
    )
    for run in runs.itertuples():
        for metric, value in plainly(run, images, dtype=torch.float32).items():
            tolerance = 1.5e-3 if metric.endswith("accuracy") else 1e-4 * value  # an image or two between two classes
            assert getattr(run, metric) == pytest.approx(value, abs=tolerance), f"{metric} of {run.run_id}"
