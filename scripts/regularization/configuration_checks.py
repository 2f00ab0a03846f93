"""Everything that can be wrong with a configuration, found at once and said so that a newcomer can repair it.

The schema (workflow/schemas/config.schema.yaml) says which keys there are and what each may hold; this file turns its
findings into sentences and adds the rules between keys.
"""

from __future__ import annotations

import difflib
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from regularization.methods import Method, method_class, method_names
from regularization.settings import EXPERIMENTS, SETTING_OF, Setting

SCHEMA = Path(__file__).parents[2] / "workflow" / "schemas" / "config.schema.yaml"
N_IMAGES = {"all": 60_000, "blocks": 50_000}  # training images of Fashion-MNIST; blocks keep 10,000 for validation
COHORT_COLUMNS = ("setting", "method", "lam", "p", "seed_block")  # and every parameter of the experiment's settings
NO_VALUES = {  # metrics that an experiment does not have
    "weight_decay": ("train_accuracy", "validation_accuracy", "test_accuracy"),
    "dropout": ("risk", "null_space_norm"),
}
# Names people know some keys by; mere spelling mistakes are found without this.
ALIASES = {"lr": "learning_rate", "sigma": "noise_std", "lambda": "lam", "wd": "lam", "n": "n_train", "d": "n_features"}

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it is, and what was given and what is allowed there."""

    path: KeyPath
    text: str

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.text}"


def problems(config: Mapping[str, Any], *, check_machine: bool) -> list[Problem]:
    """Return every problem of a configuration, in the order of its keys."""
    found: list[Problem] = []
    plain = _with_text_keys(config, (), found)
    found += _schema_problems(plain)
    found += _setting_problems(plain)
    found += _cohort_problems(plain)
    found += _study_problems(plain)
    found += _gate_problems(plain)
    if check_machine:
        found += _machine_problems(plain)
    return sorted(found, key=lambda problem: _position(plain, problem.path))


# --- wording --------------------------------------------------------------------------------------------------


def path_text(path: KeyPath) -> str:
    """("study", 3, "lam", 2) → "study[3].lam[2]"."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "the configuration"


def shown(value: Any) -> str:
    """A value as YAML writes it, cut where it is long."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def not_one_of(kind: str, given: Any, allowed: Iterable[str]) -> str:
    """'"l2_penality" is not a method; did you mean "l2_penalty"? Allowed: …'"""
    names = {name.lower(): name for name in allowed}
    word = str(given).lower()
    near = [ALIASES[word]] if ALIASES.get(word) in names else difflib.get_close_matches(word, names, n=1)
    hint = f'; did you mean "{names[near[0]]}"?' if near else "."
    return f"{shown(given)} is not {kind}{hint} Allowed: {', '.join(names.values()) or 'nothing'}."


def _allowed(schema: Mapping[str, Any]) -> str:
    """What a schema accepts, in words."""
    schema = _resolved(schema)
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kinds = schema.get("type", "string")
    if isinstance(kinds, list):
        return " or ".join(_allowed({**schema, "type": kind}) for kind in kinds)
    if kinds in ("number", "integer"):
        noun = "a number" if kinds == "number" else "a whole number"
        if "maximum" in schema:
            return f"{noun} from {schema['minimum']} to {schema['maximum']}"
        if "exclusiveMinimum" in schema:
            return f"{noun} > {schema['exclusiveMinimum']}"
        return f"{noun} ≥ {schema['minimum']}" if "minimum" in schema else noun
    if kinds == "array":
        return f"a list, each item {_allowed(schema['items'])}" if "items" in schema else "a list"
    return {"string": "text", "object": "a group of keys", "boolean": "true or false", "null": "null"}[kinds]


def _wrong_type(given: Any, schema: Mapping[str, Any]) -> str:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    allowed = f"Allowed: {_allowed(schema)}."
    if "number" in kinds or "integer" in kinds:
        if isinstance(given, str) and _is_number(given):
            return f"{shown(given)} is text to YAML, not a number: write {_as_yaml_numbers(given)}. {allowed}"
        if isinstance(given, bool):
            return f"{shown(given)} is a yes/no value, not a number. {allowed}"
        if isinstance(given, float) and given.is_integer():
            return f"{shown(given)} is not a whole number: write {int(given)}. {allowed}"
        if isinstance(given, float) and not math.isfinite(given):
            return f"{shown(given)} is not a finite number. {allowed}"
    if kinds == ["array"] and not isinstance(given, (dict, type(None))):
        return f"{shown(given)} is not a list: write [{given if isinstance(given, str) else shown(given)}]. {allowed}"
    what = "is empty" if given is None else "is not allowed"
    return f"{shown(given)} {what}. {allowed}"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _as_yaml_numbers(text: str) -> str:
    """"1e-3" → "0.001 or 1.0e-3": YAML wants a point and a signed exponent."""
    value = Decimal(text.strip().replace("_", ""))
    plain = f"{value:f}"
    if "e" not in text.lower():
        return f"{plain} without quotes"
    mantissa, exponent = f"{value:e}".split("e")
    return f"{plain} or {mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"


def _position(config: Any, path: KeyPath) -> tuple[int, ...]:
    """Where a key stands in the file, for sorting; a missing key comes after its siblings."""
    position = []
    for part in path:
        keys = list(config) if isinstance(config, Mapping) else []
        known = part in keys if keys else isinstance(config, list) and isinstance(part, int) and part < len(config)
        position.append((keys.index(str(part)) if keys else int(part)) if known else 1_000_000)
        config = config[part] if known else None
    return tuple(position)


# --- the schema -----------------------------------------------------------------------------------------------


@cache
def schema() -> dict[str, Any]:
    """The schema of `config.yaml`."""
    content: dict[str, Any] = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    return content


def _resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref")
    return schema()["$defs"][reference.removeprefix("#/$defs/")] if reference else part


def _with_text_keys(value: Any, path: KeyPath, found: list[Problem]) -> Any:
    """A copy in plain dictionaries and lists; keys that YAML read as numbers or dates are problems."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                found.append(Problem((*path, str(key)), f"YAML reads the key {shown(key)} as {type(key).__name__}: put it in quotes."))
        return {str(key): _with_text_keys(below, (*path, str(key)), found) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_text_keys(below, (*path, i), found) for i, below in enumerate(value)]
    return value


def _is_integer(_: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_finite_number(_: Any, value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# JSON schema would accept 200.0 as an integer and .nan as a number.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer).redefine("number", _is_finite_number),
)


def _schema_problems(config: Any) -> Iterator[Problem]:
    for error in _Validator(schema()).iter_errors(config):
        yield from _in_words(error)


def _in_words(error: jsonschema.ValidationError) -> Iterator[Problem]:
    path: KeyPath = tuple(error.absolute_path)
    given, rule, part = error.instance, error.validator, error.schema
    if rule == "additionalProperties":
        for key in given:
            if key not in part["properties"]:
                yield Problem((*path, key), not_one_of("a key here", key, part["properties"]))
    elif rule == "required":
        key = error.message.split("'")[1]
        yield Problem((*path, key), f"is missing. Allowed: {_allowed(part['properties'][key])}.")
    elif rule == "enum":
        yield Problem(path, not_one_of("allowed", given, part["enum"]))
    elif rule == "type":
        yield Problem(path, _wrong_type(given, part))
    elif rule == "uniqueItems":
        for i, value in enumerate(given):
            if value in given[:i]:
                yield Problem((*path, i), f"{shown(value)} was given before, as item [{given.index(value)}]: give each value once.")
    elif rule in ("minItems", "minLength"):
        yield Problem(path, f"is empty. Allowed: {_allowed(part)}, at least one.")
    elif rule == "pattern":
        yield Problem((*path, given), f"{shown(given)} is not a name: use letters, digits, _, . and -, a letter first (names become file names).")
    else:  # minimum, maximum, exclusiveMinimum
        yield Problem(path, f"{shown(given)} is out of range. Allowed: {_allowed(part)}.")


# --- rules between keys: each looks only at values of the right type; the schema has reported the others --------


def _below(value: Any, *path: str | int) -> Any:
    """The value at a path, or None."""
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _items(value: Any, *kinds: type) -> list[tuple[int, Any]]:
    """The items of a list that have one of these types, with their positions."""
    return [(i, item) for i, item in enumerate(value) if isinstance(item, kinds) and not isinstance(item, bool)] if isinstance(value, list) else []


def _catalogue(config: Any, experiment: str) -> dict[str, Any]:
    settings = _below(config, "settings", experiment)
    return settings if isinstance(settings, dict) else {}


def _parameter(experiment: str, given: Any, name: str) -> tuple[Any, str]:
    """A setting's parameter and, where it is the default, a note that says so."""
    default = {field.name: field.default for field in fields(SETTING_OF[experiment])}[name]
    if isinstance(given, dict) and name in given:
        return given[name], ""
    return default, " (the default)"


def _setting_problems(config: Any) -> Iterator[Problem]:
    for experiment in EXPERIMENTS:
        for name, given in _catalogue(config, experiment).items():
            path = ("settings", experiment, name)
            n_train, default_n = _parameter(experiment, given, "n_train")
            batch, default_batch = _parameter(experiment, given, "batch_size")
            if not _is_integer(None, n_train):
                continue
            if _is_integer(None, batch) and batch > n_train >= 1:
                text = f"{batch}{default_batch} is larger than n_train = {n_train}{default_n}. Allowed: a whole number from 1 to {n_train}."
                yield Problem((*path, "batch_size"), text)
            images = _parameter(experiment, given, "images")[0] if experiment == "dropout" else None
            if images in N_IMAGES and n_train > N_IMAGES[images]:
                text = f"{n_train}{default_n} is more than Fashion-MNIST has: {N_IMAGES[images]} with images: {images}."
                yield Problem((*path, "n_train"), f"{text} Allowed: a whole number from 1 to {N_IMAGES[images]}.")


def _cohort_problems(config: Any) -> Iterator[Problem]:
    for experiment in EXPERIMENTS:
        allowed = [*COHORT_COLUMNS, *(field.name for field in fields(SETTING_OF[experiment]))]
        for i, column in _items(_below(config, "execution", experiment, "cohort_by"), str):
            if column not in allowed:
                yield Problem(("execution", experiment, "cohort_by", i), not_one_of("a column that can name a cohort", column, allowed))


def _study_problems(config: Any) -> Iterator[Problem]:
    entries = _items(_below(config, "study"), dict)
    for i, entry in entries:
        if entry.get("experiment") in EXPERIMENTS:
            yield from _entry_problems(("study", i), entry, _catalogue(config, entry["experiment"]))
    studied = [entry.get("experiment") for _, entry in entries]
    for i, experiment in _items(_below(config, "experiments"), str):
        if experiment in EXPERIMENTS and experiment not in studied:
            yield Problem(("experiments", i), f"{shown(experiment)} has no entry in study: add one or leave the experiment out.")


def _entry_problems(path: KeyPath, entry: dict[str, Any], catalogue: dict[str, Any]) -> Iterator[Problem]:
    experiment = entry["experiment"]
    yield from _unknown_settings(path, entry, catalogue)
    classes: list[type[Method]] = []
    for i, name in _items(entry.get("methods"), str):
        problem = _method_problem(experiment, name)
        if problem:
            yield Problem((*path, "methods", i), problem)
        else:
            classes.append(method_class(name))
    if not classes:
        return
    for key, symbol in (("lam", "λ"), ("p", "p")):
        users = [method.name() for method in classes if key in method.keyed_by]
        if users and key not in entry:
            yield Problem((*path, key), f"is missing: {', '.join(users)} {'needs' if len(users) == 1 else 'need'} a list of {symbol}.")
        if not users and key in entry and len(classes) == len(entry["methods"]):
            yield Problem((*path, key), f"no method of this entry has a {symbol}: leave {key} out or add a method that uses it.")
    settings = {name: _built(experiment, catalogue[name]) for _, name in _items(entry.get("settings"), str) if name in catalogue}
    if any("p" in method.keyed_by for method in classes):
        yield from _p_problems(path, entry, settings)
    lams = [lam for _, lam in _items(entry.get("lam"), int, float)]
    for method in classes:
        reasons = {(setting and method.undefined(setting, lam)) for setting in settings.values() for lam in lams}
        if reasons and all(reasons) and "lam" in method.keyed_by:
            yield Problem((*path, "lam"), f"leaves {method.name()} nothing to do: {'; '.join(sorted(map(str, reasons))[:3])}.")


def _built(experiment: str, given: Any) -> Setting | None:
    """The setting, or None where its parameters are wrong (reported elsewhere)."""
    known = {field.name for field in fields(SETTING_OF[experiment])}
    part = schema()["$defs"]["linear_regression" if experiment == "weight_decay" else "fashion_mlp"]
    if not isinstance(given, dict) or not known.issuperset(given) or not _Validator(part).is_valid(given):
        return None
    return SETTING_OF[experiment](**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def _unknown_settings(path: KeyPath, entry: dict[str, Any], catalogue: dict[str, Any]) -> Iterator[Problem]:
    for i, name in _items(entry.get("settings"), str):
        if name not in catalogue:
            yield Problem((*path, "settings", i), not_one_of(f"a setting of {entry['experiment']}", name, catalogue))


def _method_problem(experiment: str, name: str) -> str | None:
    allowed = [other for other in method_names() if experiment in method_class(other).experiments]
    if name in allowed:
        return None
    if name in method_names():
        return f"{shown(name)} does not exist in the experiment {experiment}. Allowed: {', '.join(allowed)}."
    return not_one_of("a method", name, allowed)


def _p_problems(path: KeyPath, entry: dict[str, Any], settings: Mapping[str, Setting | None]) -> Iterator[Problem]:
    for name, setting in settings.items():
        if setting is None:
            continue
        if setting.n_p == 0:
            yield Problem((*path, "p"), f"setting {shown(name)} has no hidden layer for dropout to act on.")
            continue
        layers = f"{setting.n_p} hidden layers" if setting.hidden else "no hidden layer, dropout acts on its inputs"
        seen: dict[tuple[float, ...], int] = {}
        for i, value in _items(entry.get("p"), int, float, list):
            written = tuple(value) if isinstance(value, list) else (value,) * setting.n_p
            if isinstance(value, list) and value and len(value) != setting.n_p:
                text = f"{shown(value)} has {len(value)} numbers, but setting {shown(name)} has {layers}."
                yield Problem((*path, "p", i), f"{text} Allowed: one number, or a list of {setting.n_p}.")
            elif written in seen and value not in entry["p"][:i]:
                yield Problem((*path, "p", i), f"{shown(value)} is the same as item [{seen[written]}] in setting {shown(name)}: give it once.")
            seen.setdefault(written, i)


def _gate_problems(config: Any) -> Iterator[Problem]:
    for i, gate in _items(_below(config, "gates"), dict):
        path, experiment = ("gates", i), gate.get("experiment")
        if experiment not in EXPERIMENTS:
            continue
        yield from _unknown_settings(path, gate, _catalogue(config, experiment))
        method, metric, at_least = gate.get("method"), gate.get("metric"), gate.get("at_least")
        if isinstance(method, str) and (problem := _method_problem(experiment, method)):
            yield Problem((*path, "method"), problem)
        if metric in NO_VALUES[experiment]:
            yield Problem((*path, "metric"), f"{shown(metric)} is not measured in the experiment {experiment}.")
        elif str(metric).endswith("_accuracy") and _is_finite_number(None, at_least) and not 0 <= at_least <= 1:
            yield Problem((*path, "at_least"), f"{shown(at_least)} is not an accuracy. Allowed: a number from 0 to 1 (0.99 is 99 %).")


# --- this machine ---------------------------------------------------------------------------------------------


def _machine_problems(config: Any) -> Iterator[Problem]:
    if _below(config, "device") == "cuda" and not _cuda_is_there():
        yield Problem(("device",), '"cuda" is not there: PyTorch sees no CUDA device on this machine. Write auto or cpu.')
    results = _below(config, "results")
    if isinstance(results, str) and results and (reason := _cannot_write(Path(results))):
        yield Problem(("results",), f"{shown(results)} {reason}")
    folder = _below(config, "fashion_mnist", "folder")
    if isinstance(folder, str) and folder and not Path(folder).expanduser().is_dir():
        yield Problem(("fashion_mnist", "folder"), f"{shown(folder)} is not a folder on this machine. Allowed: a folder, or null to look for the data.")


def _cuda_is_there() -> bool:
    import torch  # slow, so only when someone asks for CUDA

    return torch.cuda.is_available()


def _cannot_write(folder: Path) -> str | None:
    """Why results cannot go to a folder, or None where they can."""
    folder = folder.absolute()
    if Path.cwd().resolve().is_relative_to(folder.resolve()):
        return "is the project's own folder or one above it: give a folder of its own, such as results."
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir():
        return f"cannot be a folder: {existing} is a file."
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"cannot be written: no permission to write in {existing}."
    return None
