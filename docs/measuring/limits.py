"""What a training step of the networks is made of: the parts of its time, each measured alone on one core.

Usage: PYTHONPATH=scripts python docs/measuring/limits.py results/data > results/limits.csv
"""

import regularization.system.job

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from regularization.analysis.benchmark import QUICK, Size, networks
from regularization.draws import Draws
from regularization.settings import FashionMLPSetting
from regularization.study.plan import Cell
from regularization.system.fashion_mnist import Images, load


def table(images: Images, size: Size) -> pd.DataFrame:
    """Milliseconds a step of the whole and of its parts, one row for every loop that the benchmark measures.

    `limit` is the share of bare square matrices' speed that the loop would have were its products and draws all.
    """
    plain, dropout, noise = networks.UNREGULARIZED, networks.DROPOUT, networks.NOISE
    loops = [(networks.SMALL, cell) for cell in (plain, dropout, noise)]
    loops += [(networks.CHAPTER, cell) for cell in (plain, dropout)]
    return pd.DataFrame([_parts(setting, cell, images, size) for setting, cell in loops])


def _parts(setting: FashionMLPSetting, cell: Cell, images: Images, size: Size) -> dict[str, object]:
    whole, bare = networks.gflops(setting, cell, images, size)
    n_nets = networks.N_NETS[setting]
    flop = 2 * setting.multiply_adds * setting.batch_size * n_nets
    inputs = [784, *setting.hidden]
    layers = []
    for a, b in pairwise([*inputs, 10]):
        shapes = ((a, b), (setting.batch_size, a), (setting.batch_size, b))
        layers.append([torch.rand(n_nets, *shape) for shape in shapes])
    draws = Draws(np.arange(n_nets))
    drawn = {"dropout": layers[1:], "layer_noise": layers}.get(cell.method, [])
    task = networks.WithoutEvaluation(networks.runs_of(setting, cell), replace(setting, epochs=1), images)
    task.steps, task.clock, task.before_epoch, task.rates = size.steps, time.process_time, lambda: None, []

    def forward() -> None:
        for weight, h, g in layers:
            torch.bmm(h, weight, out=g)

    def backward() -> None:
        for weight, h, g in layers[1:]:
            torch.bmm(g, weight.mT, out=h)

    def update() -> None:
        for weight, h, g in layers:
            weight.baddbmm_(h.mT, g, alpha=-1e-9)

    def draw() -> None:
        for _, h, _ in drawn:
            if cell.method == "dropout":
                draws.dropout_mask(0.5, h)
            else:
                draws.normal(h)
        draws.step += 1

    seconds = {part.__name__: _seconds(part, size.steps) for part in (forward, backward, update, draw)}
    batches = _seconds(lambda: list(islice(task.minibatches(1), size.steps)), 3)
    seconds["batches"] = batches / min(size.steps, setting.steps_per_epoch)
    needed = sum(seconds[part] for part in ("forward", "backward", "update", "draw"))
    return {
        "loop": f"batch {setting.batch_size}, {cell.method}",
        "whole": flop / whole * 1e-6,
        **{part: 1e3 * value for part, value in seconds.items()},
        "share": whole / bare,
        "limit": flop / needed * 1e-9 / bare,
    }


def _seconds(part: Callable[[], object], times: int) -> float:
    """The median time of a part, over several tries."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        part()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


if __name__ == "__main__":
    table(load(Path(sys.argv[1])), QUICK if "--quick" in sys.argv else Size()).to_csv(sys.stdout, index=False)
