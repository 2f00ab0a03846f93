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

    from regularization.study.configuration import Configuration


@dataclass(frozen=True)
class Table:
    """One table, stored as Parquet.

    It is put together from the cohorts' tables, computed from the configuration, an analysis of those, or made where
    the claims are weighed; the last two are there where the study asks for them.
    """

    stage: Literal["collected", "theory", "analysis", "ledger"]
    n_keys: int  # how many columns, the first ones, name a row; 0 where all that hold no results do
    columns: list[str]  # those that are relied on; the data dictionary has all
    csv: bool = False  # whether it is small enough to be stored as CSV too
    may_be_empty: bool = True  # whether a study may have no row of it
    asked_by: str = ""  # what in a study gives it rows (`Configuration.asks`); "": any study

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
    "probes": Table("collected", 3, columns.PROBE_COLUMNS, asked_by="probes"),
    "calibration": Table("collected", 1, columns.CALIBRATION_COLUMNS, asked_by="fashion_mnist"),
    "account": Table("collected", 1, columns.ACCOUNT_COLUMNS, asked_by="account"),
    "settings": Table("collected", 2, _SETTING, csv=True),
    "gates": Table("collected", 5, _GATES, csv=True),
    "provenance": Table("collected", 0, [], csv=True),
    "labels": Table("collected", 1, ["item", "label"], asked_by="fashion_mnist"),
    "sample_images": Table("collected", 2, ["item", "pixel", "label", "value"], asked_by="fashion_mnist"),
    "theory": Table("theory", 4, _THEORY, csv=True, asked_by="linear_regression"),
    "decomposition": Table("analysis", 7, _COMPONENTS, csv=True, asked_by="predictions"),
    "examples": Table("analysis", 4, _EXAMPLES, csv=True, asked_by="predictions"),
    "tuning": Table("analysis", 7, _TUNING, csv=True),
    "claims": Table("ledger", 1, ["id"], csv=True, asked_by="claims"),
    "verdict_robustness": Table("ledger", 2, ["id", "variation"], csv=True, asked_by="claims"),
    "controls": Table("ledger", 1, ["id"], csv=True, asked_by="claims"),
    "null_ledgers": Table("ledger", 3, ["kind", "ledger", "rule_kind"], asked_by="claims"),
    "identities": Table("ledger", 4, ["claim", "case", "p", "quantity"], csv=True, asked_by="claims"),
}
COLLECTED = tuple(name for name in (*columns.COHORT_FILES, "cells") if name in TABLES)  # the experiments' put together


def asked(study: Configuration) -> list[str]:
    """The tables that a study has: those of every study, and what it asks for."""
    return [name for name, table in TABLES.items() if table.basic or not table.asked_by or study.asks(table.asked_by)]


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
