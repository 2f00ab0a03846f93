"""The trainer on a GPU: everything stays there, agrees with the CPU within a tolerance, and repeats to the last bit."""

import math
import re
import subprocess
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from cohorts import (
    LINEAR_METHODS,
    NETWORK_METHODS,
    TINY,
    linear_cells,
    made_up_images,
    network_cells,
    rows,
    same_bits,
    settings_of,
    train,
)
from regularization.columns import METRICS
from regularization.draws import Draws
from regularization.methods import method_class
from regularization.study import plan
from regularization.system import devices
from regularization.training.tasks import Assignment, fashion_mnist, programs
from studies import ROOT, entry, program, study

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ALL_METHODS = [("linear_regression", m) for m in LINEAR_METHODS] + [("fashion_mnist", m) for m in NETWORK_METHODS]
# Relative, for losses and norms; float64 for the linear model, float32 for networks. workflow/README.md has them all.
TOLERANCE = {"linear_regression": 1e-9, "fashion_mnist": 1e-3}
ACCURACY = 0.03  # absolute: an accuracy moves in steps of one image, of the few that a tiny run trains on
PROBES = {"rtol": 0.05, "atol": 0.02}


def cohort(experiment: str, method: str, cells: int | None = None) -> tuple[pd.DataFrame, dict]:
    """Three runs each of a method's first cells, with predictions and, for networks, probes of one of them."""
    if experiment == "linear_regression":
        settings, known = settings_of(experiment, s={"epochs": 20}), linear_cells(method)
    else:
        settings, known = settings_of(experiment, s=TINY), network_cells(method)
    runs = rows(experiment, "s", method, known[:cells], range(3))
    return runs.assign(probes=(runs["seed"] == 1) & (experiment == "fashion_mnist")), settings


@needs_cuda
@pytest.mark.parametrize(("experiment", "method"), ALL_METHODS)
def test_cuda_agrees_with_the_cpu(experiment: str, method: str) -> None:
    runs, settings = cohort(experiment, method)
    with devices.in_use("cuda"):
        cpu, cuda = (train(runs, settings, made_up_images(), device=device) for device in ("cpu", "cuda"))
    assert cuda.runs["status"].tolist() == cpu.runs["status"].tolist()
    for name, keys in (("runs", ["run_id"]), ("curves", ["run_id", "epoch"])):
        ours, theirs = getattr(cuda, name), getattr(cpu, name)
        assert ours[keys].equals(theirs[keys])
        for metric in METRICS:
            allowed = {"atol": ACCURACY, "rtol": 0} if metric.endswith("accuracy") else {"rtol": TOLERANCE[experiment]}
            np.testing.assert_allclose(ours[metric], theirs[metric], err_msg=f"{name}.{metric}", **allowed)
    numbers = [column for column in cpu.predictions if column not in ("run_id", "item")]
    np.testing.assert_allclose(
        cuda.predictions[numbers], cpu.predictions[numbers], rtol=TOLERANCE[experiment], atol=TOLERANCE[experiment]
    )
    assert cuda.probes[["run_id", "probe", "level"]].equals(cpu.probes[["run_id", "probe", "level"]])
    np.testing.assert_allclose(cuda.probes["value"], cpu.probes["value"], **PROBES)


def test_the_documentation_states_what_is_allowed_and_how_large_a_program_is() -> None:
    text = (ROOT / "workflow" / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^  \| (.+?) \| (.+) \|$", text, re.MULTILINE))
    linear, network = ("10" + f"{math.log10(TOLERANCE[name]):.0f}".translate(SUPERSCRIPT) for name in TOLERANCE)
    assert rows["losses and norms"] == f"{linear} of their size | {network} of their size"
    assert rows["predictions: weights, probabilities"] == (
        f"{linear} of their size + {linear} | {network} of their size + {network}"
    )
    assert rows["accuracies"].startswith(f"– | {ACCURACY}:")
    assert rows["probes"] == f"– | {PROBES['rtol']:.0%} of their size + {PROBES['atol']}".replace("%", " %")
    for path in ("workflow/README.md", "workflow/presets/gpu.yaml"):
        assert f"up to {fashion_mnist.MAX_GROUPS_CUDA} networks" in (ROOT / path).read_text(encoding="utf-8")


@needs_cuda
@pytest.mark.parametrize(("experiment", "method"), ALL_METHODS)
def test_cuda_repeats_itself_to_the_last_bit_and_knows_how(experiment: str, method: str) -> None:
    """An operation that has no deterministic version would warn."""
    runs, settings = cohort(experiment, method)
    with devices.in_use("cuda"), warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        one, other = (train(runs, settings, made_up_images(), device="cuda") for _ in range(2))
    same_bits(one.runs, other.runs, ["run_id"])
    assert one.predictions.equals(other.predictions)
    assert one.probes.equals(other.probes)
    assert one.calibration.equals(other.calibration)


@pytest.mark.parametrize(("device", "sizes"), [("cpu", [16] * 12 + [8]), ("cuda", [128, 72])])
def test_a_program_is_as_large_as_suits_the_device(
    monkeypatch: pytest.MonkeyPatch, device: str, sizes: list[int]
) -> None:
    monkeypatch.setattr(fashion_mnist, "FashionMLP", lambda runs, *_, **__: runs)
    runs = rows("fashion_mnist", "s", "none", network_cells("none"), range(200))
    settings = settings_of("fashion_mnist", s=TINY)
    split = programs(Assignment(runs, settings, method_class("none"), "float32", device, made_up_images()))
    assert [len(part) for part in split] == sizes


def job(results: Path) -> subprocess.CompletedProcess[str]:
    """A cohort's job on a CUDA device, writing into results/cohort."""
    config = study(entry("linear_regression"), results=str(results), device="cuda")
    [planned] = plan.cohorts(config)
    options = ("--config", "-", "--cohort", planned.name, "--experiment", "linear_regression")
    return program("train_cohort", *options, "--output", results / "cohort", input=config.as_json())


@needs_cuda
def test_a_cohorts_job_says_which_device_it_had(tmp_path: Path) -> None:
    job(tmp_path).check_returncode()
    provenance = pd.read_parquet(tmp_path / "cohort" / "provenance.parquet").iloc[0]
    assert provenance["device"] == "cuda"
    assert provenance["device_name"] == torch.cuda.get_device_name(0)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_cohorts_job_without_a_device_stops_with_two_lines(tmp_path: Path) -> None:
    done = job(tmp_path)
    assert done.returncode != 0
    assert 'device: "cuda" is not there' in done.stderr.splitlines()[-2]
    assert "Set device: cpu" in done.stderr.splitlines()[-1]
    assert not list((tmp_path / "cohort").rglob("*.parquet"))


# What takes numbers off the device on purpose: the radius of the constraint is found in NumPy.
@pytest.mark.parametrize(
    ("experiment", "method"), [pair for pair in ALL_METHODS if pair[1] not in ("ridge", "norm_constraint")]
)
def test_no_step_mixes_devices(experiment: str, method: str) -> None:
    """On the device "meta", which every machine has: it computes shapes only, and refuses to add or multiply others."""
    runs, settings = cohort(experiment, method, cells=1)
    dtype = "float64" if experiment == "linear_regression" else "float32"
    for task in programs(Assignment(runs, settings, method_class(method), dtype, "meta", made_up_images())):
        # Dropout probabilities as numbers: masks are drawn from their values, which "meta" does not have.
        arguments = task.method_arguments()
        p = tuple(0.5 if isinstance(value, torch.Tensor) else value for value in arguments["p"])
        regularizer = method_class(method)(**{**arguments, "p": p})
        network, draws = task.initial_network(), Draws(task.seeds)
        task.prepare(regularizer)
        for x, target in task.minibatches(1):
            regularizer.active(draws.step)
            network.sgd_step(x, partial(task.loss_gradient, target=target), regularizer, draws, 0.1)
            draws.step += 1
        assert {tensor.device.type for tensor in [*network.weights, *network.biases]} == {"meta"}
