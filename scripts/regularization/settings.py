"""Settings: the named variants of the two experiments' tasks. The defaults *are* the chapter's values.

These are plain records without torch, so that planning and validating a configuration stay fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

EXPERIMENTS = ("linear_regression", "fashion_mnist")

DIVERGED = 10.0  # a run has diverged when its objective ends above so many times its starting value, or not finite
POOL = 50_000  # Fashion-MNIST images that `blocks` settings draw from; the other 10,000 of 60,000 are validation


def scheduled(learning_rate: float, schedule: str, step: int, steps: int) -> float:
    """η at SGD step `step` of `steps`, counted from 0: constant, or half a cosine from η down to 0."""
    if schedule == "constant":
        return learning_rate
    return learning_rate * (1 + math.cos(math.pi * step / steps)) / 2


@dataclass(frozen=True)
class LinearRegressionSetting:
    """y = true_bias + Σ true_weight·xᵢ + ε with x ~ N(0, I) and ε ~ N(0, noise_std²), fitted by minibatch SGD.

    The defaults are the chapter's code: d = 200, n = 20, σ = 0.01 (its text says 0.1), w₀ ~ N(0, 1), b₀ = 0,
    batch 5, learning rate 0.003, 100 epochs, loss (ŷ − y)²/2.
    """

    n_train: int = 20
    n_validation: int = 100
    n_test: int = 100
    n_features: int = 200
    true_weight: float = 0.01  # every component of w*
    true_bias: float = 0.05
    noise_std: float = 0.01  # σ
    init_std: float = 1.0  # w₀ ~ N(0, init_std²)
    bias_init_std: float = 0.0  # b₀ ~ N(0, bias_init_std²); the concise version has 1
    loss: Literal["half_squared_error", "squared_error"] = "half_squared_error"  # what SGD descends
    learning_rate: float = 0.003
    schedule: Literal["constant", "cosine"] = "constant"
    batch_size: int = 5  # n_train means full batch
    epochs: int = 100

    experiment = "linear_regression"
    hidden = ()  # a linear model is a network without hidden layers
    n_p = 1  # dropout acts on the inputs: one p

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.n_train // self.batch_size)


@dataclass(frozen=True)
class FashionMLPSetting:
    """An MLP 784–hidden–10 with ReLU on Fashion-MNIST (pixels/255), cross-entropy, minibatch SGD.

    The defaults are the chapter's: all 60,000 images, 256 and 256 hidden units, batch 256, learning rate 0.5,
    10 epochs, `nn.Linear`'s default initialisation.
    """

    n_train: int = 60_000
    images: Literal["all", "blocks"] = "all"  # all: the first n_train of 60,000; blocks: seed s takes block s of 50,000
    hidden: tuple[int, ...] = (256, 256)
    random_labels: float = 0.0  # share of the training labels replaced by uniformly random ones
    init_std: float | None = None  # None: nn.Linear's default; a number: weights ~ N(0, init_std²), biases default
    learning_rate: float = 0.5
    schedule: Literal["constant", "cosine"] = "constant"
    batch_size: int = 256
    epochs: int = 10

    experiment = "fashion_mnist"

    @property
    def n_p(self) -> int:
        """Dropout follows every hidden layer: one p each."""
        return len(self.hidden)

    @property
    def disjoint_seeds(self) -> int:
        """How many seeds, from 0 on, have training sets without an image in common; 1 where all share theirs."""
        return POOL // self.n_train if self.images == "blocks" else 1

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.n_train // self.batch_size)


Setting = LinearRegressionSetting | FashionMLPSetting
SETTING_OF: dict[str, type[Setting]] = {
    "linear_regression": LinearRegressionSetting,
    "fashion_mnist": FashionMLPSetting,
}


def built_setting(experiment: str, given: Mapping[str, Any]) -> Setting:
    """A setting with its defaults filled in and its numbers in the types the fields declare (1 → 1.0)."""
    build: Callable[..., Setting] = SETTING_OF[experiment]
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, (list, tuple)) else value for key, value in given.items()
    }
    for field in fields(SETTING_OF[experiment]):
        if "float" in str(field.type) and isinstance(values.get(field.name), int):
            values[field.name] = float(values[field.name])
    return build(**values)
