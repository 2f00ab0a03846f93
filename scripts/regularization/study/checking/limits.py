"""What files, Snakemake and this machine cannot bear: names, sizes of a study, places and devices."""

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from regularization.methods import method_class
from regularization.settings import EXPERIMENTS, Setting
from regularization.study.checking.problems import KeyPath, Problem
from regularization.study.checking.sound import below, catalogue, items
from regularization.system.devices import n_cuda_devices
from regularization.system.suggestions import shown

MAX_RUNS = 10_000_000  # of a study: workflow/README.md, "How far it scales", has what a million cost
MAX_JOBS = 20_000  # Snakemake's share grows with them
GB = 1e9
PROJECT = Path(__file__).resolve().parents[4]
NO_NAMES = ("na", "nan", "null", "none", "true", "false", "inf", "infinity")
OWN = ("scripts", "workflow", "report", "tests", ".git", ".venv", ".snakemake")  # folders that no results may go to


def limit_problems(config: Any) -> Iterator[Problem]:
    """Studies that no machine could finish planning, and names that would not survive as names of files."""
    yield from _name_problems(config)
    yield from _path_problems(config)
    yield from _size_problems(config)


def machine_problems(config: Any, settings: Mapping[str, Mapping[str, Setting]]) -> Iterator[Problem]:
    """Folders that are not there or cannot be written, and settings of which one run does not fit the memory."""
    results = below(config, "results")
    if results is not None and (reason := _cannot_write(Path(results))):
        yield Problem(("results",), f"{shown(results)} {reason}")
    folder = below(config, "fashion_mnist", "folder")
    if folder is not None and not Path(folder).expanduser().is_dir():
        text = f"{shown(folder)} is not a folder on this machine. Allowed: a folder, or null to look for the data."
        yield Problem(("fashion_mnist", "folder"), text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for experiment, catalogue_of_it in settings.items():
        for name, setting in catalogue_of_it.items():
            needed = 1e6 * setting.inputs_mb
            if needed > memory:
                text = f"needs {needed / GB:,.0f} GB for one run's samples, this machine has {memory / GB:,.0f} GB."
                remedy = "Allowed: less of n_features × (n_train + n_validation + n_test)."
                yield Problem(("settings", experiment, name), f"{text} {remedy}")


def device_problems(config: Any) -> Iterator[Problem]:
    """A device that is asked for by name is there."""
    if below(config, "device") == "cuda" and n_cuda_devices() == 0:
        text = '"cuda" is not there: PyTorch sees no CUDA device on this machine. Allowed here: auto, cpu.'
        yield Problem(("device",), text)


def _name_problems(config: Any) -> Iterator[Problem]:
    """Names of settings are read as names, and differ by more than capital letters: macOS takes such files for one."""
    for experiment in EXPERIMENTS:
        first: dict[str, str] = {}
        for name in catalogue(config, experiment):
            if name.lower() in NO_NAMES:
                text = f"{shown(name)} is no name to what reads tables (pandas, R), but a missing or other value:"
                yield Problem(("settings", experiment, name), f"{text} choose another name.")
            other = first.setdefault(name.lower(), name)
            if other != name:
                text = f"differs from {shown(other)} by capital letters only, and some file systems by nothing at all:"
                yield Problem(("settings", experiment, name), f"{text} choose another name.")


def _path_problems(config: Any) -> Iterator[Problem]:
    """The results folder has a name that Snakemake, which reads braces as wildcards, and programs can bear."""
    results = below(config, "results")
    if results is None:
        return
    wrong = [shown(letter) for letter in dict.fromkeys(results) if letter in "{}" or not letter.isprintable()]
    if wrong:
        text = f"{shown(results)} holds {', '.join(wrong)}, which Snakemake cannot have in names of files."
        yield Problem(("results",), f"{text} Allowed: any characters but braces and line breaks.")
    elif results.startswith("-"):
        yield Problem(("results",), f"{shown(results)} looks like an option. Allowed: {shown('./' + results)}.")


def _size_problems(config: Any) -> Iterator[Problem]:
    runs: dict[int, int] = {}
    jobs: dict[str, float] = dict.fromkeys(EXPERIMENTS, 0)
    for i, entry in items(below(config, "study")):
        experiment, seeds = entry.get("experiment"), entry.get("seeds")
        if experiment is not None and seeds is not None:
            runs[i] = seeds * max(1, entry.get("data_seeds") or 0) * _cells(entry, ("setting", "lam", "p"))
            jobs[experiment] += _jobs(entry, seeds, below(config, "execution", experiment))
    if sum(runs.values()) > MAX_RUNS:
        i = max(runs, key=lambda i: runs[i])
        text = f"this entry asks for {runs[i]:,} runs (settings × methods × λ × p × seeds), the study for"
        yield Problem(("study", i, "seeds"), f"{text} {sum(runs.values()):,}. Allowed: up to {MAX_RUNS:,}.")
        return
    for experiment, n in jobs.items():
        if n > MAX_JOBS:
            path: KeyPath = ("execution", experiment, "seed_block")
            block = below(config, "execution", experiment, "seed_block")
            text = f"with blocks of {block} seeds the study has up to {n:,.0f} jobs."
            remedy = "make the blocks larger, or name fewer columns in cohort_by"
            yield Problem(path, f"{text} Allowed: up to {MAX_JOBS:,} ({remedy}).")


def _jobs(entry: dict[str, Any], seeds: int, execution: Any) -> float:
    """At most so many jobs has an entry by itself."""
    columns, block = below(execution, "cohort_by"), below(execution, "seed_block")
    if columns is None or block is None:
        return 0
    told_apart = tuple("setting" if column == "n_train" else column for column in columns)
    return math.ceil(seeds / block) * _cells(entry, told_apart)


def _cells(entry: dict[str, Any], told_apart: tuple[Any, ...]) -> int:
    """Combinations of the entry's methods with those of its lists that tell them apart."""
    n = {key: max(1, len(items(entry.get(key)))) for key in ("settings", "lam", "p")}
    methods = [method_class(name) for _, name in items(entry.get("methods"))]
    grids = [[n[key] for key in method.keyed_by if key in told_apart] for method in methods]
    return (n["settings"] if "setting" in told_apart else 1) * sum(math.prod(grid) for grid in grids)


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
    read_only = os.statvfs(existing).f_flag & os.ST_RDONLY  # a file system of which whoever writes says more
    if not os.access(existing, os.W_OK | os.X_OK) and not read_only:
        return f"cannot be written: you have no permission in {existing}; change that, or name another place."
    return None
