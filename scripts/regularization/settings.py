"""Settings: the named variants of the two experiments' tasks. The defaults *are* the chapter's values.

Plain records without torch, so that planning and checking a configuration stay fast. A field's type says what
`config.yaml` may give, the text below it what it means: pydantic reads both (study/configuration.py), to check and to
document. Training imports this module: a changed type or default trains anew, a changed text does not
(study/fingerprint.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

Count = Annotated[int, Field(strict=True, ge=1)]
Epochs = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Number = Annotated[float, Field(strict=True)]
NonNegative = Annotated[float, Field(strict=True, ge=0)]
Positive = Annotated[float, Field(strict=True, gt=0)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]

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

    n_train: Count = 20
    """Training samples, n."""
    n_validation: Count = 100
    """Validation samples."""
    n_test: Count = 100
    """Test samples."""
    n_features: Count = 200
    """Features, d."""
    true_weight: Number = 0.01
    """Every component of the true weights w*."""
    true_bias: Number = 0.05
    """The true bias."""
    noise_std: NonNegative = 0.01
    """Standard deviation σ of the noise."""
    init_std: NonNegative = 1.0
    """Initial weights w₀ ~ N(0, init_std²)."""
    bias_init_std: NonNegative = 0.0
    """Initial bias b₀ ~ N(0, bias_init_std²); 1 in the chapter's concise version."""
    loss: Literal["half_squared_error", "squared_error"] = "half_squared_error"
    """What SGD descends: (ŷ − y)²/2 or (ŷ − y)²."""
    learning_rate: Positive = 0.003
    """Learning rate η."""
    schedule: Literal["constant", "cosine"] = "constant"
    """The learning rate stays, or falls to 0 along half a cosine."""
    batch_size: Count = 5
    """Samples of a minibatch, at most n_train (which means full batch)."""
    epochs: Epochs = 100
    """Passes over the training set."""

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

    n_train: Count = 60_000
    """Training images: at most 60,000, with images: blocks at most 50,000."""
    images: Literal["all", "blocks"] = "all"
    """all: every seed trains on the first n_train images; blocks: seed s on block s of 50,000."""
    hidden: Annotated[tuple[Count, ...], Field(strict=True)] = (256, 256)
    """Units of each hidden layer; [] for a linear model."""
    random_labels: Share = 0.0
    """Share of the training labels that are replaced by uniformly random ones."""
    init_std: NonNegative | None = None
    """Initial weights ~ N(0, init_std²), biases as in PyTorch; null: weights as in PyTorch too."""
    learning_rate: Positive = 0.5
    """Learning rate η."""
    schedule: Literal["constant", "cosine"] = "constant"
    """The learning rate stays, or falls to 0 along half a cosine."""
    batch_size: Count = 256
    """Images of a minibatch, at most n_train."""
    epochs: Epochs = 10
    """Passes over the training set."""

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
EXPERIMENTS = tuple(SETTING_OF)
