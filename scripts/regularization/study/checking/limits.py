"""How large a study may be, and names that files and Snakemake cannot bear."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

from regularization.methods import method_class, method_names
from regularization.settings import EXPERIMENTS, built_setting
from regularization.study.checking.access import below, catalogue, items
from regularization.study.checking.schema import KeyPath, Problem, fits, is_whole, schema, shown

MAX_SEEDS = schema()["$defs"]["entry"]["properties"]["seeds"]["maximum"]
MAX_RUNS = 10_000_000  # of a study: workflow/README.md, "How far it scales", has what a million cost
MAX_JOBS = 20_000  # Snakemake's share grows with them
GB = 1e9


def limit_problems(config: Any) -> Iterator[Problem]:
    """Studies that no machine could finish planning, and names that would not survive as names of files."""
    yield from _alike_problems(config)
    yield from _path_problems(config)
    yield from _size_problems(config)


def memory_problems(config: Any) -> Iterator[Problem]:
    """Settings of which a single run's samples do not fit this machine's memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for experiment in EXPERIMENTS:
        for name, given in catalogue(config, experiment).items():
            needed = 1e6 * built_setting(experiment, given).inputs_mb if fits(given, experiment) else 0
            if needed > memory:
                text = f"needs {needed / GB:,.0f} GB for one run's samples, this machine has {memory / GB:,.0f} GB."
                remedy = "Allowed: less of n_features × (n_train + n_validation + n_test)."
                yield Problem(("settings", experiment, name), f"{text} {remedy}")


def _alike_problems(config: Any) -> Iterator[Problem]:
    """Names of settings differ by more than capital letters: macOS takes such files for the same."""
    for experiment in EXPERIMENTS:
        first: dict[str, str] = {}
        for name in catalogue(config, experiment):
            other = first.setdefault(name.lower(), name)
            if other != name:
                text = f"differs from {shown(other)} by capital letters only, and some file systems by nothing at all:"
                yield Problem(("settings", experiment, name), f"{text} choose another name.")


def _path_problems(config: Any) -> Iterator[Problem]:
    """The results folder has a name that Snakemake, which reads braces as wildcards, and programs can bear."""
    results = below(config, "results")
    if not isinstance(results, str):
        return
    wrong = [
        shown(character) for character in dict.fromkeys(results) if character in "{}" or not character.isprintable()
    ]
    if wrong:
        text = f"{shown(results)} holds {', '.join(wrong)}, which Snakemake cannot have in names of files."
        yield Problem(("results",), f"{text} Allowed: any characters but braces and line breaks.")
    elif results.startswith("-"):
        yield Problem(("results",), f"{shown(results)} looks like an option. Allowed: {shown('./' + results)}.")


def _size_problems(config: Any) -> Iterator[Problem]:
    runs: dict[int, int] = {}
    jobs: dict[str, float] = dict.fromkeys(EXPERIMENTS, 0)
    for i, entry in items(below(config, "study"), dict):
        experiment, seeds = entry.get("experiment"), entry.get("seeds")
        if experiment in EXPERIMENTS and is_whole(seeds) and 0 < seeds <= MAX_SEEDS:
            data_seeds = entry.get("data_seeds")
            crossed = data_seeds if is_whole(data_seeds) and data_seeds > 0 else 1
            runs[i] = seeds * crossed * _cells(entry, ("setting", "lam", "p"))
            jobs[experiment] += _jobs(entry, seeds, below(config, "execution", experiment))
    if sum(runs.values()) > MAX_RUNS:
        i = max(runs, key=lambda i: runs[i])
        text = f"this entry asks for {runs[i]:,} runs (settings × methods × λ × p × seeds), the study for"
        allowed = f"Allowed: up to {MAX_RUNS:,}."
        yield Problem(("study", i, "seeds"), f"{text} {sum(runs.values()):,}. {allowed}")
        return
    for experiment, n in jobs.items():
        if n > MAX_JOBS:
            path: KeyPath = ("execution", experiment, "seed_block")
            text = f"with blocks of {shown(below(config, *map(str, path)))} seeds the study has up to {n:,.0f} jobs."
            remedy = "make the blocks larger, or name fewer columns in cohort_by"
            yield Problem(path, f"{text} Allowed: up to {MAX_JOBS:,} ({remedy}).")


def _jobs(entry: dict[str, Any], seeds: int, execution: Any) -> float:
    """At most so many jobs has an entry by itself."""
    columns, block = below(execution, "cohort_by"), below(execution, "seed_block")
    if not isinstance(columns, list) or not (is_whole(block) and block > 0):
        return 0
    told_apart = tuple("setting" if column == "n_train" else column for column in columns)
    return math.ceil(seeds / block) * _cells(entry, told_apart)


def _cells(entry: dict[str, Any], told_apart: tuple[Any, ...]) -> int:
    """Combinations of the entry's methods with those of its lists that tell them apart."""
    n = {key: max(1, len(items(entry.get(key), int, float, list))) for key in ("lam", "p")}
    methods = [name for _, name in items(entry.get("methods"), str) if name in method_names()]
    grids = [[n[key] for key in method_class(name).keyed_by if key in told_apart] for name in methods]
    n_settings = max(1, len(items(entry.get("settings"), str))) if "setting" in told_apart else 1
    return n_settings * sum(math.prod(grid) for grid in grids)
