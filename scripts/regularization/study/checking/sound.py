"""Looking into what is sound in a configuration, where None stands for whatever is wrong."""

from collections.abc import Collection
from typing import Any

from regularization.study.checking.problems import KeyPath


def without(wrong: Collection[KeyPath], value: Any, path: KeyPath = ()) -> Any:
    """A copy of a configuration with None in the places that are wrong."""
    if path in wrong:
        return None
    if isinstance(value, dict):
        return {key: without(wrong, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(without(wrong, item, (*path, i)) for i, item in enumerate(value))
    return value


def below(value: Any, *path: str) -> Any:
    """The value at a path, or None."""
    for part in path:
        value = None if value is None else value.get(part)
    return value


def items(values: tuple[Any, ...] | None) -> list[tuple[int, Any]]:
    """The items of a list that are sound (of lists in it: in all their items), with their positions."""
    found = enumerate(values or ())
    return [(i, item) for i, item in found if item is not None and not (isinstance(item, tuple) and None in item)]


def catalogue(config: Any, experiment: str) -> dict[str, Any]:
    """An experiment's settings as they are written, by name."""
    return below(config, "settings", experiment) or {}


def position(config: Any, path: KeyPath) -> tuple[int, ...]:
    """Where a key stands in the file, for sorting; what is missing comes after what is there."""
    place: list[int] = []
    for part in path:
        keys = list(config) if isinstance(config, dict) else [*range(len(config))] if isinstance(config, tuple) else []
        place.append(keys.index(part) if part in keys else len(keys))
        config = config[part] if part in keys else None
    return tuple(place)
