"""What is wrong with a configuration, in sentences that a newcomer can act on; pydantic's errors among them."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import ValidationError

from regularization.study.configuration import adapter
from regularization.system.suggestions import not_one_of, shown

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it is, and what was given and what is allowed there."""

    path: KeyPath
    text: str

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.text}"


def path_text(path: KeyPath) -> str:
    """("study", 3, "lam", 2) → "study[3].lam[2]"."""
    names = [part if isinstance(part, int) or part.isprintable() else json.dumps(part)[1:-1] for part in path]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in names)
    return text.removeprefix(".") or "the configuration"


def type_problems(config: Any) -> list[Problem]:
    """Every place where a `plain` configuration with text keys is not what the records say."""
    try:
        adapter().validate_python(config)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # A list whose items are all wrong is called too short as well.
        return [_answer(one, config) for one in errors if not (one["type"] == "too_short" and one["input"])]
    return []


def with_text_keys(value: Any, path: KeyPath, found: list[Problem]) -> Any:
    """A copy in dictionaries and tuples; keys that are not text, and broken text, are added to `found`."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                text = f"{shown(key)} is not text to YAML: let the key start with a letter, or put it in quotes."
                found.append(Problem((*path, str(key)), text))
            elif _key(key) != key:
                found.append(Problem((*path, _key(key)), _HALF.format(shown(key))))
        return {_key(key): with_text_keys(item, (*path, _key(key)), found) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(with_text_keys(item, (*path, i), found) for i, item in enumerate(value))
    if isinstance(value, str) and _key(value) != value:
        found.append(Problem(path, _HALF.format(shown(value))))
    return value


_HALF = "{} holds half a character: correct it or delete it."


def _key(key: Any) -> str:
    """A key as text that every program can take; halves of characters (surrogates) by their code."""
    return str(key).encode("utf-8", "backslashreplace").decode()


def repeat_problems(config: Any, path: KeyPath = ()) -> Iterator[Problem]:
    """Items of a list that were given before, where the schema wants each once; None is no item."""
    is_list = isinstance(config, tuple)
    for key, item in enumerate(config) if is_list else config.items() if isinstance(config, dict) else ():
        yield from repeat_problems(item, (*path, key))
        part = _part(path) if is_list and item is not None and item in config[:key] else {}
        if any("uniqueItems" in option for option in part.get("anyOf", [part])):
            text = f"{shown(item)} was given before, as item [{config.index(item)}]: give each value once."
            yield Problem((*path, key), text)


def allowed(path: KeyPath) -> str:
    """What a key may have, in words."""
    return in_words(_part(path))


# --- pydantic's errors ----------------------------------------------------------------------------------------


def _answer(error: Mapping[str, Any], config: Any) -> Problem:
    kind, given, place = error["type"], error["input"], error["loc"]
    path = _in_file(place, config)
    if kind == "missing":
        path = (*path, place[-1])
        text = f"is missing. Allowed: {allowed(path)}."
    elif kind in ("unexpected_keyword_argument", "extra_forbidden"):
        text = not_one_of("a key here", path[-1], _part(path[:-1])["properties"])
    elif kind == "literal_error":
        text = not_one_of("allowed", given, _part(path)["enum"])
    elif kind in ("too_short", "string_too_short"):
        text = f"{shown(given)} is empty. Allowed: {allowed(path)}, at least one."
    elif kind == "string_too_long":
        text = f"{shown(given)} is too long. Allowed: {allowed(path)}."
    elif kind == "string_pattern_mismatch":
        rule = "use letters, digits, _, . and -, a letter first, at most 60 (names become parts of file names)"
        text = f"{shown(given)} is not a name: {rule}."
    elif kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        text = f"{shown(given)} is out of range. Allowed: {allowed(path)}."
    else:  # another type
        part = _part(path)
        kinds = [option["type"] for option in part.get("anyOf", [part])]
        text = f"{_why_wrong(given, kinds)} Allowed: {in_words(part)}."
    return Problem(path, text)


def _in_file(place: KeyPath, config: Any) -> KeyPath:
    """The part of an error's place that is in the configuration: pydantic goes on, into the one p that is no list."""
    path: list[str | int] = []
    for part in place:
        keys = config if isinstance(config, dict) else range(len(config)) if isinstance(config, tuple) else ()
        if part not in keys:
            break
        path.append(part)
        config = config[part]
    return tuple(path)


def _why_wrong(given: Any, kinds: list[str]) -> str:
    if given is None:
        return "nothing was given."
    if "number" in kinds or "integer" in kinds:
        if isinstance(given, str) and _is_number(given):
            return f"{shown(given)} is text to YAML, not a number: write {_as_yaml_numbers(given)}."
        if isinstance(given, bool):
            return f"{shown(given)} is a yes/no value, not a number."
        if isinstance(given, float) and not math.isfinite(given):
            return f"{shown(given)} is not a finite number."
        if isinstance(given, float):
            return f"{shown(given)} is not a whole number" + (f": write {int(given)}." if given.is_integer() else ".")
    if kinds == ["array"] and not isinstance(given, dict):
        plain = isinstance(given, str) and given.isprintable()  # else it might not stay in its line
        return f"{shown(given)} is not a list: write [{given if plain else shown(given)}]."
    return f"{shown(given)} is not allowed."


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _as_yaml_numbers(text: str) -> str:
    """YAML wants a decimal point and a signed exponent: "1e-3" → "0.001 or 1.0e-3"."""
    value = Decimal(text.strip())
    if "e" not in text.lower():
        return f"{value:f} without quotes"
    mantissa, exponent = f"{value:e}".split("e")
    return f"{value:f} or {mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"


# --- the JSON schema in words ---------------------------------------------------------------------------------


@cache
def schema() -> dict[str, Any]:
    """The JSON schema that pydantic makes of the records."""
    return adapter().json_schema()


def resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the schema, or what it refers to."""
    return schema()["$defs"][part["$ref"].removeprefix("#/$defs/")] if "$ref" in part else part


def _part(path: KeyPath) -> Mapping[str, Any]:
    """What the schema says of a key; a setting's name stands for all names."""
    part: Mapping[str, Any] = schema()
    for step in path:
        if isinstance(step, int):
            part = next(option for option in part.get("anyOf", [part]) if "items" in option)["items"]
        else:
            part = part["properties"][step] if "properties" in part else next(iter(part["patternProperties"].values()))
        part = resolved(part)
    return part


def in_words(part: Mapping[str, Any]) -> str:
    """What a part of the schema accepts, in words."""
    if "anyOf" in part:
        return " or ".join(map(in_words, part["anyOf"]))
    if "enum" in part:
        return "one of " + ", ".join(part["enum"])
    kind = resolved(part)["type"]
    if kind in ("number", "integer"):
        noun = "a number" if kind == "number" else "a whole number"
        if "maximum" in part:
            return f"{noun} from {part['minimum']} to {part['maximum']}"
        if "exclusiveMinimum" in part:
            return f"{noun} > {part['exclusiveMinimum']}"
        return f"{noun} ≥ {part['minimum']}" if "minimum" in part else noun
    if kind == "array":
        return f"a list, each item {in_words(part['items'])}"
    if "maxLength" in part:
        return f"text of at most {part['maxLength']} characters"
    return {"string": "text", "object": "keys ({} for none)", "boolean": "true or false", "null": "null"}[kind]
