"""The network's training loop without evaluation: its products a second on one core, its images a second on all."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import FashionMNIST

from regularization.analysis.benchmark import Rate, Size, medians
from regularization.methods import Method, method_class
from regularization.settings import FashionMLPSetting
from regularization.study import plan
from regularization.study.plan import Cell, Cohort
from regularization.system import fashion_mnist
from regularization.system.fashion_mnist import Images
from regularization.system.fetching import RAW_FILES
from regularization.textbook import fashion_mlp, inputs
from regularization.training.loop import train
from regularization.training.network import Network
from regularization.training.tasks.fashion_mnist import FashionMLP

CHAPTER = FashionMLPSetting()
SMALL = replace(CHAPTER, n_train=500, images="blocks", batch_size=64, learning_rate=0.2)  # most of the study's
N_NETS = {CHAPTER: 5, SMALL: 12}  # that the study trains in one program
UNREGULARIZED = Cell("fashion_mnist", "", "none", 0.0, "0/0", seeds=0)
DROPOUT = Cell("fashion_mnist", "", "dropout", 0.0, "0.5/0.5", seeds=0)
NOISE = Cell("fashion_mnist", "", "layer_noise", 0.3, "0.3/0.3", seeds=0)
SIDE = 1024  # of the square matrices whose product the loop is held against
STARTED = 10  # batches after which a data loader's workers keep their pace
_together: Barrier  # of the processes that train side by side


class WithoutEvaluation(FashionMLP):
    """The task, of which the first `steps` of each epoch are trained and timed by `clock`, and nothing is evaluated.

    `before_epoch` is called before each; `rates` are the images a second of every epoch.
    """

    steps: int
    clock: Callable[[], float]
    before_epoch: Callable[[], object]
    rates: list[float]

    def minibatches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        self.before_epoch()
        start, images = self.clock(), 0
        for x, target in islice(super().minibatches(epoch), self.steps):
            yield x, target  # the trainer takes its step before it asks for more
            images += x.shape[0] * x.shape[1]
        self.rates.append(images / (self.clock() - start))

    def metrics(self, network: Network) -> dict[str, np.ndarray]:
        return {"train_loss": np.ones(len(self.runs))}

    def objective(self, network: Network, method: Method, train_loss: np.ndarray) -> np.ndarray:
        return train_loss


def runs_of(setting: FashionMLPSetting, cell: Cell) -> pd.DataFrame:
    """As many runs of a cell as the study trains in one program."""
    n_nets = N_NETS[replace(setting, epochs=CHAPTER.epochs)]
    return plan.runs([Cohort("fashion_mnist", "benchmark", (replace(cell, seeds=n_nets),), 0, n_nets - 1)])


def images_a_second(
    setting: FashionMLPSetting,
    cell: Cell,
    images: Images,
    steps: int,
    clock: Callable[[], float],
    before_epoch: Callable[[], object],
) -> list[float]:
    """Train a program of the study and return the images a second of every epoch of the setting."""
    task = WithoutEvaluation(runs_of(setting, cell), setting, images)
    task.steps, task.clock, task.before_epoch, task.rates = steps, clock, before_epoch, []
    train(task, method_class(cell.method)(**task.method_arguments()))
    return task.rates


def gflops(setting: FashionMLPSetting, cell: Cell, images: Images, size: Size) -> tuple[float, float]:
    """10⁹ floating-point operations of products a second: the training loop's, and those of bare square matrices."""
    epochs = size.turns * max(1, size.steps // setting.steps_per_epoch)
    bare: list[float] = []
    ours = images_a_second(
        replace(setting, epochs=epochs), cell, images, size.steps, time.process_time, lambda: bare.append(sgemm())
    )
    return float(np.median(ours)) * 2e-9 * setting.multiply_adds, float(np.median(bare))


def sgemm(times: int = 4) -> float:
    """10⁹ floating-point operations a second of a product of square matrices in float32."""
    a, b, product = (torch.ones(SIDE, SIDE) for _ in range(3))
    torch.mm(a, b, out=product)
    start = time.process_time()
    for _ in range(times):
        torch.mm(a, b, out=product)
    return 2e-9 * times * SIDE**3 / (time.process_time() - start)


def images_on_all_cores(folder: Path, size: Size) -> tuple[float, float]:
    """Images a second on all cores at batch 256: a program of the study a core, and one model behind a data loader."""
    with _a_program_a_core(folder, size) as ours, TemporaryDirectory() as published:
        images = fashion_mnist.load(folder)
        for file in RAW_FILES:
            raw = Path(published) / "FashionMNIST" / "raw" / file.name
            raw.parent.mkdir(parents=True, exist_ok=True)
            raw.write_bytes(np.array(file.header, ">i4").tobytes() + getattr(images, file.array).tobytes())
        data = FashionMNIST(published, transform=transforms.ToTensor())
        return medians(ours, lambda turn: _book(data, turn, 2 * size.steps), size.turns)


@contextmanager
def _a_program_a_core(folder: Path, size: Size) -> Iterator[Rate]:
    """What a turn of one process a core trains together, each as the study's jobs do."""
    cores, context = n_cores(), multiprocessing.get_context("spawn")
    barrier = context.Barrier(cores)
    with ProcessPoolExecutor(cores, context, initializer=_share, initargs=(barrier,)) as processes:
        yield lambda turn: sum(processes.map(_rate_beside_others, [folder] * cores, [size.steps] * cores))


def _share(barrier: Barrier) -> None:
    global _together
    _together = barrier


def _rate_beside_others(folder: Path, steps: int) -> float:
    images = fashion_mnist.load(folder)
    setting = replace(CHAPTER, epochs=2)  # the first warms the caches
    return images_a_second(setting, UNREGULARIZED, images, steps, time.perf_counter, _together.wait)[-1]


def _book(data: FashionMNIST, seed: int, batches: int) -> float:
    """Train the chapter's model on so many batches."""
    model = nn.Sequential(nn.Flatten(), fashion_mlp.DropoutMLP(inputs.mlp_parameters(CHAPTER, seed), (0.0, 0.0), []))
    trainer = torch.optim.SGD(model.parameters(), lr=CHAPTER.learning_rate)
    loaded = iter(DataLoader(data, CHAPTER.batch_size, shuffle=True, num_workers=2))
    torch.set_num_threads(n_cores())
    fashion_mlp.train(model, [islice(loaded, STARTED)], trainer)
    start = time.perf_counter()
    fashion_mlp.train(model, [islice(loaded, batches)], trainer)
    rate = batches * CHAPTER.batch_size / (time.perf_counter() - start)
    torch.set_num_threads(1)
    return rate


def n_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
