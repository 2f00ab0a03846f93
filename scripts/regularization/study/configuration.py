"""The configuration: `config.yaml` read, checked and turned into records with every default filled in.

No torch and no pandas here: the Snakefile reads the configuration at every start.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from regularization.settings import Setting, built_setting, setting_class
from regularization.study.checking.access import check_size
from regularization.study.checking.rules import problems
from regularization.system.errors import UserError, in_words


class ConfigurationError(UserError):
    """The configuration cannot be used; the message lists everything that is wrong with it."""


@dataclass(frozen=True)
class Execution:
    """How an experiment's runs are packed into jobs."""

    dtype: str  # float32 | float64
    seed_block: int  # seeds 0 … seed_block − 1 form the first block, and so on
    cohort_by: tuple[str, ...]  # the columns that name a cohort


@dataclass(frozen=True)
class Entry:
    """A part of the study: all combinations of its settings, methods, λ, p and seeds."""

    experiment: str
    settings: tuple[str, ...]
    methods: tuple[str, ...]
    lam: tuple[float, ...]  # () where no method of the entry has a λ
    p: tuple[tuple[float, ...], ...]  # as written: 0.5 → (0.5,), [0.2, 0.5] → (0.2, 0.5)
    optimal_lam: bool  # each setting's λ* too
    seeds: int  # seeds 0 … seeds − 1
    data_seeds: int  # every seed with data seeds 0 … data_seeds − 1; 0: each seed with its own
    predictions: bool  # store the predictions of its runs
    account: bool  # split the risk of its runs into parts
    probes: bool  # probe its networks once they are trained


@dataclass(frozen=True)
class Gate:
    """A condition the study rests on: `metric` of `method` at its weakest (λ = 0, p = 0) is `at_least` this."""

    experiment: str
    settings: tuple[str, ...]
    method: str
    metric: str
    at_least: float


@dataclass(frozen=True)
class Configuration:
    """The whole study. `study` and `gates` hold what belongs to `experiments`; the catalogue is complete."""

    results: Path
    device: str  # auto | cpu | cuda
    experiments: tuple[str, ...]
    fashion_mnist_folder: Path | None
    execution: Mapping[str, Execution]  # by experiment
    settings: Mapping[str, Mapping[str, Setting]]  # by experiment and name, defaults filled in
    study: tuple[Entry, ...]
    gates: tuple[Gate, ...]

    @property
    def needs_images(self) -> bool:
        """Whether one of its experiments trains on Fashion-MNIST."""
        return any(setting_class(experiment).needs_images for experiment in self.experiments)

    def as_json(self, indent: int | None = 2) -> str:
        """The configuration as JSON in the form of `config.yaml`, with every default spelled out; None: on one line."""
        folder = self.fashion_mnist_folder
        return json.dumps(
            {
                "results": str(self.results),
                "device": self.device,
                "experiments": self.experiments,
                "fashion_mnist": {"folder": None if folder is None else str(folder)},
                "execution": {experiment: asdict(execution) for experiment, execution in self.execution.items()},
                "settings": {
                    experiment: {name: asdict(setting) for name, setting in catalogue.items()}
                    for experiment, catalogue in self.settings.items()
                },
                "study": [_entry_as_written(entry) for entry in self.study],
                "gates": [asdict(gate) for gate in self.gates],
            },
            indent=indent,
        )

    @staticmethod
    def from_json(text: str) -> Configuration:
        """Inverse of `as_json`. The text is trusted: it was checked when it was written."""
        return _built(json.loads(text))

    @staticmethod
    def read(path: Path) -> Configuration:
        """Read what `as_json` wrote, from a file or, for "-", from standard input.

        Raises:
            ConfigurationError: if it is not what `as_json` writes.
        """
        name = "standard input" if str(path) == "-" else str(path)
        try:
            return Configuration.from_json(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            problem = f"{name} is no JSON, or was cut short ({error})"
        except (KeyError, TypeError, AttributeError) as error:
            problem = f"{name} is no resolved configuration of this version ({type(error).__name__}: {error})"
        raise ConfigurationError(f"{problem}: delete it and run make again")


def load(paths: Sequence[Path | str], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read YAML files and merge them as `snakemake --configfile` does: mappings key by key, everything else replaced.

    Args:
        paths: the files, later ones over earlier ones.
        overrides: merged last, like `--config`.

    Raises:
        ConfigurationError: if a file is missing, is not YAML, gives a key twice or is not a mapping.
    """
    merged: dict[str, Any] = {}
    for layer in [*(_read(Path(path)) for path in paths), overrides or {}]:
        merged = _merged(merged, layer)
    return merged


def validated(
    config: Mapping[str, Any], *, check_machine: bool = True, check_device: bool | None = None
) -> Configuration:
    """Check a configuration and fill in its defaults.

    Args:
        config: what `load` or Snakemake read.
        check_machine: also require the device, the data folder and a writable results folder on *this* machine;
            switch it off where the work has been checked before.
        check_device: the device alone, where it is another machine that trains (None: as `check_machine`).

    Raises:
        ConfigurationError: listing every problem: key, value given, what is allowed, and the nearest valid name.
    """
    found = problems(
        config, check_machine=check_machine, check_device=check_machine if check_device is None else check_device
    )
    if found:
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        raise ConfigurationError(f"the configuration has {count}:\n" + "\n".join(f"  {problem}" for problem in found))
    return _built(config)


def _built(config: Mapping[str, Any]) -> Configuration:
    folder = config["fashion_mnist"]["folder"]
    experiments = tuple(config["experiments"])
    return Configuration(
        results=Path(config["results"]).expanduser(),
        device=config["device"],
        experiments=experiments,
        fashion_mnist_folder=None if folder is None else Path(folder).expanduser(),
        execution={
            experiment: Execution(value["dtype"], value["seed_block"], tuple(value["cohort_by"]))
            for experiment, value in config["execution"].items()
        },
        settings={
            experiment: {name: built_setting(experiment, given) for name, given in catalogue.items()}
            for experiment, catalogue in config["settings"].items()
        },
        study=tuple(_entry(entry) for entry in config["study"] if entry["experiment"] in experiments),
        gates=tuple(
            Gate(gate["experiment"], tuple(gate["settings"]), gate["method"], gate["metric"], float(gate["at_least"]))
            for gate in config["gates"]
            if gate["experiment"] in experiments
        ),
    )


def _entry(entry: Mapping[str, Any]) -> Entry:
    return Entry(
        experiment=entry["experiment"],
        settings=tuple(entry["settings"]),
        methods=tuple(entry["methods"]),
        lam=tuple(float(value) for value in entry.get("lam", ())),
        p=tuple(
            tuple(float(layer) for layer in value) if isinstance(value, (list, tuple)) else (float(value),)
            for value in entry.get("p", ())
        ),
        optimal_lam=entry.get("optimal_lam", False),
        seeds=entry["seeds"],
        data_seeds=entry.get("data_seeds", 0),
        predictions=entry.get("predictions", False),
        account=entry.get("account", False),
        probes=entry.get("probes", False),
    )


def _entry_as_written(entry: Entry) -> dict[str, Any]:
    written = asdict(entry)
    written["p"] = [value[0] if len(value) == 1 else value for value in entry.p]
    if not entry.data_seeds:
        del written["data_seeds"]
    return {key: value for key, value in written.items() if value != () and value != []}


def _merged(base: Any, over: Mapping[str, Any]) -> Any:
    """`snakemake.utils.update_config` without its import, which takes a second; an empty mapping changes nothing."""
    if not over:
        return base
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in over.items():
        merged[key] = _merged(merged.get(key, {}), value) if isinstance(value, Mapping) else value
    return merged


class _UniqueKeyLoader(yaml.SafeLoader):
    """Plain YAML would silently keep the last of two equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = []
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":  # <<: another mapping's keys, which may be given anew
                continue
            key = self.construct_object(key_node, deep=True)
            if key in keys:
                problem = f"the key {key!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            keys.append(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
        check_size(content)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"there is no configuration file {path} (looked in {Path.cwd()}): check its name"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not text in UTF-8 (from byte {error.start} on): save it as UTF-8"
        ) from error
    except OSError as error:
        raise ConfigurationError(in_words(error)) from error
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        of_form = isinstance(error, (yaml.scanner.ScannerError, yaml.parser.ParserError))
        remedy = "indent with spaces only; close quotes and brackets" if of_form else "correct it or take it out"
        raise ConfigurationError(f"{path}{where}: not valid YAML: {error.problem} ({remedy})") from error
    except (yaml.YAMLError, ValueError) as error:  # characters or numbers that cannot be read, too many of them
        reason = str(error).splitlines()[0]
        raise ConfigurationError(f"{path} cannot be read: {reason}: correct or delete that value") from error
    except RecursionError as error:
        raise ConfigurationError(
            f"{path} is nested too deeply. Allowed: a list in a list in a list, and no deeper"
        ) from error
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        got = type(content).__name__
        raise ConfigurationError(
            f"{path} must hold keys and values at its top level, got {got}: write key: value, as in config.yaml"
        )
    return content
