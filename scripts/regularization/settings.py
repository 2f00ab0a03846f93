"""Settings: the named variants of the experiments' tasks. The defaults of the two *are* the chapter's values.

Plain records without torch, so that planning and checking a configuration stay fast. A field's type says what
`config.yaml` may give, the text below it what it means: pydantic reads both (study/configuration.py), to check and to
document. Training imports this module: a changed type or default trains anew, a changed text does not
(study/fingerprint.py).
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field

# Every experiment, and where the class of its settings is. Its task is the module training/tasks/ of its name. To add
# one, write that module and a line here; its settings may be in the module, too, if that needs no torch to be imported.
SETTING_OF = {
    "linear_regression": "regularization.settings:LinearRegressionSetting",
    "fashion_mnist": "regularization.settings:FashionMLPSetting",
}
EXPERIMENTS = tuple(SETTING_OF)

Count = Annotated[int, Field(strict=True, ge=1)]
Epochs = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Number = Annotated[float, Field(strict=True)]
NonNegative = Annotated[float, Field(strict=True, ge=0)]
Positive = Annotated[float, Field(strict=True, gt=0)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]

DIVERGED = 10.0  # a run has diverged when its objective ends above so many times its starting value, or not finite
# A classifier has collapsed when it has not diverged and its training loss had at some recorded epoch fallen below
# FALLEN times its start, but its objective ends no lower than it started, or its training accuracy at most AT_CHANCE
# above that of guessing.
FALLEN = 0.9
AT_CHANCE = 0.02
POOL = 50_000  # Fashion-MNIST images that `blocks` settings draw from; the other 10,000 of 60,000 are validation


def scheduled(learning_rate: float, schedule: str, step: int, steps: int) -> float:
    """η at SGD step `step` of `steps`, counted from 0: constant, or half a cosine from η down to 0."""
    if schedule == "constant":
        return learning_rate
    return learning_rate * (1 + math.cos(math.pi * step / steps)) / 2


class Setting:
    """The base of every experiment's settings: what they have in common, and what the experiment declares of itself.

    The settings of an experiment are a frozen data class whose fields are the parameters of its task.
    """

    title: ClassVar[str]  # the experiment in words
    metrics: ClassVar[tuple[str, ...]]  # those of `columns.METRICS` that its task measures
    curve: ClassVar[tuple[str, ...]] = ("train_loss", "test_loss")  # those that a live curve shows
    tuned: ClassVar[tuple[str, ...]] = ()  # those by which its methods' strengths are compared
    flattered: ClassVar[tuple[str, ...]] = ()  # those that look better where test data choose the strength
    offers: ClassVar[tuple[str, ...]] = ()  # of "optimal_lam", "account", "probes": what entries of the study may ask
    predicts: ClassVar[Literal["parameters", "classes"] | None] = None  # what bias and variance are split from
    needs_images: ClassVar[bool] = False  # trains on Fashion-MNIST
    speed: ClassVar[float] = 1e9  # multiply–adds a second on one core, everything included: a first guess anywhere
    predicted_mb: ClassVar[float] = 0.0  # memory that the predictions of a run take, and what is made of them
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    n_train: int
    hidden: tuple[int, ...]  # units of the hidden layers
    learning_rate: float
    schedule: Literal["constant", "cosine"]
    batch_size: int
    epochs: int

    @property
    def n_p(self) -> int:
        """Dropout follows every hidden layer: one p each."""
        return len(self.hidden)

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.n_train // self.batch_size)

    @property
    def disjoint_seeds(self) -> int | None:
        """How many seeds, from 0 on, have training sets that share nothing; None: all, as data are drawn anew."""
        return None

    @property
    def has_validation(self) -> bool:
        """Whether data are kept for validation."""
        return False

    @property
    def multiply_adds(self) -> float:
        """Multiply–adds that training on one sample once takes."""
        raise NotImplementedError

    @property
    def inputs_mb(self) -> float:
        """Megabytes of the inputs drawn for one seed."""
        return 0.0


@dataclass(frozen=True)
class LinearRegressionSetting(Setting):
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

    hidden = ()  # a linear model is a network without hidden layers
    n_p = 1  # dropout acts on the inputs: one p

    title = "weight decay, linear regression"
    metrics = ("train_loss", "validation_loss", "test_loss", "weight_norm", "risk", "null_space_norm")
    curve = ("train_loss", "test_loss", "risk")
    tuned = ("risk",)
    flattered = ("test_loss",)  # the exact risk is no estimate
    offers = ("optimal_lam", "account")
    predicts = "parameters"
    speed = 0.5e9
    has_validation = True

    @property
    def multiply_adds(self) -> float:
        return 2.0 * self.n_features

    @property
    def inputs_mb(self) -> float:
        return 8e-6 * self.n_features * (self.n_train + self.n_validation + self.n_test)


@dataclass(frozen=True)
class FashionMLPSetting(Setting):
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

    title = "dropout, network"
    metrics = (
        *("train_loss", "validation_loss", "test_loss"),
        *("train_accuracy", "validation_accuracy", "test_accuracy", "weight_norm"),
    )
    curve = ("train_loss", "validation_loss", "test_loss")
    tuned = flattered = ("test_loss", "test_accuracy")
    offers = ("probes",)
    predicts = "classes"
    needs_images = True
    speed = 20e9
    predicted_mb = 20

    @property
    def disjoint_seeds(self) -> int:
        """How many seeds, from 0 on, have training sets without an image in common; 1 where all share theirs."""
        return POOL // self.n_train if self.images == "blocks" else 1

    @property
    def has_validation(self) -> bool:
        return self.images == "blocks"

    @property
    def multiply_adds(self) -> float:
        first, *others = (a * b for a, b in pairwise((784, *self.hidden, 10)))
        return 2.0 * first + 3.0 * sum(others)  # nothing needs the gradient of the images


SomeSetting = TypeVar("SomeSetting", bound=Setting)


@cache
def setting_class(experiment: str) -> type[Setting]:
    """The class of an experiment's settings, whose defaults are its chapter's values."""
    kind: type[Setting] = resolve_name(SETTING_OF[experiment])
    return kind


def of_kind(kind: type[SomeSetting], settings: Mapping[str, Setting]) -> dict[str, SomeSetting]:
    """The settings of one experiment, by name, as the class that they are."""
    return {name: setting for name, setting in settings.items() if isinstance(setting, kind)}
