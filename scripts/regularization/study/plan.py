"""The plan: configuration → cells → runs, and cells → cohorts. Pure functions; no torch.

A *cell* is all seeds of one (experiment, setting, method, λ, p). Entries of the study may overlap: a cell is planned
once, with the largest number of seeds asked for. A *cohort* is the runs trained by one job. The Snakefile enumerates
cohorts, which costs a step per cell; runs are expanded by the plan's own job and inside each cohort's job.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from regularization.methods import method_class
from regularization.naming import Key, number_text, p_text, run_id
from regularization.settings import LinearRegressionSetting, Setting, setting_class
from regularization.study.configuration import Configuration, Entry
from regularization.theory.ridge_risk import optimal_lam

if TYPE_CHECKING:
    import pandas as pd


MOST_DIGITS, MOST_LETTERS = 25, 80  # of a cohort's λ and p in its name: names of files may have 255 bytes


@dataclass(frozen=True)
class Cell:
    """All seeds of one (experiment, setting, method, λ, p)."""

    experiment: str
    setting: str
    method: str
    lam: float
    p: str  # canonical text, one number a layer
    seeds: int  # seeds 0 … seeds − 1
    data_seeds: int = 0  # every seed with data seeds 0 … data_seeds − 1; 0: each seed with its own
    predictions: bool = False
    account: bool = False  # its runs' risk is split into parts
    probes: bool = False

    @property
    def key(self) -> Key:
        return Key(self.experiment, self.setting, self.method, self.lam, self.p)


@dataclass(frozen=True)
class Cohort:
    """Runs trained together: seeds first_seed … last_seed of `cells`, as far as each cell's seeds reach."""

    experiment: str
    name: str
    cells: tuple[Cell, ...]
    first_seed: int
    last_seed: int

    def seeds(self, cell: Cell) -> range:
        """Return the seeds of one of its cells."""
        return range(self.first_seed, min(self.last_seed + 1, cell.seeds))

    @property
    def method(self) -> str:
        """The one method that all its cells have."""
        return self.cells[0].method

    def n_runs_of(self, cell: Cell) -> int:
        """Count the (seed, data seed) pairs of one of its cells."""
        return len(self.seeds(cell)) * max(1, cell.data_seeds)

    @cached_property
    def n_runs(self) -> int:
        return sum(map(self.n_runs_of, self.cells))

    def digest(self, configuration: Configuration) -> str:
        """Hash what decides its numbers beside the code: runs, resolved settings, dtype, images."""
        catalogue = configuration.settings[self.experiment]
        described: dict[str, object] = {
            "dtype": configuration.execution[self.experiment].dtype,
            "settings": {name: asdict(catalogue[name]) for name in sorted({cell.setting for cell in self.cells})},
            "cells": [
                [*cell.key, list(self.seeds(cell))[-1:], cell.data_seeds, cell.predictions, cell.probes, cell.account]
                for cell in self.cells
            ],
            "first_seed": self.first_seed,
        }
        if setting_class(self.experiment).needs_images and (images := configuration.fashion_mnist.as_options()):
            described["images"] = images
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]

    def work(self, configuration: Configuration) -> float:
        """Estimate its cost in multiply–adds, to weigh cohorts against each other."""
        total = 0.0
        for cell in self.cells:
            setting = configuration.settings[self.experiment][cell.setting]
            steps = method_class(cell.method).steps(setting, cell.lam)
            total += self.n_runs_of(cell) * steps * setting.batch_size * setting.multiply_adds
        return total


def cells(configuration: Configuration) -> tuple[list[Cell], dict[Key, str]]:
    """Return the cells of the study, sorted and without duplicates, and why a method does not define the others."""
    found: dict[Key, Cell] = {}
    left_out: dict[Key, str] = {}
    for entry in configuration.study:
        for key in _keys(entry, configuration, left_out):
            known = found.get(key, Cell(*key, seeds=0))
            found[key] = Cell(
                *key,
                seeds=max(known.seeds, entry.seeds),
                data_seeds=max(known.data_seeds, entry.data_seeds),
                predictions=known.predictions or entry.predictions,
                account=known.account or (entry.account and method_class(key.method).affine),
                probes=known.probes or entry.probes,
            )
    return [found[key] for key in sorted(found)], left_out


def _keys(entry: Entry, configuration: Configuration, left_out: dict[Key, str]) -> Iterator[Key]:
    """Yield the cells an entry names, each as what it really is: λ = 0 and p = 0 is the baseline under every method."""
    for setting_name in entry.settings:
        setting = configuration.settings[entry.experiment][setting_name]
        nothing = (0.0,) * setting.n_p
        for name in entry.methods:
            method = method_class(name)
            lams = _lams(entry, setting) if "lam" in method.keyed_by else (0.0,)
            given = [p if len(p) == setting.n_p else p * setting.n_p for p in entry.p]
            ps = {p: p_text(p) for p in (given if "p" in method.keyed_by else [nothing])}
            for lam in lams:
                for p, text in ps.items():
                    reason = method.undefined(setting, lam, p)
                    if reason is not None:
                        left_out[Key(entry.experiment, setting_name, name, lam, text)] = reason
                        continue
                    if (really := method.reduces_to(lam, p)) == "none":  # whatever strength regularises nothing
                        yield Key(entry.experiment, setting_name, "none", 0.0, p_text(nothing))
                    else:
                        yield Key(entry.experiment, setting_name, really, float(lam), text)


def _lams(entry: Entry, setting: Setting) -> tuple[float, ...]:
    """Return the entry's λ and, if it asks for it, the setting's λ*, to six digits so that ids stay short."""
    if not (entry.optimal_lam and isinstance(setting, LinearRegressionSetting)):
        return entry.lam
    norm = abs(setting.true_weight) * setting.n_features**0.5
    best = optimal_lam(setting.n_train, setting.n_features, norm, setting.noise_std)
    return (*entry.lam, float(f"{best:.6g}")) if math.isfinite(best) else entry.lam


def cohorts(configuration: Configuration) -> list[Cohort]:
    """Group the cells' runs into cohorts by the columns of `cohort_by`."""
    groups: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells(configuration)[0]:
        setting = configuration.settings[cell.experiment][cell.setting]
        groups[cell.experiment, _label(cell, setting, configuration.execution[cell.experiment].cohort_by)].append(cell)
    found = []
    for (experiment, label), members in groups.items():
        size = configuration.execution[experiment].seed_block
        n_seeds = max(cell.seeds for cell in members)
        for first in range(0, n_seeds, size):
            # The name says which seeds are inside: a partly filled last block is a file of its own.
            last = min(first + size, n_seeds) - 1
            inside = tuple(cell for cell in members if cell.seeds > first)
            found.append(Cohort(experiment, f"{label}-s{first}-{last}", inside, first, last))
    return found


def _label(cell: Cell, setting: Setting, cohort_by: Iterable[str]) -> str:
    parts = []
    for column in cohort_by:
        if column in ("setting", "method"):
            parts.append(getattr(cell, column).replace(":", "-").replace("=", ""))
        elif column == "lam":
            text = number_text(cell.lam)
            parts.append(f"lam{text if len(text) <= MOST_DIGITS else cell.lam}")
        elif column == "p":
            parts.append(f"p{_p_label(cell.p)}")
        elif column == "n_train":
            parts.append(f"n{setting.n_train}")
    label = "-".join(parts)
    if len(label) > 120:  # of many layers with a p for each, longer than a file's name may be
        label = f"{label[:107]}-{hashlib.sha256(label.encode()).hexdigest()[:12]}"
    return label


def _p_label(p: str) -> str:
    """Write one p a layer as part of a file's name: that of many layers in short, or as a hash."""
    text, layers = p.replace("/", "_"), p.split("/")
    if len(text) <= MOST_LETTERS:
        return text
    if len(set(layers)) == 1:
        return f"{layers[0]}x{len(layers)}"
    return hashlib.sha256(p.encode()).hexdigest()[:16]


def runs(planned: Iterable[Cohort]) -> pd.DataFrame:
    """Expand cohorts into their runs, one row each.

    Columns: run_id, experiment, setting, method, lam (float), p (text), seed, data_seed, cohort, predictions, probes
    and account (bool). A cell is looked at once for each of its cohorts and its values are repeated by column: a
    million runs cost little more than the table that holds them.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.large_string()
    columns = pa.schema({"seed": pa.int64(), "data_seed": pa.int64(), "tail": text})
    blocks = [(cohort, cell) for cohort in planned for cell in cohort.cells]
    designs = [(cohort.seeds(cell), cell.data_seeds) for cohort, cell in blocks]  # few differ
    expanded = {design: pa.table(_expanded(*design), columns) for design in set(designs)}
    seeds = pa.concat_tables([columns.empty_table(), *(expanded[design] for design in designs)])
    block = pa.array(np.repeat(np.arange(len(blocks)), [len(expanded[design]) for design in designs]))

    def repeated(values: Iterable[object], kind: pa.DataType) -> pa.Array:
        return pc.take(pa.array(values, kind), block)

    def of_cells(name: str, kind: pa.DataType) -> pa.Array:
        return repeated([getattr(cell, name) for _, cell in blocks], kind)

    heads = repeated([_head(cell.key) for _, cell in blocks], text)
    return pa.table(
        {
            "run_id": pc.binary_join_element_wise(heads, seeds["tail"].combine_chunks(), pa.scalar("", text)),
            **{name: of_cells(name, text) for name in ("experiment", "setting", "method")},
            "lam": of_cells("lam", pa.float64()),
            "p": of_cells("p", text),
            "seed": seeds["seed"],
            "data_seed": seeds["data_seed"],
            "cohort": repeated([cohort.name for cohort, _ in blocks], text),
            **{name: of_cells(name, pa.bool_()) for name in ("predictions", "probes", "account")},
        }
    ).to_pandas()


def _head(key: Key) -> str:
    """Return the beginning of the ids of a cell's runs, up to the seed."""
    return run_id(*key, seed=0).removesuffix("0")


def _expanded(seeds: range, data_seeds: int) -> dict[str, list[int] | list[str]]:
    """Return seed, data seed and end of the id of a cell's runs."""
    pairs = [(seed, data_seed) for seed in seeds for data_seed in (range(data_seeds) or (seed,))]
    some = Key("", "", "", 0.0, "")  # the tail does not depend on the cell
    return {
        "seed": [seed for seed, _ in pairs],
        "data_seed": [data_seed for _, data_seed in pairs],
        "tail": [run_id(*some, *pair).removeprefix(_head(some)) for pair in pairs],
    }
