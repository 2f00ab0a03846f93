"""The configuration as records: what `config.yaml` may say, with types, limits, defaults and meaning of every key.

The records are plain dataclasses. A field's type says what may be written, the text below it what it means; pydantic
reads both to check a configuration, and `reference.py` to write its JSON schema and its documentation. Rules between
keys are in checking/. No torch and no pandas here: the Snakefile reads the configuration at every start.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from typing_extensions import TypedDict

from regularization.columns import METRICS
from regularization.settings import EXPERIMENTS, Count, NonNegative, Number, Setting, Share, setting_class
from regularization.system.errors import UserError
from regularization.system.image_sets import FASHION_MNIST

MAX_SEEDS = 1_000_000


class ConfigurationError(UserError):
    """The configuration cannot be used; the message lists everything that is wrong with it."""


def _written_as(written: Any, read: Callable[[Any], Any] = lambda value: value) -> GetPydanticSchema:
    """A field that is written as another type than it is kept in."""
    return GetPydanticSchema(lambda _, handler: handler(Annotated[written, AfterValidator(read)]))


def _one_of(names: Iterable[str]) -> GetPydanticSchema:
    return _written_as(Literal.__getitem__(tuple(names)))


def _by_experiment(name: str, kinds: Mapping[str, Any]) -> GetPydanticSchema:
    """Every experiment's own part, none left out."""
    return _written_as(TypedDict(name, dict(kinds)))  # type: ignore[operator]


T = TypeVar("T")
Some = Annotated[tuple[T, ...], Field(strict=True, json_schema_extra={"uniqueItems": True})]
Several = Annotated[Some[T], Field(min_length=1)]
Text = Annotated[str, Field(strict=True)]
Sentence = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=300)]
Switch = Annotated[bool, Field(strict=True)]
Name = Annotated[str, Field(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,59}$")]
ImageSet = Annotated[str, Field(strict=True, max_length=60, pattern=r"^[A-Za-z][A-Za-z0-9]*([ _.+-][A-Za-z0-9]+)*$")]
Folder = Annotated[
    Path, _written_as(Annotated[str, Field(strict=True, min_length=1)], lambda text: Path(text).expanduser())
]
Experiment = Annotated[str, _one_of(EXPERIMENTS)]
Layers = Annotated[tuple[Share, ...], Field(strict=True, min_length=1)]
P = Annotated[
    Layers, BeforeValidator(lambda p: p if isinstance(p, tuple) else (p,), json_schema_input_type=Share | Layers)
]


@dataclass(frozen=True)
class Data:
    """The images that networks are trained on, and where they come from."""

    folder: Folder | None
    """Folder with the four files *-ubyte, plain or as .gz; null: look for them, then download them."""
    name: ImageSet = FASHION_MNIST
    """What the report calls them. Fashion-MNIST, MNIST, KMNIST and EMNIST digits can be downloaded; others, of the same
    format, need a folder."""
    sha256: Several[Text] = ()
    """SHA-256 of the four decompressed files (training images and labels, test images and labels) of others than
    Fashion-MNIST; left out: those of the folder's files, which are recorded."""

    def as_options(self) -> list[str]:
        """The set as options of a program; none for Fashion-MNIST, whose SHA-256 are known."""
        sha256 = ["--sha256", *self.sha256] if self.sha256 else []
        return [] if self.name == FASHION_MNIST else ["--name", self.name, *sha256]


@dataclass(frozen=True)
class Execution:
    """How an experiment's runs are packed into jobs."""

    dtype: Literal["float32", "float64"]
    """Floating-point numbers it is trained in."""
    seed_block: Count
    """Seeds of a block, which are trained together: the first block is seeds 0 … seed_block − 1, and so on."""
    cohort_by: Several[Literal["setting", "method", "n_train", "lam", "p", "seed_block"]]
    """Columns that name a cohort, method and seed_block among them: one job trains what agrees in them."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A part of the study: all combinations of its settings, methods, λ, p and seeds."""

    experiment: Experiment
    """The experiment it belongs to."""
    settings: Several[Text]
    """Names from the experiment's catalogue of settings."""
    methods: Several[Text]
    """Methods of the experiment: file names in scripts/regularization/methods/, followed by `:name=value` for each
    hyperparameter that is not to have its default."""
    lam: Several[NonNegative] = ()
    """λ, where a method of the entry has one."""
    p: Several[P] = ()
    """p, of most a dropout probability, where a method of the entry has one: a number for all layers, or a list."""
    optimal_lam: Switch = False
    """Add each setting's λ* = dσ²/(n‖w*‖²) to lam; linear_regression only."""
    seeds: Annotated[int, Field(strict=True, ge=1, le=MAX_SEEDS)]
    """How many seeds: 0, 1, …, seeds − 1."""
    data_seeds: Annotated[int, Field(strict=True, ge=0, le=MAX_SEEDS)] = 0
    """Cross every seed with so many data seeds 0, 1, …; 0: each seed has its own data."""
    predictions: Switch = False
    """Store the predictions of its runs."""
    account: Switch = False
    """Split the risk of its runs into parts, for methods that are affine in the data; linear_regression only."""
    probes: Switch = False
    """Probe its networks once they are trained (noise, occlusion, co-adaptation, …); fashion_mnist only."""


@dataclass(frozen=True)
class Gate:
    """A condition the study rests on, checked after training: the runs of a method reach a bar."""

    experiment: Experiment
    """The experiment it belongs to."""
    settings: Several[Text]
    """Names from the experiment's catalogue of settings."""
    method: Text
    """A method of the experiment; all its λ and p count."""
    metric: Annotated[str, _one_of(METRICS)]
    """What is measured, as in the table runs."""
    at_least: Number
    """The bar: accuracies from 0 to 1."""
    of: Literal["worst", "median"] = "worst"
    """What reaches it: every run, or the median of all, which a few that diverged or collapsed do not move."""


@dataclass(frozen=True)
class Configuration:
    """The whole study. `study` and `gates` hold what belongs to `experiments`; the catalogue is complete."""

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    results: Folder
    """Folder of everything that is generated."""
    device: Literal["auto", "cpu", "cuda"]
    """Where networks are trained; auto takes CUDA where there is one."""
    experiments: Several[Experiment]
    """The experiments that are run; entries of study and gates of other experiments are ignored."""
    fashion_mnist: Data
    """The images that networks are trained on, and where they come from."""
    execution: Annotated[Mapping[str, Execution], _by_experiment("Executions", dict.fromkeys(EXPERIMENTS, Execution))]
    """How each experiment's runs are packed into jobs."""
    settings: Annotated[
        Mapping[str, Mapping[str, Setting]],
        _by_experiment("Settings", {name: dict[Name, setting_class(name)] for name in EXPERIMENTS}),
    ]
    """Each experiment's catalogue of settings: name → what differs from the chapter's values. A name has letters,
    digits, _, . and -, a letter first, at most 60 (it becomes part of file names)."""
    study: Annotated[tuple[Entry, ...], Field(strict=True, min_length=1)]
    """What is trained; entries may overlap."""
    gates: Annotated[tuple[Gate, ...], Field(strict=True)]
    """Conditions checked after training."""
    title: Sentence | None = None
    """What the report is called, as plain text; null: weight decay, dropout or both, measured."""
    introduction: Sentence | None = None
    """A sentence of plain text below the report's title; null: which experiments of the textbook were run."""
    claims: Some[Text] | None = None
    """Claims of the chapter that are weighed, by their ids such as c03; null: all of them; []: none. p-values are
    adjusted among those that are weighed."""
    sections: Several[Text] | None = None
    """Sections of the report, by the names of their files in report/sections without number; null: all of them. Only
    figures that they show are drawn."""

    @property
    def needs_images(self) -> bool:
        """Whether one of its experiments trains on images."""
        return any(setting_class(experiment).needs_images for experiment in self.experiments)

    def asks(self, what: str) -> bool:
        """Whether it asks for an experiment, for `claims`, or for what an entry switches on, such as `predictions`."""
        switched_on = any(getattr(entry, what, False) for entry in self.study)
        return what in self.experiments or switched_on or (what == "claims" and self.claims != ())

    @property
    def measured(self) -> str:
        """What its tables follow from, as JSON: without the report's words, and settings that nothing trains."""
        trained = {(entry.experiment, name) for entry in self.study for name in entry.settings}
        settings = {
            experiment: {name: one for name, one in catalogue.items() if (experiment, name) in trained}
            for experiment, catalogue in self.settings.items()
        }
        return replace(self, settings=settings, title=None, introduction=None, claims=None, sections=None).as_json()

    @property
    def digest(self) -> str:
        """The first 16 digits of the SHA-256 of the `config.json` that holds it."""
        return hashlib.sha256(f"{self.as_json()}\n".encode()).hexdigest()[:16]

    def as_json(self, indent: int | None = 2) -> str:
        """The configuration as JSON in the form of `config.yaml`, with every default spelled out; None: on one line."""
        images = {key: value for key, value in asdict(self.fashion_mnist).items() if value != ()}
        written = asdict(self) | {"fashion_mnist": images, "study": [_as_written(entry) for entry in self.study]}
        return json.dumps(written, indent=indent, default=str)

    @staticmethod
    def of(written: Any) -> Configuration:
        """The configuration of a `plain` value, without what belongs to experiments that are not run.

        Raises `pydantic.ValidationError`, naming every value that is not of its key's type.
        """
        read: Configuration = adapter().validate_python(written)
        return replace(
            read,
            study=tuple(entry for entry in read.study if entry.experiment in read.experiments),
            gates=tuple(gate for gate in read.gates if gate.experiment in read.experiments),
        )

    @staticmethod
    def from_json(text: str) -> Configuration:
        """Inverse of `as_json`. The rules between keys were checked when the text was written."""
        return Configuration.of(plain(json.loads(text)))

    @staticmethod
    def read(path: Path) -> Configuration:
        """Read what `as_json` wrote, from a file or, for "-", standard input; `ConfigurationError` if it is none."""
        name = "standard input" if str(path) == "-" else str(path)
        try:
            return Configuration.from_json(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
            problem = f"{name} is no resolved configuration of this version ({reason})"
        except ValueError as error:  # JSON or UTF-8
            problem = f"{name} is no JSON, or was cut short ({error})"
        raise ConfigurationError(f"{problem}: delete it and run make again")


@cache
def adapter() -> TypeAdapter[Configuration]:
    """What pydantic makes of the records: reading, errors and JSON schema."""
    return TypeAdapter(Configuration)


def plain(value: Any) -> Any:
    """A copy in dictionaries and tuples."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return tuple(map(plain, value)) if isinstance(value, (list, tuple)) else value


def _as_written(entry: Entry) -> dict[str, Any]:
    """An entry without what it leaves out, and one p as a number."""
    written = asdict(entry) | {"p": [p[0] if len(p) == 1 else p for p in entry.p]}
    return {key: value for key, value in written.items() if value or key not in ("lam", "p", "data_seeds")}
