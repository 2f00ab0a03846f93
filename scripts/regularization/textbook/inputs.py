"""What the study's random streams give one run: data, initial parameters, batches, dropout uniforms and noise.

Written down a second time, one run at a time, so that the trainer's own use of the streams is checked too.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from regularization.settings import FashionMLPSetting, LinearRegressionSetting, Setting
from regularization.streams import NORMAL, generator, uniform_bits
from regularization.system.fashion_mnist import Images
from regularization.textbook.utilities import Batch, Batches, minibatches


@dataclass(frozen=True)
class Data:
    """The samples of one run, inputs (n, features) and targets (n, …); `validation` is None where there is none."""

    train: Batch
    validation: Batch | None
    test: Batch


def linear_data(setting: LinearRegressionSetting, data_seed: int) -> Data:
    """Samples of y = b* + Xw* + ε in float64, targets of shape (n, 1)."""

    def samples(n: int, part: int) -> Batch:
        x = generator("data", data_seed, part=part).standard_normal((n, setting.n_features))
        noise = setting.noise_std * generator("data", data_seed, part=part + 1).standard_normal(n)
        y = x @ np.full(setting.n_features, setting.true_weight) + setting.true_bias + noise
        return torch.from_numpy(x), torch.from_numpy(y[:, None])

    return Data(
        train=samples(setting.n_train, part=0),
        test=samples(setting.n_test, part=2),
        validation=samples(setting.n_validation, part=4),
    )


def linear_parameters(setting: LinearRegressionSetting, seed: int) -> tuple[Tensor, Tensor]:
    """Initial weights (d, 1) and bias (1,), requiring gradients."""
    w = setting.init_std * generator("init", seed, part=0).standard_normal((setting.n_features, 1))
    b = setting.bias_init_std * generator("init", seed, part=1).standard_normal(1)
    return torch.from_numpy(w).requires_grad_(), torch.from_numpy(b).requires_grad_()


def mlp_data(setting: FashionMLPSetting, data_seed: int, images: Images, dtype: torch.dtype = torch.float32) -> Data:
    """Pixels/255, shape (n, 784), and labels (n,)."""

    def samples(pixels: np.ndarray, labels: np.ndarray) -> Batch:
        return torch.tensor(pixels, dtype=dtype) / 255, torch.tensor(labels, dtype=torch.int64)

    def of_training_set(indices: np.ndarray) -> Batch:
        return samples(images.train_images[indices], images.train_labels[indices])

    test = samples(images.test_images, images.test_labels)
    if setting.images == "all":
        return Data(_some_random(setting, data_seed, of_training_set(np.arange(setting.n_train))), None, test)
    pool, held_out = np.split(generator("data", 0, part=9).permutation(60_000), [50_000])
    block = np.take(pool, range(data_seed * setting.n_train, (data_seed + 1) * setting.n_train), mode="wrap")
    return Data(_some_random(setting, data_seed, of_training_set(block)), of_training_set(held_out), test)


def _some_random(setting: FashionMLPSetting, data_seed: int, train: Batch) -> Batch:
    """Each training label with probability `random_labels` replaced by one of the ten, drawn at random."""
    if setting.random_labels == 0:
        return train
    x, labels = train
    draw = generator("data", data_seed, part=10)
    replaced = torch.from_numpy(draw.random(setting.n_train) < setting.random_labels)
    return x, torch.where(replaced, torch.from_numpy(draw.integers(10, size=setting.n_train)), labels)


def mlp_parameters(
    setting: FashionMLPSetting, seed: int, dtype: torch.dtype = torch.float32
) -> list[tuple[Tensor, Tensor]]:
    """Initial weights (inputs, outputs) and biases (outputs,) of every layer."""
    sizes = [784, *setting.hidden, 10]
    parameters = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        draw = generator("init", seed, part=layer)
        bound = fan_in**-0.5
        if setting.init_std is None:
            weights = draw.uniform(-bound, bound, (fan_in, fan_out))
        else:
            weights = setting.init_std * draw.standard_normal((fan_in, fan_out))
        biases = draw.uniform(-bound, bound, fan_out)
        parameters.append((torch.from_numpy(weights).to(dtype), torch.from_numpy(biases).to(dtype)))
    return parameters


def epochs(setting: Setting, seed: int, samples: Batch) -> Iterator[Batches]:
    """The minibatches of every epoch, in the seed's own order."""
    for epoch in range(1, setting.epochs + 1):
        order = generator("order", seed, step=epoch).permutation(setting.n_train)
        yield minibatches(*samples, torch.from_numpy(order), setting.batch_size)


def uniforms(setting: Setting, seed: int, widths: tuple[int, ...]) -> Iterator[list[Tensor]]:
    """Dropout's u ~ U(0, 1) at every SGD step, one array (batch, width) a layer; (k + ½)/2¹⁶ in float64."""
    for step, size in enumerate(_batch_sizes(setting)):
        bits = [uniform_bits("mask", [seed], size * width, part=layer, step=step) for layer, width in enumerate(widths)]
        yield [torch.from_numpy((b.reshape(size, -1) + 0.5) / 2.0**16) for b in bits]


def weight_uniforms(setting: Setting, seed: int, sizes: tuple[int, ...]) -> Iterator[list[Tensor]]:
    """The same u for every weight out of a hidden layer, one array (units, outputs) a hidden layer at every SGD step.

    `sizes` are of all layers from the first hidden one to the outputs.
    """
    for step in range(setting.epochs * setting.steps_per_epoch):
        bits = [uniform_bits("mask", [seed], a * b, part=i, step=step) for i, (a, b) in enumerate(pairwise(sizes))]
        yield [torch.from_numpy((b.reshape(units, -1) + 0.5) / 2.0**16) for b, units in zip(bits, sizes, strict=False)]


def noises(setting: Setting, seed: int, width: int, dtype: torch.dtype) -> Iterator[Tensor]:
    """Standard normal noise on the inputs of every SGD step, shape (batch, width)."""
    for step, size in enumerate(_batch_sizes(setting)):
        yield _normal(seed, (size, width), dtype, part=0, step=step)


def hidden_noises(setting: Setting, seed: int, widths: tuple[int, ...], dtype: torch.dtype) -> Iterator[list[Tensor]]:
    """Standard normal noise at every SGD step, one array (batch, width) a hidden layer."""
    for step, size in enumerate(_batch_sizes(setting)):
        yield [_normal(seed, (size, width), dtype, part=part, step=step) for part, width in enumerate(widths, start=1)]


def _normal(seed: int, shape: tuple[int, int], dtype: torch.dtype, *, part: int, step: int) -> Tensor:
    bits = uniform_bits("noise", [seed], math.prod(shape), part=part, step=step)
    return torch.from_numpy(NORMAL[bits].reshape(shape)).to(dtype)


def _batch_sizes(setting: Setting) -> list[int]:
    """How many samples every SGD step of a training sees."""
    n, size = setting.n_train, setting.batch_size
    return [min(size, n - start) for start in range(0, n, size)] * setting.epochs
