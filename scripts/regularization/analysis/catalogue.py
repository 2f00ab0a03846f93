"""Every table of a study's folder `tables`: its columns, what names a row, and what makes it.

What one cohort leaves stands in `columns.py`, which training reads; an edit here trains nothing. Nothing here needs a
library, as the workflow reads it whenever it starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from regularization.columns import COHORT_FILES, CURVE_COLUMNS, PROBE_COLUMNS, RUN_COLUMNS
from regularization.naming import CELL
from regularization.system.files import write_table

if TYPE_CHECKING:
    import pandas as pd

INTERVAL = ["value", "ci_low", "ci_high"]


@dataclass(frozen=True)
class Table:
    """One table, stored as Parquet.

    Attributes:
        stage: whether it is put together from the cohorts' tables, computed from the configuration, an analysis of
            those, or made where the claims are weighed. The last two may be missing from a study.
        key: the columns that name a row; none where rows are told apart by all their columns that hold no results.
        columns: those that are relied on; the data dictionary has all.
        csv: whether it is small enough to be stored as CSV too.
        may_be_empty: whether a study may have no row of it.
    """

    stage: Literal["collected", "theory", "analysis", "ledger"]
    key: Sequence[str]
    columns: Sequence[str] = ()
    csv: bool = False
    may_be_empty: bool = True

    @property
    def basic(self) -> bool:
        """Whether every study has it."""
        return self.stage in ("collected", "theory")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The suffixes of its files."""
        return ("parquet", "csv") if self.csv else ("parquet",)


TABLES = {
    "runs": Table("collected", ["run_id"], RUN_COLUMNS, may_be_empty=False),
    "curves": Table("collected", ["run_id", "epoch"], CURVE_COLUMNS),
    "cells": Table(
        "collected",
        [*CELL, "metric"],
        [*CELL, "metric", "n", "n_diverged", "mean", "sd", "ci_low", "ci_high"],
        csv=True,
        may_be_empty=False,
    ),
    "probes": Table("collected", ["run_id", "probe", "level"], PROBE_COLUMNS),
    "settings": Table("collected", ["experiment", "setting"], ["experiment", "setting"], csv=True),
    "gates": Table(
        "collected",
        ["experiment", "setting", "method", "metric"],
        ["experiment", "setting", "method", "metric", "at_least", "n", "worst", "mean", "passed"],
        csv=True,
    ),
    "provenance": Table("collected", [], csv=True),
    "labels": Table("collected", ["item"]),
    "theory": Table(
        "theory",
        ["experiment", "setting", "quantity", "lam"],
        ["experiment", "setting", "quantity", "lam", "n_train", *INTERVAL],
        csv=True,
    ),
    "account": Table("analysis", ["run_id"]),
    "decomposition": Table(
        "analysis",
        [*CELL, "loss", "component"],
        [*CELL, "loss", "component", "value", "se", "ci_low", "ci_high", "n_replicates", "n_items"],
        csv=True,
    ),
    "examples": Table(
        "analysis",
        ["setting", "method", "x1", "x2"],
        ["setting", "method", "x1", "x2", "target", "mean", "low", "high"],
        csv=True,
    ),
    "tuning": Table(
        "analysis",
        ["experiment", "setting", "method", "metric", "quantity", "strength", "k"],
        ["experiment", "setting", "method", "metric", "quantity", "strength", "k", *INTERVAL, "n"],
        csv=True,
    ),
    "claims": Table("ledger", ["id"], csv=True),
    "controls": Table("ledger", ["id"], csv=True),
    "identities": Table("ledger", ["claim", "case", "p", "quantity"], csv=True),
}
AGGREGATED = (*COHORT_FILES, "cells")  # the tables of one experiment
COLLECTED = tuple(name for name in AGGREGATED if name in TABLES)  # of which the experiments' are put together


def key_of(name: str) -> Sequence[str]:
    """What names a row of a table; predictions, whose columns differ by experiment, are a table of each."""
    if name.startswith("predictions_"):
        return ["run_id", "item"]
    return TABLES[name].key if name in TABLES else []


def store(name: str, table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, and as CSV beside it where it is stored as that too."""
    write_table(table, path, csv=TABLES[name].csv)


def tables_of(*stages: str) -> Iterator[str]:
    """The names of the tables of some stages."""
    return (name for name, table in TABLES.items() if table.stage in stages)
