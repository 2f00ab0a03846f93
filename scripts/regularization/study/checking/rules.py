"""Everything that is wrong with a configuration, found at once: the schema's findings and the rules between keys.

Each rule looks only at values of the right type; the schema has already reported the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from regularization.columns import METRICS
from regularization.methods import Method, method_class, method_names
from regularization.settings import EXPERIMENTS, Setting, built_setting, setting_class
from regularization.study.checking.access import below, catalogue, items, numbers, position, with_text_keys
from regularization.study.checking.limits import limit_problems, memory_problems
from regularization.study.checking.schema import (
    KeyPath,
    Problem,
    allowed_in_entry,
    fits,
    is_finite,
    is_whole,
    not_one_of,
    schema_problems,
    shown,
)
from regularization.system.devices import n_cuda_devices

N_IMAGES = {"all": 60_000, "blocks": 50_000}  # training images of Fashion-MNIST; blocks keep 10,000 for validation
PROJECT = Path(__file__).resolve().parents[4]
OWN = ("scripts", "workflow", "report", "tests", ".git", ".venv", ".snakemake")  # folders that no results may go to


def problems(config: Mapping[str, Any], *, check_machine: bool, check_device: bool) -> list[Problem]:
    """Return every problem of a configuration, in the order of its keys."""
    found: list[Problem] = []
    plain = with_text_keys(config, (), found)
    odd_keys = {problem.path for problem in found}
    found += (problem for problem in schema_problems(plain) if problem.path not in odd_keys)
    found += _setting_problems(plain)
    found += _cohort_problems(plain)
    found += _study_problems(plain)
    found += _gate_problems(plain)
    found += limit_problems(plain)
    if check_machine:
        found += _machine_problems(plain)
        found += memory_problems(plain)
    if check_device:
        found += _device_problems(plain)
    return sorted(found, key=lambda problem: position(plain, problem.path))


# --- settings and cohorts -------------------------------------------------------------------------------------


def _setting_problems(config: Any) -> Iterator[Problem]:
    for experiment in EXPERIMENTS:
        for name, given in catalogue(config, experiment).items():
            path = ("settings", experiment, name)
            n_train, n_note = _parameter(experiment, given, "n_train")
            batch, batch_note = _parameter(experiment, given, "batch_size")
            if not is_whole(n_train):
                continue
            if is_whole(batch) and batch > n_train >= 1:
                text = f"{batch}{batch_note} is larger than n_train = {n_train}{n_note}."
                yield Problem((*path, "batch_size"), f"{text} Allowed: a whole number from 1 to {n_train}.")
            images = _parameter(experiment, given, "images")[0] if setting_class(experiment).needs_images else None
            if isinstance(images, str) and n_train > N_IMAGES.get(images, n_train):
                text = f"{n_train}{n_note} is more than Fashion-MNIST has: {N_IMAGES[images]} with images: {images}."
                yield Problem((*path, "n_train"), f"{text} Allowed: a whole number from 1 to {N_IMAGES[images]}.")


def _parameter(experiment: str, given: Any, name: str) -> tuple[Any, str]:
    """A setting's parameter and, where it is the default, a note that says so."""
    if isinstance(given, dict) and name in given:
        return given[name], ""
    return getattr(setting_class(experiment)(), name), " (the default)"


def _cohort_problems(config: Any) -> Iterator[Problem]:
    for experiment in EXPERIMENTS:
        path = ("execution", experiment, "cohort_by")
        columns = below(config, *path)
        for needed, why in (("method", "a job trains one method"), ("seed_block", "a job trains one block of seeds")):
            if isinstance(columns, list) and columns and needed not in columns:
                yield Problem(path, f"{shown(columns)} lacks {needed}: {why}; add it.")


# --- study and gates ------------------------------------------------------------------------------------------


def _study_problems(config: Any) -> Iterator[Problem]:
    entries = items(below(config, "study"), dict)
    for i, entry in entries:
        if entry.get("experiment") in EXPERIMENTS and _has_catalogue(config, entry["experiment"]):
            yield from _entry_problems(("study", i), entry, catalogue(config, entry["experiment"]))
    yield from _crossing_problems(entries)
    studied = [entry.get("experiment") for _, entry in entries]
    if not entries or len(entries) < len(config["study"]) or not set(EXPERIMENTS).issuperset(map(str, studied)):
        return  # what is no entry, or of a misspelt experiment, is reported where it stands
    for i, experiment in items(below(config, "experiments"), str):
        if experiment in EXPERIMENTS and experiment not in studied:
            yield Problem(("experiments", i), f"{shown(experiment)} has no entry in study: add one or leave it out.")


def _crossing_problems(entries: list[tuple[int, dict[str, Any]]]) -> Iterator[Problem]:
    """A setting is crossed with data seeds in all its entries alike or in none: a cell has one design."""
    first: dict[tuple[str, str], tuple[int, Any]] = {}
    for i, entry in entries:
        for j, name in items(entry.get("settings"), str):
            other, data_seeds = first.setdefault((str(entry.get("experiment")), name), (i, entry.get("data_seeds")))
            if data_seeds != entry.get("data_seeds"):
                text = f"{shown(name)} has other data_seeds in study[{other}]: give the crossed design its own setting."
                yield Problem(("study", i, "settings", j), text)


def _entry_problems(path: KeyPath, entry: dict[str, Any], catalogue: dict[str, Any]) -> Iterator[Problem]:
    experiment = entry["experiment"]
    yield from _unknown_settings(path, entry, catalogue)
    methods: list[type[Method]] = []
    for i, name in items(entry.get("methods"), str):
        problem = _method_problem(experiment, name)
        if problem:
            yield Problem((*path, "methods", i), problem)
        else:
            methods.append(method_class(name))
    yield from _key_problems(path, entry, methods)
    yield from _extra_problems(path, entry, methods)

    names = [name for _, name in items(entry.get("settings"), str)]
    sound = {
        name: built_setting(experiment, catalogue[name])
        for name in names
        if name in catalogue and fits(catalogue[name], experiment)
    }
    if any("p" in method.keyed_by for method in methods):
        for name, setting in sound.items():
            yield from _p_problems((*path, "p"), entry.get("p"), name, setting)
    if len(sound) == len(names):
        for method in methods:
            yield from _undefined_problems(path, entry, method, sound)


def _has_catalogue(config: Any, experiment: str) -> bool:
    """Whether there are settings to choose from; where they are missing, that is the one thing to report."""
    return isinstance(below(config, "settings", experiment), dict)


def _unknown_settings(path: KeyPath, entry: dict[str, Any], catalogue: dict[str, Any]) -> Iterator[Problem]:
    for i, name in items(entry.get("settings"), str):
        if name not in catalogue:
            yield Problem((*path, "settings", i), not_one_of(f"a setting of {entry['experiment']}", name, catalogue))


def _method_problem(experiment: str, name: str) -> str | None:
    allowed = [other for other in method_names() if experiment in method_class(other).experiments]
    if name in allowed:
        return None
    if name in method_names():
        return f"{shown(name)} does not exist in the experiment {experiment}. Allowed: {', '.join(allowed)}."
    return not_one_of("a method", name, allowed)


def _key_problems(path: KeyPath, entry: dict[str, Any], methods: list[type[Method]]) -> Iterator[Problem]:
    """λ and p are given exactly where a method of the entry is keyed by them."""
    all_known = [method.name() for method in methods] == entry.get("methods")
    for key, symbol in (("lam", "λ"), ("p", "p")):
        users = [method.name() for method in methods if key in method.keyed_by]
        if users and key not in entry:
            need = "needs" if len(users) == 1 else "need"
            yield Problem(
                (*path, key),
                f"is missing: {', '.join(users)} {need} a list of {symbol}. Allowed: {allowed_in_entry(key)}.",
            )
        if not users and key in entry and all_known:
            text = f"no method of this entry has a {symbol}: leave {key} out, or add a method that has one."
            yield Problem((*path, key), text)


def _extra_problems(path: KeyPath, entry: dict[str, Any], methods: list[type[Method]]) -> Iterator[Problem]:
    """What is measured beside the metrics suits the experiment and the methods."""
    offered = setting_class(entry["experiment"]).offers
    for key, known in (("optimal_lam", "known for"), ("probes", "for"), ("account", "for")):
        if entry.get(key) is True and key not in offered:
            offering = " and ".join(name for name in EXPERIMENTS if key in setting_class(name).offers)
            yield Problem((*path, key), f"is {known} {offering} only: leave it out.")
    if entry.get("account") is True and "account" in offered:
        for method in methods:
            if not method.affine:
                text = f"{method.name()} is not affine in the data, so its risk has no such parts: leave it out."
                yield Problem((*path, "account"), text)


def _p_problems(path: KeyPath, given: Any, name: str, setting: Setting) -> Iterator[Problem]:
    """Every p of an entry suits a setting's layers, and no two mean the same."""
    if setting.n_p == 0:
        yield Problem(path, f"setting {shown(name)} has no hidden layer that dropout could act on: leave it out.")
        return
    layers = f"{setting.n_p} hidden layer" + "s" * (setting.n_p > 1) if setting.hidden else "one p, for its inputs"
    seen: dict[int, list[Any]] = {}
    for i, value in items(given, int, float, list):
        if isinstance(value, list) and len(value) not in (0, setting.n_p):
            allowed = "one number" if setting.n_p == 1 else f"one number, or a list of {setting.n_p}"
            text = f"{shown(value)} holds {len(value)}, but setting {shown(name)} has {layers}. Allowed: {allowed}."
            yield Problem((*path, i), text)
            continue
        per_layer = value if isinstance(value, list) else [value] * setting.n_p
        same = next((j for j, other in seen.items() if other == per_layer), None)
        if same is not None and value not in given[:i]:
            text = f"{shown(value)} is the same as item [{same}] in setting {shown(name)}: give it once."
            yield Problem((*path, i), text)
        seen[i] = per_layer


def _undefined_problems(
    path: KeyPath, entry: dict[str, Any], method: type[Method], settings: Mapping[str, Setting]
) -> Iterator[Problem]:
    """A method keyed by λ or p has at least one cell."""
    if not method.keyed_by:
        return
    lams = numbers(entry.get("lam")) if "lam" in method.keyed_by else [0.0]
    given = [tuple(p) if isinstance(p, list) else (p,) for _, p in items(entry.get("p"), int, float, list)]
    ps: list[tuple[float, ...]] = given if "p" in method.keyed_by else [()]
    reasons = [method.undefined(setting, lam, p) for setting in settings.values() for lam in lams for p in ps]
    if reasons and all(reasons):
        text = f"leaves {method.name()} nothing to do: {'; '.join(map(str, dict.fromkeys(reasons[:3])))}."
        remedy = f"give other values of {' or '.join(method.keyed_by)}, or leave {method.name()} out."
        yield Problem((*path, method.keyed_by[0]), f"{text[:-1]}: {remedy}")


def _gate_problems(config: Any) -> Iterator[Problem]:
    for i, gate in items(below(config, "gates"), dict):
        path, experiment = ("gates", i), gate.get("experiment")
        if experiment not in EXPERIMENTS or not _has_catalogue(config, experiment):
            continue
        yield from _unknown_settings(path, gate, catalogue(config, experiment))
        method, metric, at_least = gate.get("method"), gate.get("metric"), gate.get("at_least")
        if isinstance(method, str) and (problem := _method_problem(experiment, method)):
            yield Problem((*path, "method"), problem)
        measured = setting_class(experiment).metrics
        if metric in METRICS and metric not in measured:
            text = f"{shown(metric)} is not measured in the experiment {experiment}. Allowed: {', '.join(measured)}."
            yield Problem((*path, "metric"), text)
        elif str(metric).endswith("_accuracy") and is_finite(at_least) and not 0 <= at_least <= 1:
            text = f"{shown(at_least)} is not an accuracy. Allowed: a number from 0 to 1 (0.99 means 99 %)."
            yield Problem((*path, "at_least"), text)


# --- this machine ---------------------------------------------------------------------------------------------


def _device_problems(config: Any) -> Iterator[Problem]:
    if below(config, "device") == "cuda" and not _cuda_is_there():
        text = '"cuda" is not there: PyTorch sees no CUDA device on this machine. Allowed here: auto, cpu.'
        yield Problem(("device",), text)


def _machine_problems(config: Any) -> Iterator[Problem]:
    results = below(config, "results")
    if isinstance(results, str) and results and (reason := _cannot_write(Path(results))):
        yield Problem(("results",), f"{shown(results)} {reason}")
    folder = below(config, "fashion_mnist", "folder")
    if isinstance(folder, str) and folder and not Path(folder).expanduser().is_dir():
        text = f"{shown(folder)} is not a folder on this machine. Allowed: a folder, or null to look for the data."
        yield Problem(("fashion_mnist", "folder"), text)


def _cuda_is_there() -> bool:
    return n_cuda_devices() > 0


def _cannot_write(folder: Path) -> str | None:
    """Why results cannot go to a folder, or None where they can."""
    folder = folder.absolute()
    if Path.cwd().resolve().is_relative_to(folder.resolve()):
        return "is the folder you are in or one above it: give the results a folder of their own, such as results."
    if any(folder.resolve().is_relative_to(PROJECT / name) for name in OWN):
        return "holds the project's own files: give the results a folder of their own, such as results."
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir():
        return f"cannot be a folder: {existing} is a file; name another place."
    if not os.access(existing, os.W_OK | os.X_OK) and not _read_only(existing):  # of that, whoever writes says more
        return f"cannot be written: you have no permission in {existing}; change that, or name another place."
    return None


def _read_only(folder: Path) -> bool:
    """Whether a folder is on a file system that nobody can write."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
