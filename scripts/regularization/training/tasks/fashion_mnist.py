"""The chapter's MLP on Fashion-MNIST: 784–256–256–10, ReLU, cross-entropy, pixels/255.

One tensor program holds runs of one setting, each a group of its own. The images stay bytes in memory and become
floats a minibatch at a time.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from regularization.methods import Method
from regularization.naming import parse_p
from regularization.settings import POOL, FashionMLPSetting, of_kind, scheduled
from regularization.streams import generator
from regularization.system.fashion_mnist import Images
from regularization.training import probes
from regularization.training.network import Network
from regularization.training.tasks import Assignment, MethodArguments, batch_orders, log_spaced_epochs

N_CLASSES = 10
CURVE_IMAGES = 2_000  # curves are evaluated on the first so many images, final metrics on all
MAX_GROUPS = 16  # runs a program, for memory and the processor's cache
MAX_GROUPS_CUDA = 128  # a graphics card idles with fewer; so many fit into 4 GB with any of the chapter's settings
_CHUNK = 1_000  # images evaluated at once


class FashionMLP:
    """All `runs` of one setting; see `Task` for the methods the trainer calls."""

    def __init__(
        self,
        runs: pd.DataFrame,
        setting: FashionMLPSetting,
        images: Images,
        *,
        dtype: str = "float32",
        device: str = "cpu",
    ) -> None:
        self.runs, self.setting, self.device = runs, setting, device
        self.dtype: torch.dtype = getattr(torch, dtype)
        # PyTorch multiplies matrices of one row or column another way where they are one pair instead of several: then
        # a run that is alone is trained twice, for the same last bits.
        last_batch = (setting.n_train - 1) % setting.batch_size + 1
        groups = [0, 0] if len(runs) == 1 and 1 in (last_batch, *setting.hidden) else range(len(runs))
        self.seeds, data_seeds = (runs[column].to_numpy()[groups] for column in ("seed", "data_seed"))
        self.epochs, self.steps_per_epoch = setting.epochs, setting.steps_per_epoch
        self.recorded_epochs = log_spaced_epochs(setting.epochs, 12)
        indices = [training_images(setting, int(seed)) for seed in data_seeds]
        self._train = torch.from_numpy(np.stack(indices)).to(device)  # (groups, n_train)
        self._pixels, self._labels = (self._bytes(a) for a in (images.train_images, images.train_labels))
        labels = [training_labels(setting, int(seed), images.train_labels) for seed in data_seeds]
        self._train_labels = torch.from_numpy(np.stack(labels)).to(device)  # (groups, n_train)
        self._test = (self._bytes(images.test_images), self._bytes(images.test_labels).long())
        self._validation: tuple[Tensor, Tensor] | None = None
        if setting.images == "blocks":
            held_out = torch.from_numpy(validation_images()).to(device)
            self._validation = (self._pixels[held_out], self._labels[held_out].long())

    # --- training ---------------------------------------------------------------------------------------------

    def method_arguments(self) -> MethodArguments:
        """λ and p: plain numbers where all runs agree, else tensors (groups, 1, 1)."""
        p = np.array([parse_p(text) for text in self.runs["p"]])
        return {
            "lam": self._number(self.runs["lam"].to_numpy(), self.dtype),
            "p": tuple(self._number(p[:, layer], torch.float64) for layer in range(p.shape[1])),
            "n_hidden": len(self.setting.hidden),
        }

    def initial_network(self) -> Network:
        sizes = (self._pixels.shape[1], *self.setting.hidden, N_CLASSES)
        weights, biases = [], []
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            draws = [initial_layer(int(seed), layer, fan_in, fan_out, self.setting.init_std) for seed in self.seeds]
            weights.append(torch.from_numpy(np.stack([w for w, _ in draws])).to(self.device, self.dtype))
            biases.append(torch.from_numpy(np.stack([b[None] for _, b in draws])).to(self.device, self.dtype))
        return Network(weights, biases)

    def prepare(self, method: Method) -> None:
        method.prepare(self._train, self._train_labels, self.setting.learning_rate)

    def minibatches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        n, size = self.setting.n_train, self.setting.batch_size
        order = torch.from_numpy(batch_orders(self.seeds, n, epoch)).to(self.device)
        images, labels = self._train.gather(1, order), self._train_labels.gather(1, order)
        for start in range(0, n, size):
            batch = slice(start, start + size)
            target = functional.one_hot(labels[:, batch].long(), N_CLASSES).to(self.dtype)
            yield self._floats(self._pixels[images[:, batch]]), target

    def loss_gradient(self, output: Tensor, target: Tensor) -> Tensor:
        """∂ mean cross-entropy/∂ logits = (softmax − one-hot)/|B|."""
        return torch.softmax(output, dim=2).sub_(target).div_(output.shape[1])

    def learning_rate(self, step: int) -> float:
        return scheduled(self.setting.learning_rate, self.setting.schedule, step, self.epochs * self.steps_per_epoch)

    # --- metrics ----------------------------------------------------------------------------------------------

    def metrics(self, network: Network, *, final: bool) -> dict[str, np.ndarray]:
        limit = None if final else CURVE_IMAGES
        values: dict[str, np.ndarray] = {}
        values["train_loss"], values["train_accuracy"] = self._on_training_images(network, limit)
        for name, data in (("validation", self._validation), ("test", self._test)):
            if data is None:
                continue
            pixels, labels = (part[:limit] for part in data)
            parts = [self._loss_and_accuracy(network.of(g), pixels, labels) for g in range(len(self.runs))]
            values[f"{name}_loss"], values[f"{name}_accuracy"] = np.array(parts).T
        values["weight_norm"] = np.sqrt(sum(self._sums(weight.double().square()) for weight in network.weights))
        return values

    def objective(self, network: Network, method: Method) -> np.ndarray:
        objective = self._on_training_images(network, CURVE_IMAGES)[0]
        for weight in network.weights:
            penalty = method.penalty(weight)
            if isinstance(penalty, Tensor):
                objective = objective + self._sums(penalty.double())
        return objective

    def predictions(self, network: Network, rows: np.ndarray) -> pd.DataFrame:
        """Class probabilities p0 … p9 on every test image (item), for the runs at positions `rows`."""
        tables = []
        for row in rows:
            logits = torch.cat([out for out, _ in self._outputs(network.of(int(row)), *self._test)])
            probabilities = torch.softmax(logits.double(), dim=1).float().cpu().numpy()
            table = pd.DataFrame(probabilities, columns=[f"p{k}" for k in range(N_CLASSES)])
            table.insert(0, "item", np.arange(len(table), dtype=np.int32))
            table.insert(0, "run_id", self.runs["run_id"].iloc[row])
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def probes(self, network: Network, method: Method, rows: np.ndarray) -> pd.DataFrame:
        """Probe the trained networks at positions `rows`; see `training.probes`."""
        pixels, labels = self._test
        x, target = self._floats(pixels[: probes.N_IMAGES]), labels[: probes.N_IMAGES]
        tables = [probes.probe(network.of(int(row)), x, target) for row in rows]
        tables += probes.mask_averages(network, method, self.seeds, self.epochs * self.steps_per_epoch, x, target, rows)
        ids = self.runs["run_id"].to_numpy()
        return pd.concat(
            [table.assign(run_id=ids[row]) for row, table in zip([*rows, *rows], tables)], ignore_index=True
        )

    # --- evaluation of one run at a time: its numbers cannot depend on its neighbours --------------------------

    def _on_training_images(self, network: Network, limit: int | None) -> np.ndarray:
        """Loss and accuracy on every run's own first `limit` training images, shape (2, runs)."""
        images, labels = self._train[:, :limit], self._train_labels[:, :limit].long()
        parts = [
            self._loss_and_accuracy(network.of(g), self._pixels[images[g]], labels[g]) for g in range(len(self.runs))
        ]
        return np.array(parts).T

    def _sums(self, values: Tensor) -> np.ndarray:
        """The sum of every run's values (groups, …), shape (runs,)."""
        return np.array([one.sum().item() for one in values[: len(self.runs)]])

    def _loss_and_accuracy(self, network: Network, pixels: Tensor, labels: Tensor) -> tuple[float, float]:
        loss = correct = 0.0
        for logits, target in self._outputs(network, pixels, labels):
            loss += functional.cross_entropy(logits.double(), target, reduction="sum").item()
            correct += (logits.argmax(dim=1) == target).sum().item()
        return loss / len(labels), correct / len(labels)

    def _outputs(self, network: Network, pixels: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, len(labels), _CHUNK):
            part = slice(start, start + _CHUNK)
            yield network.output(self._floats(pixels[part])[None])[0], labels[part]

    def _floats(self, pixels: Tensor) -> Tensor:
        return pixels.to(self.dtype).div_(255)

    def _bytes(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array)).to(self.device)  # a copy: the array may be a read-only memory map

    def _number(self, values: np.ndarray, dtype: torch.dtype) -> float | Tensor:
        if (values == values[0]).all():
            return float(values[0])
        return torch.tensor(values, device=self.device, dtype=dtype)[:, None, None]


def training_images(setting: FashionMLPSetting, data_seed: int) -> np.ndarray:
    """Return the indices of the images a run trains on, shape (n_train,): all of them, or the seed's block of the pool.

    Blocks are disjoint until the pool of 50,000 is used up (100 seeds at n = 500), then wrap around.
    """
    if setting.images == "all":
        return np.arange(setting.n_train)
    block = np.arange(data_seed * setting.n_train, (data_seed + 1) * setting.n_train)
    return _permutation()[:POOL][block % POOL]


def training_labels(setting: FashionMLPSetting, data_seed: int, labels: np.ndarray) -> np.ndarray:
    """Return the labels a run trains on, shape (n_train,): the images' own, a share replaced by uniformly random ones.

    Source of the experiment: Zhang et al. 2017, "Understanding deep learning requires rethinking generalization".
    """
    own = np.asarray(labels[training_images(setting, data_seed)])
    if setting.random_labels == 0:
        return own
    draw = generator("data", data_seed, part=10)
    replaced = draw.random(setting.n_train) < setting.random_labels
    return np.where(replaced, draw.integers(N_CLASSES, size=setting.n_train), own).astype(own.dtype)


def validation_images() -> np.ndarray:
    """Return the indices of the 10,000 training images that `blocks` settings never train on."""
    return _permutation()[POOL:]


def _permutation() -> np.ndarray:
    return generator("data", 0, part=9).permutation(60_000)


def initial_layer(
    seed: int, layer: int, fan_in: int, fan_out: int, init_std: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (fan_in, fan_out), biases (fan_out,): nn.Linear's default U(±1/√fan_in), or N(0, init_std²) weights."""
    draw = generator("init", seed, part=layer)
    bound = 1 / math.sqrt(fan_in)
    if init_std is None:
        weights = draw.uniform(-bound, bound, (fan_in, fan_out))
    else:
        weights = draw.standard_normal((fan_in, fan_out)) * init_std
    return weights, draw.uniform(-bound, bound, fan_out)


def programs(assignment: Assignment) -> Iterator[FashionMLP]:
    """Split a cohort's runs into tensor programs: one setting each, at most `MAX_GROUPS` (on CUDA more) runs.

    Raises:
        ValueError: without images.
    """
    images, dtype, device = assignment.images, assignment.dtype, assignment.device
    if images is None:
        raise ValueError("the experiment 'fashion_mnist' needs its images, but no images were given")
    n_groups = MAX_GROUPS_CUDA if device == "cuda" else MAX_GROUPS
    settings = of_kind(FashionMLPSetting, assignment.settings)
    for name, members in assignment.runs.groupby("setting", sort=True):
        for start in range(0, len(members), n_groups):
            part = members.iloc[start : start + n_groups].reset_index(drop=True)
            yield FashionMLP(part, settings[str(name)], images, dtype=dtype, device=device)
