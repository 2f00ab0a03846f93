"""The chapter's MLP on Fashion-MNIST: 784–256–256–10, ReLU, cross-entropy, pixels/255; a program's groups are runs."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from regularization.columns import ACTIVATION_VARIANCES, CALIBRATION, LOST
from regularization.methods import Method
from regularization.naming import parse_p
from regularization.settings import POOL, FashionMLPSetting, of_kind, scheduled
from regularization.streams import generator
from regularization.system.fashion_mnist import Images
from regularization.training import calibration, probes
from regularization.training.network import Network
from regularization.training.tasks import Assignment, MethodArguments, batch_orders, log_spaced_epochs

N_CLASSES = 10
CURVE_IMAGES = 2_000  # curves are evaluated on the first so many images, final metrics on all
MAX_GROUPS = 16  # runs a program, for memory and the processor's cache
MAX_GROUPS_CUDA = 128  # a graphics card idles with fewer; so many fit into 4 GB with any of the chapter's settings
_CHUNK = 1_000  # images evaluated at once


class FashionMLP:
    """All `runs` of one setting; see `Task` for the methods the trainer calls."""

    chance = 1 / N_CLASSES

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
        used, places = np.unique(np.stack(indices), return_inverse=True)
        self._pixels = self._floats(images.train_images[used])  # of all runs' training images
        self._train = torch.from_numpy(places.reshape(len(indices), -1)).to(device)  # (groups, n_train), in `_pixels`
        labels = [training_labels(setting, int(seed), images.train_labels) for seed in data_seeds]
        self._train_labels = torch.from_numpy(np.stack(labels)).to(device).long()  # (groups, n_train)
        self._one_hot = torch.eye(N_CLASSES, dtype=self.dtype, device=device)
        self._test = (self._floats(images.test_images), self._classes(images.test_labels))
        self._logits_of: dict[str, list[Tensor]] = {}  # of every run after the last epoch, of all images of a set
        self._lost: dict[int, pd.DataFrame] = {}  # by a run's position, where it was probed
        self._validation: tuple[Tensor, Tensor] | None = None
        if setting.images == "blocks":
            held_out = validation_images()
            self._validation = (
                self._floats(images.train_images[held_out]),
                self._classes(images.train_labels[held_out]),
            )

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
            x, target = (
                rows.index_select(0, chosen[:, batch].reshape(-1)).unflatten(0, (len(order), -1))
                for rows, chosen in ((self._pixels, images), (self._one_hot, labels))
            )
            yield x, target

    def loss_gradient(self, output: Tensor, target: Tensor) -> Tensor:
        """∂ mean cross-entropy/∂ logits = (softmax − one-hot)/|B|."""
        return torch.softmax(output, dim=2).sub_(target).div_(output.shape[1])

    def learning_rate(self, step: int) -> float:
        return scheduled(self.setting.learning_rate, self.setting.schedule, step, self.epochs * self.steps_per_epoch)

    # --- metrics ----------------------------------------------------------------------------------------------

    def validation_loss(self, network: Network) -> Tensor:
        """Cross-entropy on the first `CURVE_IMAGES` validation images."""
        assert self._validation is not None, "the setting has no validation images"
        pixels, labels = (part[:CURVE_IMAGES] for part in self._validation)
        logits = [self._logits(network.of(group), pixels.split(_CHUNK), []) for group in range(len(self.seeds))]
        losses = [probes.loss_and_accuracy(of_run, labels)[0] for of_run in logits]
        return torch.tensor(losses, dtype=torch.float64, device=self.device)[:, None, None]

    def metrics(self, network: Network) -> dict[str, np.ndarray]:
        return self._metrics(network, CURVE_IMAGES)[0]

    def final_metrics(self, network: Network) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        return self._metrics(network, None)

    def _metrics(self, network: Network, limit: int | None) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Metrics on the first images, as of a curve's point, and on all up to `limit`; each of shape (runs,).

        One run is evaluated at a time, so that its numbers cannot depend on its neighbours.
        """
        first: dict[str, np.ndarray] = {}
        whole: dict[str, np.ndarray] = {}
        for name, data in (("train", None), ("validation", self._validation), ("test", self._test)):
            if data is None and name != "train":
                continue
            logits, found, variances = [], [], []
            for group in range(len(self.runs)):
                pixels, labels = data or (self._pixels, self._train_labels[group])
                chunks = (pixels if data else self._train[group])[:limit].split(_CHUNK)
                kept: list[list[Tensor]] = []
                images = chunks if data else (pixels[some] for some in chunks)
                logits.append(self._logits(network.of(group), images, kept))
                if name == "test":
                    variances.append([_variance_over_images(torch.cat(layer)) for layer in zip(*kept, strict=True)])
                of_first = probes.loss_and_accuracy(logits[-1][:CURVE_IMAGES], labels[:CURVE_IMAGES])
                more = len(logits[-1]) > CURVE_IMAGES
                found.append((of_first, probes.loss_and_accuracy(logits[-1], labels) if more else of_first))
            for place, values in enumerate((first, whole)):
                values[f"{name}_loss"], values[f"{name}_accuracy"] = np.array([pair[place] for pair in found]).T
            if limit is None and data:
                self._logits_of[name] = logits
            if name == "test":
                first |= dict(zip(ACTIVATION_VARIANCES, np.array(variances).T, strict=False))
        norms = [self._of_runs(torch.linalg.vector_norm, weight) for weight in network.weights]
        norm = np.linalg.norm(norms, axis=0)
        return {**first, "weight_norm": norm}, {**whole, "weight_norm": norm}

    def objective(self, network: Network, method: Method, train_loss: np.ndarray) -> np.ndarray:
        objective = train_loss
        for weight in network.weights:
            penalty = method.penalty(weight)
            if isinstance(penalty, Tensor):
                objective = objective + self._of_runs(torch.sum, penalty)
        return objective

    def predictions(self, network: Network, rows: np.ndarray) -> pd.DataFrame:
        """Class probabilities p0 … p9 on every test image (item), of the runs at positions `rows`, after their end.

        Of runs that were probed before also what noise and occlusion take from each image, of others NaN.
        """
        tables = []
        for row in rows:
            probabilities = torch.softmax(self._logits_of["test"][row].double(), dim=1).float().cpu().numpy()
            table = pd.DataFrame(probabilities, columns=[f"p{k}" for k in range(N_CLASSES)])
            table.insert(0, "item", np.arange(len(table), dtype=np.int32))
            table.insert(0, "run_id", self.runs["run_id"].iloc[row])
            lost = self._lost.get(int(row), pd.DataFrame(np.nan, table.index, LOST, np.float32))
            tables.append(pd.concat([table, lost], axis=1))
        return pd.concat(tables, ignore_index=True)

    def probes(self, network: Network, method: Method, rows: np.ndarray) -> pd.DataFrame:
        """Probe the trained networks at positions `rows`; see `training.probes`."""
        x, target = self._test
        temperatures = [self._temperature(int(row)) for row in rows] if self._validation else []
        tables, lost = probes.probe([network.of(int(row)) for row in rows], x, target, temperatures)
        self._lost = dict(zip(map(int, rows), lost, strict=True))
        tables += probes.mask_averages(network, method, self.seeds, self.epochs * self.steps_per_epoch, x, target, rows)
        ids = self.runs["run_id"].to_numpy()
        return pd.concat(
            [table.assign(run_id=ids[row]) for row, table in zip([*rows, *rows], tables)], ignore_index=True
        )

    def calibration(self) -> dict[str, np.ndarray]:
        """Calibration on all test images, the temperature fitted on the validation images; NaN without these."""
        labels = self._test[1].cpu().numpy()
        rows = []
        for run, of_test in enumerate(self._logits_of["test"]):
            logits = of_test.cpu().numpy()
            temperature = self._temperature(run)
            tempered = calibration.cross_entropy(logits, labels, temperature)
            rows.append({"temperature": temperature, "tempered_loss": tempered, **calibration.scores(logits, labels)})
        return {name: np.array([row[name] for row in rows]) for name in CALIBRATION}

    def _temperature(self, run: int) -> float:
        """The temperature fitted on the validation images; NaN without these."""
        if not self._validation:
            return np.nan
        held_out = self._logits_of["validation"][run].cpu().numpy()
        return calibration.fit_temperature(held_out, self._validation[1].cpu().numpy())

    # --- layout -----------------------------------------------------------------------------------------------

    def _of_runs(self, reduction: Callable[..., Tensor], values: Tensor) -> np.ndarray:
        """Reduce every run's values (groups, …) to one number each, in float64, shape (runs,)."""
        return np.array([reduction(one, dtype=torch.float64).item() for one in values[: len(self.runs)]])

    def _logits(self, network: Network, chunks: Iterable[Tensor], kept: list[list[Tensor]]) -> Tensor:
        """The outputs of a single network for images (images, pixels) chunk by chunk, shape (images, classes).

        The activations of its hidden layers for the first `CURVE_IMAGES`, (images, units) each, are added to `kept`.
        """
        logits = []
        for chunk in chunks:
            *hidden, output = (layer[0] for layer in network.above(network.first(chunk[None])))
            logits.append(output)
            if len(kept) < CURVE_IMAGES // _CHUNK:
                kept.append(hidden)
        return torch.cat(logits)

    def _floats(self, pixels: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(pixels)).to(self.device, self.dtype).div_(255)  # a copy: it may be read-only

    def _classes(self, labels: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(labels)).to(self.device).long()

    def _number(self, values: np.ndarray, dtype: torch.dtype) -> float | Tensor:
        if (values == values[0]).all():
            return float(values[0])
        return torch.tensor(values, device=self.device, dtype=dtype)[:, None, None]


def _variance_over_images(activations: Tensor) -> float:
    """The variance of a unit's activation over images, averaged over units; activations (images, units)."""
    return (activations - activations.mean(dim=0)).square_().mean(dtype=torch.float64).item()


def training_images(setting: FashionMLPSetting, data_seed: int) -> np.ndarray:
    """The indices of the images a run trains on, (n_train,): all, or the seed's block of a pool that wraps around."""
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
    """Split a cohort's runs into programs of one setting, at most `MAX_GROUPS` runs; `ValueError` without images."""
    images, dtype, device = assignment.images, assignment.dtype, assignment.device
    if images is None:
        raise ValueError("the experiment 'fashion_mnist' needs its images, but no images were given")
    n_groups = MAX_GROUPS_CUDA if device == "cuda" else MAX_GROUPS
    settings = of_kind(FashionMLPSetting, assignment.settings)
    for name, members in assignment.runs.groupby("setting", sort=True):
        for start in range(0, len(members), n_groups):
            part = members.iloc[start : start + n_groups].reset_index(drop=True)
            yield FashionMLP(part, settings[str(name)], images, dtype=dtype, device=device)
