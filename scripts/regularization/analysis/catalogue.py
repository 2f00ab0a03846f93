"""Every table of a study's folder `tables`: its columns, what names a row, and what makes it.

What one cohort leaves stands in `columns.py`, which training reads; an edit here trains nothing. Nothing here needs a
library, as the workflow reads it whenever it starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from regularization import columns
from regularization.naming import CELL
from regularization.system.files import write_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """One table, stored as Parquet.

    It is put together from the cohorts' tables, computed from the configuration, an analysis of those, or made where
    the claims are weighed; a study may lack the last two.
    """

    stage: Literal["collected", "theory", "analysis", "ledger"]
    n_keys: int  # how many columns, the first ones, name a row; 0 where all that hold no results do
    columns: list[str]  # those that are relied on; the data dictionary has all
    csv: bool = False  # whether it is small enough to be stored as CSV too
    may_be_empty: bool = True  # whether a study may have no row of it

    @property
    def basic(self) -> bool:
        """Whether every study has it."""
        return self.stage in ("collected", "theory")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The suffixes of its files."""
        return ("parquet", "csv") if self.csv else ("parquet",)


_CELLS = [*CELL, "metric", "n", "n_diverged", "n_collapsed", "mean", "median", "sd", "ci_low", "ci_high"]
_SETTING = ["experiment", "setting"]
_GATES = [*_SETTING, "method", "metric", "of", "at_least", "n", "worst", "median", "mean", "passed"]
_THEORY = [*_SETTING, "quantity", "lam", "n_train", "value", "ci_low", "ci_high"]
_COMPONENTS = [*CELL, "loss", "component", "value", "se", "ci_low", "ci_high", "n_replicates", "n_items", "n_train"]
_EXAMPLES = ["setting", "method", "x1", "x2", "target", "mean", "low", "high"]
_TUNING = [*_SETTING, "method", "metric", "quantity", "strength", "k", "value", "ci_low", "ci_high", "n"]

TABLES = {
    "runs": Table("collected", 1, columns.RUN_COLUMNS, may_be_empty=False),
    "curves": Table("collected", 2, columns.CURVE_COLUMNS),
    "cells": Table("collected", 6, _CELLS, csv=True, may_be_empty=False),
    "probes": Table("collected", 3, columns.PROBE_COLUMNS),
    "calibration": Table("collected", 1, columns.CALIBRATION_COLUMNS),
    "account": Table("collected", 1, columns.ACCOUNT_COLUMNS),
    "settings": Table("collected", 2, _SETTING, csv=True),
    "gates": Table("collected", 5, _GATES, csv=True),
    "provenance": Table("collected", 0, [], csv=True),
    "labels": Table("collected", 1, ["item", "label"]),
    "sample_images": Table("collected", 2, ["item", "pixel", "label", "value"]),
    "theory": Table("theory", 4, _THEORY, csv=True),
    "decomposition": Table("analysis", 7, _COMPONENTS, csv=True),
    "examples": Table("analysis", 4, _EXAMPLES, csv=True),
    "tuning": Table("analysis", 7, _TUNING, csv=True),
    "claims": Table("ledger", 1, ["id"], csv=True),
    "verdict_robustness": Table("ledger", 2, ["id", "variation"], csv=True),
    "controls": Table("ledger", 1, ["id"], csv=True),
    "null_ledgers": Table("ledger", 3, ["kind", "ledger", "rule_kind"]),
    "identities": Table("ledger", 4, ["claim", "case", "p", "quantity"], csv=True),
}
COLLECTED = tuple(name for name in (*columns.COHORT_FILES, "cells") if name in TABLES)  # the experiments' put together


def key_of(name: str) -> list[str]:
    """What names a row of a table; predictions, whose columns differ by experiment, are a table of each."""
    if name.startswith("predictions_"):
        return ["run_id", "item"]
    return TABLES[name].columns[: TABLES[name].n_keys] if name in TABLES else []


def store(name: str, table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, and as CSV beside it where it is stored as that too."""
    write_table(table, path, csv=TABLES[name].csv)


def tables_of(*stages: str) -> Iterator[str]:
    """The names of the tables of some stages."""
    return (name for name, table in TABLES.items() if table.stage in stages)
