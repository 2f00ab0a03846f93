"""What the schema of `config.yaml` finds, turned into sentences that a newcomer can act on."""

from __future__ import annotations

import difflib
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

SCHEMA = Path(__file__).parents[4] / "workflow" / "schemas" / "config.schema.yaml"

# Other names people know some words by; mere spelling mistakes are found without this.
ALIASES = {
    "lr": "learning_rate",
    "sigma": "noise_std",
    "lambda": "lam",
    "wd": "lam",
    "n": "n_train",
    "d": "n_features",
    "gpu": "cuda",
}

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it is, and what was given and what is allowed there."""

    path: KeyPath
    text: str

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.text}"


@cache
def schema() -> dict[str, Any]:
    """The schema of `config.yaml`."""
    content: dict[str, Any] = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    return content


def schema_problems(config: Any) -> Iterator[Problem]:
    """Every place where a configuration (plain dictionaries with text keys, and lists) breaks the schema."""
    for error in _Validator(schema()).iter_errors(config):
        yield from _in_words(error)


def fits(value: Any, definition: str) -> bool:
    """Whether a value satisfies one of the schema's definitions, e.g. "linear_regression"."""
    return bool(_Validator(schema()["$defs"][definition]).is_valid(value))


def is_whole(value: Any) -> bool:
    """True for whole numbers; not for 200.0, which would be a valid integer to JSON schema, and not for true."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """True for numbers that are neither infinite nor NaN, both of which YAML can write."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": lambda _, value: is_whole(value), "number": lambda _, value: is_finite(value)}
    ),
)


# --- wording --------------------------------------------------------------------------------------------------


def path_text(path: KeyPath) -> str:
    """("study", 3, "lam", 2) → "study[3].lam[2]"."""
    names = [part if isinstance(part, int) or part.isprintable() else json.dumps(part)[1:-1] for part in path]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in names)
    return text.removeprefix(".") or "the configuration"


def shown(value: Any) -> str:
    """A value as YAML writes it, cut where it is long."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text if text.isprintable() else json.dumps(value, default=str)  # one line, whatever is in it
    return text if len(text) <= 60 else f"{text[:59]}…"


def not_one_of(kind: str, given: Any, allowed: Iterable[str]) -> str:
    """'"l2_penality" is not a method; did you mean "l2_penalty"? Allowed: …'"""
    names = {name.lower(): name for name in allowed}
    word = str(given).lower()
    near = [ALIASES[word]] if ALIASES.get(word) in names else difflib.get_close_matches(word, names, n=1)
    hint = f"; did you mean {shown(names[near[0]])}?" if near else "."
    listed = ", ".join(name if name.isprintable() else shown(name) for name in names.values())
    return f"{shown(given)} is not {kind}{hint} Allowed: {listed or 'nothing'}."


def allowed_in_entry(key: str) -> str:
    """What an entry of `study` may have for a key, in words."""
    return _allowed(schema()["$defs"]["entry"]["properties"][key])


def _in_words(error: jsonschema.ValidationError) -> Iterator[Problem]:
    path: KeyPath = tuple(error.absolute_path)
    given, rule, part = error.instance, error.validator, error.schema
    if rule == "additionalProperties":
        for key in given:
            if key not in part["properties"]:
                yield Problem((*path, key), not_one_of("a key here", key, part["properties"]))
    elif rule == "required":
        for key in part["required"]:
            if key not in given and f"'{key}'" in error.message:  # one error for each missing key
                yield Problem((*path, key), f"is missing. Allowed: {_allowed(part['properties'][key])}.")
    elif rule == "enum":
        yield Problem(path, not_one_of("allowed", given, part["enum"]))
    elif rule == "type":
        yield Problem(path, _wrong_type(given, part))
    elif rule == "uniqueItems":
        for i, value in enumerate(given):
            if value in given[:i]:
                text = f"{shown(value)} was given before, as item [{given.index(value)}]: give each value once."
                yield Problem((*path, i), text)
    elif rule in ("minItems", "minLength"):
        yield Problem(path, f"{shown(given)} is empty. Allowed: {_allowed(part)}, at least one.")
    elif rule == "pattern":
        rule_of_names = "use letters, digits, _, . and -, a letter first, at most 60 (names become parts of file names)"
        yield Problem((*path, given), f"{shown(given)} is not a name: {rule_of_names}.")
    else:  # minimum, maximum, exclusiveMinimum
        yield Problem(path, f"{shown(given)} is out of range. Allowed: {_allowed(part)}.")


def _allowed(part: Mapping[str, Any]) -> str:
    """What a part of the schema accepts, in words."""
    if "$ref" in part:
        return _allowed(schema()["$defs"][part["$ref"].removeprefix("#/$defs/")])
    if "enum" in part:
        return "one of " + ", ".join(part["enum"])
    kind = part.get("type", "string")
    if isinstance(kind, list):
        return " or ".join(_allowed({**part, "type": one}) for one in kind)
    if kind in ("number", "integer"):
        noun = "a number" if kind == "number" else "a whole number"
        if "maximum" in part:
            return f"{noun} from {part['minimum']} to {part['maximum']}"
        if "exclusiveMinimum" in part:
            return f"{noun} > {part['exclusiveMinimum']}"
        return f"{noun} ≥ {part['minimum']}" if "minimum" in part else noun
    if kind == "array":
        return f"a list, each item {_allowed(part['items'])}"
    return {"string": "text", "object": "keys ({} for none)", "boolean": "true or false", "null": "null"}[kind]


def _wrong_type(given: Any, part: Mapping[str, Any]) -> str:
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    return f"{_why_wrong(given, kinds)} Allowed: {_allowed(part)}."


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
        return f"{shown(given)} is not a list: write [{given if isinstance(given, str) else shown(given)}]."
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
