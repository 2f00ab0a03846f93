"""Looking into a configuration that may be wrong anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regularization.study.checking.schema import KeyPath, Problem, is_finite, shown

MAX_VALUES = 1_000_000  # of a configuration file


def with_text_keys(value: Any, path: KeyPath, found: list[Problem]) -> Any:
    """A copy in plain dictionaries and lists; keys that YAML did not read as text are added to `found`."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                text = f"{shown(key)} is not text to YAML: let the key start with a letter, or put it in quotes."
                found.append(Problem((*path, str(key)), text))
        return {str(key): with_text_keys(item, (*path, str(key)), found) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_text_keys(item, (*path, i), found) for i, item in enumerate(value)]
    return value


def below(value: Any, *path: str) -> Any:
    """The value at a path, or None."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def items(value: Any, *kinds: type) -> list[tuple[int, Any]]:
    """The items of a list that have one of these types, with their positions."""
    found = enumerate(value) if isinstance(value, list) else ()
    return [(i, item) for i, item in found if isinstance(item, kinds) and not isinstance(item, bool)]


def numbers(value: Any) -> list[float]:
    """The finite numbers ≥ 0 of a list."""
    return [item for _, item in items(value, int, float) if is_finite(item) and item >= 0]


def catalogue(config: Any, experiment: str) -> dict[str, Any]:
    """An experiment's settings as they are written, by name."""
    found = below(config, "settings", experiment)
    return found if isinstance(found, dict) else {}


def position(config: Any, path: KeyPath) -> tuple[int, ...]:
    """Where a key stands in the file, for sorting; what is missing comes after what is there."""
    position: list[int] = []
    for part in path:
        keys = list(config) if isinstance(config, dict) else [*range(len(config))] if isinstance(config, list) else []
        position.append(keys.index(part) if part in keys else len(keys))
        config = config[part] if part in keys else None
    return tuple(position)


def check_size(value: Any) -> None:
    """Check that what YAML read, its aliases written out, ends and is no larger than a study can be.

    Raises:
        ValueError: if it does not or is.
    """
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
