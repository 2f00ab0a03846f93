"""The table of the benchmark: every measure beside its reference, or why it could not be measured."""

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch

from regularization.analysis.benchmark import Rate, Size, linear, medians, networks
from regularization.settings import FashionMLPSetting
from regularization.study.plan import Cell
from regularization.system import fashion_mnist, machine
from regularization.system.files import read_table
from regularization.training.network import on_one_thread

STAGES = ("start_up_seconds", "training_seconds", "evaluation_seconds")
OF_A_STUDY = ("evaluation_share", "training_share", "peak_memory")
LESS_IS_BETTER = ("evaluation_share", "peak_memory")
EVALUATION, MEMORY = 0.12, 2048.0  # a network job's share and the largest job's MiB, at most
Pair = tuple[float, float]  # ours and the reference
Measure = tuple[float, str, Callable[[], Pair]]  # the ratio that it is held to, its unit, and what measures it


class NotMeasured(Exception):
    """What is missing, in a sentence."""


def table(size: Size, data: Path | None, provenance: Path | None, say: Callable[[str], None]) -> pd.DataFrame:
    """Measure everything, one row a measure; the ratio is NaN where the note says what is missing.

    `data` is the folder with the verified Fashion-MNIST arrays, `provenance` a finished study's table of that name;
    `say` is told each measure once it is there.
    """
    on_one_thread()
    found, where = {}, f"{machine.processor()}, {networks.n_cores()} cores, torch {torch.__version__}"
    # What is read first, in case it cannot be. JAX last: it starts threads, beside which no process must be forked.
    rows = measures(size, data, provenance)
    for name in sorted(rows, key=lambda name: (name == "linear_vs_jax", name not in OF_A_STUDY)):
        bar, unit, measure = rows[name]
        note, (ours, reference) = "", (math.nan, math.nan)
        try:
            ours, reference = measure()
        except NotMeasured as missing:
            note = str(missing)
        ratio = reference / ours if name in LESS_IS_BETTER else ours / reference
        found[name] = (name, ours, reference, ratio, unit, bar, note, where)
        say(f"{name}: {note or f'{ratio:.3g} (bar: {bar:g})'}")
    columns = ["measure", "ours", "reference", "ratio", "unit", "bar", "note", "machine"]
    return pd.DataFrame([found[name] for name in rows], columns=columns)


def measures(size: Size, data: Path | None, provenance: Path | None) -> dict[str, Measure]:
    """Every row's measure, by its name."""

    def a_core(method: str, reference: Callable[[str, Size], Rate]) -> Pair:
        try:
            return medians(linear.engine(method, size), reference(method, size), size.turns)
        except ImportError:
            raise NotMeasured("JAX is not installed") from None

    def images() -> Path:
        if data is None:
            raise NotMeasured("Fashion-MNIST is not there")
        return data

    def products(setting: FashionMLPSetting, cell: Cell) -> Pair:
        return networks.gflops(setting, cell, fashion_mnist.load(images()), size)

    def jobs(*columns: str) -> pd.DataFrame:
        if provenance is None:
            raise NotMeasured("there is no finished study")
        return read_table(provenance, columns=["experiment", *columns])

    def evaluation_share() -> Pair:
        found = jobs(*STAGES)
        seconds = found.loc[found["experiment"] == "fashion_mnist", [*STAGES]].sum()
        if not seconds.sum():
            raise NotMeasured("the study trained no network")
        return float(seconds["evaluation_seconds"] / seconds.sum()), EVALUATION

    def training_share() -> Pair:
        seconds = jobs(*STAGES)[[*STAGES]].sum()
        return float(1 - seconds["start_up_seconds"] / seconds.sum()), 1.0

    return {
        "linear_vs_textbook": (700, "runs/s", lambda: a_core("l2_penalty", linear.book)),
        "linear_vs_jax": (3, "runs/s", lambda: a_core("l2_penalty", linear.jax)),
        "linear_noise_vs_textbook": (100, "runs/s", lambda: a_core("input_noise", linear.book)),
        "mlp_vs_textbook": (15, "images/s", lambda: networks.images_on_all_cores(images(), size)),
        "mlp_flops_b64_p0": (0.60, "GFLOP/s", lambda: products(networks.SMALL, networks.UNREGULARIZED)),
        "mlp_flops_b64_p05": (0.48, "GFLOP/s", lambda: products(networks.SMALL, networks.DROPOUT)),
        "mlp_flops_b64_noise": (0.35, "GFLOP/s", lambda: products(networks.SMALL, networks.NOISE)),
        "mlp_flops_b256_p0": (0.75, "GFLOP/s", lambda: products(networks.CHAPTER, networks.UNREGULARIZED)),
        "mlp_flops_b256_p05": (0.62, "GFLOP/s", lambda: products(networks.CHAPTER, networks.DROPOUT)),
        "evaluation_share": (1, "share", evaluation_share),
        "training_share": (0.93, "share", training_share),
        "peak_memory": (1, "MiB", lambda: (float(jobs("peak_memory_mib")["peak_memory_mib"].max()), MEMORY)),
    }
