"""The configuration read from files and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from regularization.study.checking.rules import problems
from regularization.study.configuration import Configuration, ConfigurationError, plain
from regularization.system.errors import in_words
from regularization.system.image_sets import FASHION_MNIST

MAX_VALUES = 1_000_000  # of a configuration file


def load(paths: Sequence[Path | str], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read YAML files and merge them as `snakemake --configfile` does: mappings key by key, everything else replaced.

    Later files go over earlier ones, and `overrides` over all, like `--config`. Raises `ConfigurationError` if a file
    is missing, is not YAML, gives a key twice or is not a mapping.
    """
    merged: dict[str, Any] = {}
    for layer in [*(_read(Path(path)) for path in paths), overrides or {}]:
        merged = _merged(merged, layer)
    return merged


def validated(
    config: Mapping[str, Any], *, check_machine: bool = True, check_device: bool | None = None
) -> Configuration:
    """Check a configuration, as `load` or Snakemake read it, and fill in its defaults.

    `check_machine` also requires the device, the data folder and a writable results folder on *this* machine; switch it
    off where the work has been checked before. `check_device` is of the device alone, where another machine trains
    (None: as `check_machine`). Raises `ConfigurationError`, listing every problem: key, value given, what is allowed,
    and the nearest valid name.
    """
    found = problems(
        config, check_machine=check_machine, check_device=check_machine if check_device is None else check_device
    )
    if found:
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        raise ConfigurationError(f"the configuration has {count}:\n" + "\n".join(f"  {problem}" for problem in found))
    return with_images(Configuration.of(plain(config)))


def with_images(study: Configuration) -> Configuration:
    """Check the folder of images that a study names, and note its files' checksums, so that other files train anew.

    Raises `ConfigurationError` naming the first wrong file. What was fetched and is known is not looked at again.
    """
    images = study.fashion_mnist
    known = images.name == FASHION_MNIST or images.sha256
    fetched = known and (study.results / "data" / "fetch.json").exists()
    if fetched or not study.needs_images or images.folder is None or not images.folder.is_dir():
        return study
    from regularization.system import fetching  # here: it needs NumPy

    try:
        arrays = fetching.read(images.folder, images.name, images.sha256)
    except fetching.Unavailable as reason:
        remedy = "supply the published file, or write null to look for the data elsewhere"
        remedy += "; other images need a name of their own, fashion_mnist.name"
        raise ConfigurationError(f"fashion_mnist.folder: {reason}; {remedy}") from reason
    sha256 = () if images.name == FASHION_MNIST else tuple(fetching.checksums(arrays).values())
    return replace(study, fashion_mnist=replace(images, sha256=sha256))


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
        _check_size(content)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(_why_unreadable(path, error)) from error
    if content is not None and not isinstance(content, Mapping):
        problem = f"must hold keys and values at its top level, got {type(content).__name__}"
        raise ConfigurationError(f"{path} {problem}: write key: value, as in config.yaml")
    return content or {}


def _why_unreadable(path: Path, error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return f"there is no configuration file {path} (looked in {Path.cwd()}): check its name"
        case OSError():
            return in_words(error)
        case UnicodeDecodeError():
            return f"{path} is not text in UTF-8 (from byte {error.start} on): save it as UTF-8"
        case RecursionError():
            return f"{path} is nested too deeply. Allowed: a list in a list in a list, and no deeper"
        case yaml.MarkedYAMLError():
            where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
            of_form = isinstance(error, (yaml.scanner.ScannerError, yaml.parser.ParserError))
            remedy = "indent with spaces only; close quotes and brackets" if of_form else "correct it or take it out"
            return f"{path}{where}: not valid YAML: {error.problem} ({remedy})"
        case _:  # characters or numbers that cannot be read, too many of them
            return f"{path} cannot be read: {str(error).splitlines()[0]}: correct or delete that value"


def _check_size(value: Any) -> None:
    """Raise `ValueError` unless what YAML read, aliases written out, ends and is no larger than a study can be."""
    sizes: dict[int, int] = {}

    def size(part: Any, outer: tuple[int, ...]) -> int:
        if not isinstance(part, (dict, list)):
            return 1
        if id(part) in outer:
            raise ValueError("an alias (*) stands inside what it stands for")
        if id(part) not in sizes:
            below = part.values() if isinstance(part, dict) else part
            sizes[id(part)] = 1 + sum(size(item, (*outer, id(part))) for item in below)
        return sizes[id(part)]

    if (n := size(value, ())) > MAX_VALUES:
        raise ValueError(f"it holds {n:,} values, more than {MAX_VALUES:,}")
