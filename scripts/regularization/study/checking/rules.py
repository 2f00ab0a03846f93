"""Everything that is wrong with a configuration, found at once: what is not of its key's type, and rules between keys.

The rules see None where a value of the wrong type stands: that has been reported, and they go on without it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from regularization.methods import Method, MethodError, method_class, method_names
from regularization.settings import EXPERIMENTS, POOL, Setting, setting_class
from regularization.study.checking.limits import device_problems, limit_problems, machine_problems
from regularization.study.checking.problems import (
    KeyPath,
    Problem,
    allowed,
    repeat_problems,
    type_problems,
    with_text_keys,
)
from regularization.study.checking.sound import below, catalogue, items, position, without
from regularization.system.image_sets import FASHION_MNIST, PUBLISHED
from regularization.system.suggestions import not_one_of, shown
from regularization.system.wording import claims, sections

N_IMAGES = {"all": 60_000, "blocks": POOL}  # training images of a set; blocks keep 10,000 for validation

Catalogues = Mapping[str, Mapping[str, Setting]]


def problems(config: Mapping[str, Any], *, check_machine: bool, check_device: bool) -> list[Problem]:
    """Return every problem of a configuration, in the order of its keys."""
    found: list[Problem] = []
    plain = with_text_keys(config, (), found)
    odd = {problem.path for problem in found}
    found += (problem for problem in type_problems(plain) if problem.path not in odd)
    wrong = {problem.path for problem in found}
    sound = without(wrong, plain)
    settings = _sound_settings(sound, {path[1:3] for path in wrong if path[0] == "settings"})
    found += repeat_problems(sound)
    found += _setting_problems(sound)
    found += _image_problems(sound)
    found += _cohort_problems(sound, plain)
    found += _study_problems(sound, settings)
    found += _gate_problems(sound)
    found += _choice_problems(sound)
    of_methods = {problem.path for problem in found if "methods" in problem.path}
    found += (problem for problem in limit_problems(without(of_methods, sound)) if problem.path not in odd)
    if check_machine:
        found += machine_problems(sound, settings)
    if check_device:
        found += device_problems(sound)
    return sorted(found, key=lambda problem: position(plain, problem.path))


def _sound_settings(config: Any, wrong: set[KeyPath]) -> Catalogues:
    """The settings without a problem, by experiment and name."""
    kinds: Mapping[str, Callable[..., Setting]] = {experiment: setting_class(experiment) for experiment in EXPERIMENTS}
    return {
        experiment: {
            name: build(**given)
            for name, given in catalogue(config, experiment).items()
            if (experiment, name) not in wrong
        }
        for experiment, build in kinds.items()
    }


def _setting_problems(config: Any) -> Iterator[Problem]:
    for experiment in EXPERIMENTS:
        for name, given in catalogue(config, experiment).items():
            path = ("settings", experiment, name)
            n_train, n_note = _parameter(experiment, given, "n_train")
            batch, batch_note = _parameter(experiment, given, "batch_size")
            images, _ = _parameter(experiment, given, "images")
            if n_train is None:
                continue
            if batch is not None and batch > n_train:
                text = f"{batch}{batch_note} is larger than n_train = {n_train}{n_note}."
                yield Problem((*path, "batch_size"), f"{text} Allowed: a whole number from 1 to {n_train}.")
            if images is not None and setting_class(experiment).needs_images and n_train > N_IMAGES[images]:
                text = f"{n_train}{n_note} is more than the images there are: {N_IMAGES[images]} with images: {images}."
                yield Problem((*path, "n_train"), f"{text} Allowed: a whole number from 1 to {N_IMAGES[images]}.")


def _parameter(experiment: str, given: Any, name: str) -> tuple[Any, str]:
    """A setting's parameter and, where it is the default, a note that says so."""
    if given and name in given:
        return given[name], ""
    return getattr(setting_class(experiment), name, None), " (the default)"


def _image_problems(config: Any) -> Iterator[Problem]:
    given = below(config, "fashion_mnist") or {}
    name, sha256 = given.get("name", FASHION_MNIST), items(given.get("sha256"))
    if name is not None and name not in PUBLISHED and given.get("folder") is None:
        text = f"{shown(name)} cannot be downloaded: name its folder too. Allowed without: {', '.join(PUBLISHED)}."
        yield Problem(("fashion_mnist", "name"), text)
    hexadecimal = [one for _, one in sha256 if re.fullmatch("[0-9a-f]{64}", one)]
    if sha256 and (name == FASHION_MNIST or len(sha256) != 4 or len(hexadecimal) != 4):
        text = f"{len(hexadecimal)} SHA-256 were given for {shown(name)}. Allowed: the four that sha256sum prints"
        yield Problem(("fashion_mnist", "sha256"), f"{text}, and another name; Fashion-MNIST's are known.")


def _cohort_problems(config: Any, written: Any) -> Iterator[Problem]:
    for experiment in EXPERIMENTS:
        path = ("execution", experiment, "cohort_by")
        columns = below(config, *path)
        for needed, why in (("method", "a job trains one method"), ("seed_block", "a job trains one block of seeds")):
            if columns and needed not in columns:
                yield Problem(path, f"{shown(below(written, *path))} lacks {needed}: {why}; add it.")


def _study_problems(config: Any, settings: Catalogues) -> Iterator[Problem]:
    entries = items(below(config, "study"))
    for i, entry in entries:
        experiment = entry.get("experiment")
        if _has_catalogue(config, experiment):
            yield from _entry_problems(("study", i), entry, catalogue(config, experiment), settings[experiment])
    yield from _crossing_problems(entries)
    studied = {entry.get("experiment") for _, entry in entries}
    if not entries or len(entries) < len(config["study"]) or None in studied:
        return  # what is no entry, or of a misspelt experiment, is reported where it stands
    for i, experiment in items(below(config, "experiments")):
        if experiment not in studied:
            yield Problem(("experiments", i), f"{shown(experiment)} has no entry in study: add one or leave it out.")


def _crossing_problems(entries: list[tuple[int, dict[str, Any]]]) -> Iterator[Problem]:
    """A setting is crossed with data seeds in all its entries alike or in none: a cell has one design."""
    first: dict[tuple[str, str], tuple[int, Any]] = {}
    for i, entry in entries:
        for j, name in items(entry.get("settings")):
            data_seeds = entry.get("data_seeds", 0)
            other, others = first.setdefault((str(entry.get("experiment")), name), (i, data_seeds))
            if data_seeds != others and None not in (data_seeds, others):
                text = f"{shown(name)} has other data_seeds in study[{other}]: give the crossed design its own setting."
                yield Problem(("study", i, "settings", j), text)


def _entry_problems(
    path: KeyPath, entry: dict[str, Any], catalogue: dict[str, Any], settings: Mapping[str, Setting]
) -> Iterator[Problem]:
    experiment = entry["experiment"]
    yield from _unknown_settings(path, entry, catalogue)
    methods: list[type[Method]] = []
    for i, name in items(entry.get("methods")):
        problem = _method_problem(experiment, name)
        if problem:
            yield Problem((*path, "methods", i), problem)
        else:
            methods.append(method_class(name))
    yield from _key_problems(path, entry, methods)
    yield from _extra_problems(path, entry, methods)

    names = [name for _, name in items(entry.get("settings"))]
    used = {name: settings[name] for name in names if name in settings}
    if any("p" in method.keyed_by for method in methods):
        for name, setting in used.items():
            yield from _p_problems((*path, "p"), entry.get("p"), name, setting)
    if len(used) == len(names):
        for method in methods:
            yield from _undefined_problems(path, entry, method, used)


def _has_catalogue(config: Any, experiment: str | None) -> bool:
    """Whether there are settings to choose from; where they are missing, that is the one thing to report."""
    return experiment is not None and below(config, "settings", experiment) is not None


def _unknown_settings(path: KeyPath, entry: dict[str, Any], catalogue: dict[str, Any]) -> Iterator[Problem]:
    for i, name in items(entry.get("settings")):
        if name not in catalogue:
            yield Problem((*path, "settings", i), not_one_of(f"a setting of {entry['experiment']}", name, catalogue))


def _method_problem(experiment: str, name: str) -> str | None:
    allowed = [other for other in method_names() if experiment in method_class(other).experiments]
    file = name.partition(":")[0]
    if file in allowed:
        try:
            method_class(name)
        except MethodError as error:  # a hyperparameter
            return f"{error}."
        return None
    if file in method_names():
        return f"{shown(file)} does not exist in the experiment {experiment}. Allowed: {', '.join(allowed)}."
    return not_one_of("a method", file, allowed)


def _key_problems(path: KeyPath, entry: dict[str, Any], methods: list[type[Method]]) -> Iterator[Problem]:
    """λ and p are given exactly where a method of the entry is keyed by them."""
    all_known = 0 < len(methods) == len(entry.get("methods") or ())
    for key, symbol in (("lam", "λ"), ("p", "p")):
        users = [method.name() for method in methods if key in method.keyed_by]
        if users and key not in entry:
            need = f"{', '.join(users)} {'needs' if len(users) == 1 else 'need'} a list of {symbol}"
            yield Problem((*path, key), f"is missing: {need}. Allowed: {allowed((*path, key))}.")
        if not users and key in entry and all_known:
            text = f"no method of this entry has a {symbol}: leave {key} out, or add a method that has one."
            yield Problem((*path, key), text)


def _extra_problems(path: KeyPath, entry: dict[str, Any], methods: list[type[Method]]) -> Iterator[Problem]:
    """What is measured beside the metrics suits the experiment and the methods."""
    offered = setting_class(entry["experiment"]).offers
    for key in ("optimal_lam", "account", "probes"):
        if entry.get(key) and key not in offered:
            offering = " and ".join(name for name in EXPERIMENTS if key in setting_class(name).offers)
            yield Problem((*path, key), f"is for {offering} only: leave it out.")
    if entry.get("account") and "account" in offered and methods and not any(method.affine for method in methods):
        names = " and ".join(method.name() for method in methods)
        text = f"{names} {'is' if len(methods) == 1 else 'are'} not affine in the data, so no risk has such parts:"
        yield Problem((*path, "account"), f"{text} leave account out, or add a method that is.")


def _p_problems(path: KeyPath, given: Any, name: str, setting: Setting) -> Iterator[Problem]:
    """Every p of an entry suits a setting's layers, and no two mean the same."""
    if setting.n_p == 0:
        yield Problem(path, f"setting {shown(name)} has no hidden layer that dropout could act on: leave it out.")
        return
    layers = f"{setting.n_p} hidden layer" + "s" * (setting.n_p > 1) if setting.hidden else "one p, for its inputs"
    seen: dict[tuple[float, ...], int] = {}
    for i, value in items(given):
        p = value if isinstance(value, tuple) else (value,) * setting.n_p
        if len(p) != setting.n_p:
            one_each = "one number" if setting.n_p == 1 else f"one number, or a list of {setting.n_p}"
            text = f"{shown(value)} holds {len(p)}, but setting {shown(name)} has {layers}. Allowed: {one_each}."
            yield Problem((*path, i), text)
        elif seen.setdefault(p, i) != i and value not in given[:i]:
            text = f"{shown(value)} is the same as item [{seen[p]}] in setting {shown(name)}: give it once."
            yield Problem((*path, i), text)


def _undefined_problems(
    path: KeyPath, entry: dict[str, Any], method: type[Method], settings: Mapping[str, Setting]
) -> Iterator[Problem]:
    """A method has at least one cell."""
    lams = [lam for _, lam in items(entry.get("lam"))] if "lam" in method.keyed_by else [0.0]
    given = [p if isinstance(p, tuple) else (p,) for _, p in items(entry.get("p"))]
    ps: list[tuple[float, ...]] = given if "p" in method.keyed_by else [()]
    reasons = [method.undefined(setting, lam, p) for setting in settings.values() for lam in lams for p in ps]
    if reasons and all(reasons):
        text = f"leaves {method.name()} nothing to do: {'; '.join(map(str, dict.fromkeys(reasons[:3])))}"
        remedy = f"give other values of {' or '.join(method.keyed_by) or 'settings'}, or leave {method.name()} out."
        yield Problem((*path, next(iter(method.keyed_by), "settings")), f"{text}: {remedy}")


def _gate_problems(config: Any) -> Iterator[Problem]:
    for i, gate in items(below(config, "gates")):
        path, experiment = ("gates", i), gate.get("experiment")
        if not _has_catalogue(config, experiment):
            continue
        yield from _unknown_settings(path, gate, catalogue(config, experiment))
        method, metric, at_least = gate.get("method"), gate.get("metric"), gate.get("at_least")
        if method is not None and (problem := _method_problem(experiment, method)):
            yield Problem((*path, "method"), problem)
        measured = setting_class(experiment).metrics
        if metric is not None and metric not in measured:
            text = f"{shown(metric)} is not measured in the experiment {experiment}. Allowed: {', '.join(measured)}."
            yield Problem((*path, "metric"), text)
        elif str(metric).endswith("_accuracy") and at_least is not None and not 0 <= at_least <= 1:
            text = f"{shown(at_least)} is not an accuracy. Allowed: a number from 0 to 1 (0.99 means 99 %)."
            yield Problem((*path, "at_least"), text)


def _choice_problems(config: Any) -> Iterator[Problem]:
    """The claims and the sections that the report is made of exist."""
    for key, kind, known in (("claims", "a claim", claims()), ("sections", "a section of the report", sections())):
        for i, name in items(below(config, key)):
            if name not in known:
                yield Problem((key, i), not_one_of(kind, name, known))
