"""What claims ask of the tables: paired differences, cells that must exist, and the cell chosen on validation data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regularization.claims.claim import NotMeasured
from regularization.tables import Key, Tables

PAIR = ["seed", "data_seed"]


def values(tables: Tables, key: Key, metric: str) -> pd.Series:
    """A metric of a cell's runs that did not diverge, by (seed, data_seed).

    Raises:
        NotMeasured: if there is no such run or the metric is not measured there.
    """
    found = tables.ok(key).set_index(PAIR)[metric].dropna().sort_index()
    if len(found) < 2:
        raise NotMeasured(f"{metric} of {words(key)} in at least two runs")
    return found


def differences(tables: Tables, a: Key, b: Key, metric: str) -> np.ndarray:
    """Differences a − b over the seeds that both cells have, in the order of the seeds, shape (pairs,).

    Raises:
        NotMeasured: unless two pairs at least exist.
    """
    paired = (values(tables, a, metric) - values(tables, b, metric)).dropna()
    if len(paired) < 2:
        raise NotMeasured(f"{metric} of {words(a)} and {words(b)} with common seeds")
    return paired.to_numpy()


def table_of(tables: Tables, metric: str, keys: Sequence[Key]) -> pd.DataFrame:
    """A metric by (seed, data_seed) and cell (columns 0, 1, … in the order of `keys`), pairs common to all."""
    return pd.concat([values(tables, key, metric) for key in keys], axis=1, keys=range(len(keys)), join="inner")


def lams(tables: Tables, experiment: str, setting: str, method: str) -> list[float]:
    """The λ > 0 at which a method was run without dropout, ascending."""
    runs = tables.runs
    chosen = (runs["experiment"] == experiment) & (runs["setting"] == setting) & (runs["method"] == method)
    return sorted(float(lam) for lam in runs.loc[chosen, "lam"].unique() if lam > 0)


def ps(tables: Tables, setting: str, method: str = "dropout", experiment: str = "dropout") -> list[str]:
    """The p (texts) at which a method was run, in ascending order of their first number."""
    runs = tables.runs
    chosen = (runs["experiment"] == experiment) & (runs["setting"] == setting) & (runs["method"] == method)
    return sorted(runs.loc[chosen, "p"].unique(), key=lambda text: [float(part) for part in text.split("/")])


def probe(tables: Tables, key: Key, name: str, level: float | None = None) -> pd.Series:
    """A probe's value of a cell's runs, by (seed, data_seed).

    Raises:
        NotMeasured: if the cell was not probed.
    """
    runs = tables.ok(key)[["run_id", *PAIR]]
    rows = tables.probes[tables.probes["probe"] == name]
    rows = rows[rows["level"].isna() if level is None else np.isclose(rows["level"], level)]
    found = runs.merge(rows, on="run_id").set_index(PAIR)["value"].dropna().sort_index()
    if len(found) < 2:
        at = "" if level is None else f" at {level:g}"
        raise NotMeasured(f"the probe {name}{at} of {words(key)}")
    return found


def words(key: Key) -> str:
    """A cell in words."""
    return f"{key.experiment}, setting {key.setting}, {key.method}, λ = {key.lam:g}, p = {key.p}"
