"""Small tables with known effects, in the form of the study's, for the claims and the analyses."""

from typing import Any

import numpy as np
import pandas as pd

from regularization.analysis.aggregation import cells_table
from regularization.analysis.catalogue import TABLES
from regularization.analysis.tables import Tables
from regularization.columns import METRICS, RUN_COLUMNS
from regularization.naming import Key, run_id
from regularization.training.results import NO_PROBES


def cell(
    experiment: str,
    setting: str,
    method: str,
    lam: float,
    p: str,
    rng: np.random.Generator,
    *,
    n: int = 12,
    noise: float = 0.001,
    status: str = "ok",
    **means: float,
) -> pd.DataFrame:
    """Runs of one cell: every metric named in `means` scatters around its mean by `noise`, the others are NaN."""
    seeds = np.arange(n)
    table = pd.DataFrame(
        {
            "run_id": [run_id(experiment, setting, method, lam, p, seed) for seed in seeds],
            **Key(experiment, setting, method, float(lam), p)._asdict(),
            **{"seed": seeds, "data_seed": seeds, "cohort": "c", "status": status, "epochs": 1.0},
            **dict.fromkeys(METRICS, np.nan),
        }
    )
    for name, mean in means.items():
        table[name] = mean + noise * rng.standard_normal(n)
    return table[RUN_COLUMNS]


def runs(*cells: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(cells, ignore_index=True)


def tables(*cells: pd.DataFrame, **others: Any) -> Tables:
    """A study of these cells; `others` are further tables by name."""
    table = runs(*cells)
    nothing = {name: pd.DataFrame(columns=kind.columns) for name, kind in TABLES.items() if kind.basic}
    nothing["probes"] = NO_PROBES
    nothing["settings"] = pd.DataFrame(
        {name: [] for name in ("experiment", "setting", "random_labels", "hidden", "n_train")}
    )
    return Tables(**{**nothing, "runs": table, "cells": cells_table(table), **others})
