"""Bias and variance of every cell whose predictions were kept, as one long table."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from regularization.analysis import decomposition
from regularization.analysis.catalogue import TABLES
from regularization.analysis.decomposition import MIN_REPLICATES, Components
from regularization.columns import LOST
from regularization.naming import CELL
from regularization.settings import setting_class

COLUMNS = TABLES["decomposition"].columns
TYPES = {
    **dict.fromkeys([*CELL, "loss", "component"], "str"),
    **dict.fromkeys(["lam", "value", "se", "ci_low", "ci_high"], "float64"),
    **dict.fromkeys(["n_replicates", "n_items", "n_train"], "int64"),
}


def decomposition_table(
    runs: pd.DataFrame,
    settings: pd.DataFrame,
    predictions: Mapping[str, Iterable[pd.DataFrame]],
    labels: np.ndarray | None = None,
) -> pd.DataFrame:
    """Split the risk of every cell that has predictions; columns `COLUMNS`, sorted by cell.

    Predictions are a table by experiment, in blocks of rows in any order; `labels`, shape (items,), are of experiments
    that predict classes. n_items is 0 where the average over inputs is exact (the linear model).

    Replicates differ in their training set and their seed. Left out: diverged runs (with their data seed, where seeds
    and data seeds are crossed); networks whose training images others have had (data seeds from `disjoint_seeds` on);
    cells with fewer than three replicates left. Raises `ValueError` if there are predictions of unknown runs, of a part
    of a cell only, or of networks without `labels`.
    """
    by_name = settings.set_index(["experiment", "setting"])
    rows: list[dict[str, object]] = []
    for experiment, blocks in predictions.items():
        chosen = runs[runs["experiment"] == experiment]
        for members, values in gathered(chosen, by_name, blocks, labels):
            setting = by_name.loc[experiment, members["setting"].iloc[0]]
            ok = (members["status"] == "ok").to_numpy()
            if setting_class(experiment).predicts == "parameters":
                rows += _linear_rows(members[ok], values[ok, :, 0], setting)
            elif setting_class(experiment).predicts == "classes":
                ok = ok & (members["data_seed"] < setting["disjoint_seeds"]).to_numpy()
                assert labels is not None  # `gathered` asked for them
                rows += _network_rows(members[ok], values[ok], labels)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["n_train"] = by_name["n_train"].reindex(pd.MultiIndex.from_frame(table[["experiment", "setting"]])).to_numpy()
    return table.astype(TYPES).sort_values(CELL, kind="stable", ignore_index=True)


def gathered(
    runs: pd.DataFrame, settings: pd.DataFrame, blocks: Iterable[pd.DataFrame], labels: np.ndarray | None
) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """Collect one experiment's predictions cell by cell; a cell is handed on, and forgotten, once it is complete.

    Settings are indexed by experiment and setting; blocks have run_id, item and one column an output. Yields a cell's
    runs by seed and data seed, and its predictions, shape (runs, items, outputs).
    """
    runs = runs.sort_values([*CELL, "seed", "data_seed"], ignore_index=True)
    cell = runs.groupby(CELL, sort=False).ngroup().to_numpy()
    first = np.flatnonzero(np.diff(cell, prepend=-1))  # of each cell's runs
    size = np.bincount(cell)
    position = pd.Index(runs["run_id"])
    pending: dict[int, np.ndarray] = {}
    missing: dict[int, int] = {}  # rows that are still to come
    for block in blocks:
        ids = block["run_id"].astype("category").cat
        row = position.get_indexer(ids.categories)[ids.codes]
        if (row < 0).any():
            unknown = block["run_id"][row < 0].iloc[0]
            raise ValueError(f"predictions of a run that is not in the table of runs: {unknown}")
        item, outputs = block["item"].to_numpy(), block.columns.difference(["run_id", "item", *LOST], sort=False)
        values = block[outputs].to_numpy()
        for index in np.unique(cell[row]):
            if index not in pending:
                n_items = _n_items(runs.iloc[first[index]], settings, labels)
                pending[index] = np.full((size[index], n_items, values.shape[1]), np.nan, dtype=values.dtype)
                missing[index] = size[index] * n_items
            inside = cell[row] == index
            pending[index][row[inside] - first[index], item[inside]] = values[inside]
            missing[index] -= int(inside.sum())
            if missing[index] == 0:
                yield runs.iloc[first[index] : first[index] + size[index]], pending.pop(index)
    for index in pending:
        run = runs["run_id"].iloc[first[index]]
        raise ValueError(f"{missing[index]:,} rows of predictions are missing in the cell of {run}")


def _n_items(run: pd.Series, settings: pd.DataFrame, labels: np.ndarray | None) -> int:
    if setting_class(run["experiment"]).predicts == "parameters":
        return int(settings.loc[(run["experiment"], run["setting"]), "n_features"]) + 1  # and the intercept
    if labels is None:
        raise ValueError(f"bias and variance of {run['run_id']} need the test labels")
    return len(labels)


def _linear_rows(members: pd.DataFrame, parameters: np.ndarray, setting: pd.Series) -> list[dict[str, object]]:
    """Rows of one cell from its parameters (runs, features + 1), the intercept last."""
    if len(members) < MIN_REPLICATES:
        return []
    weights, biases = parameters[:, :-1], parameters[:, -1]
    true_weights = np.full(weights.shape[1], setting["true_weight"])
    components = decomposition.linear_model(weights, biases, true_weights, setting["true_bias"], setting["noise_std"])
    return rows_of(members.iloc[0][CELL].to_dict(), "squared_error", components, len(members), 0)


def _network_rows(members: pd.DataFrame, p: np.ndarray, labels: np.ndarray) -> list[dict[str, object]]:
    """Rows of one cell from its class probabilities (runs, items, classes)."""
    if members.empty:
        return []
    cell, targets = members.iloc[0][CELL].to_dict(), decomposition.one_hot(labels, p.shape[2])
    if members["seed"].duplicated().any() or members["data_seed"].duplicated().any():
        n_seeds = members["seed"].nunique()
        whole = (members.groupby("data_seed")["seed"].transform("size") == n_seeds).to_numpy()
        order = np.lexsort((members["seed"][whole], members["data_seed"][whole]))
        design = p[whole][order].reshape(-1, n_seeds, *p.shape[1:])
        if min(design.shape[:2]) < MIN_REPLICATES:
            return []
        components = decomposition.crossed(design, targets)
        return rows_of(cell, "squared_error", components, int(whole.sum()), len(labels))
    if len(members) < MIN_REPLICATES:
        return []
    losses = {
        "squared_error": decomposition.squared_error(p, targets),
        "cross_entropy": decomposition.cross_entropy(p, labels),
        "zero_one": decomposition.zero_one(p, labels),
    }
    sizes = (len(members), len(labels))
    return [row for loss, components in losses.items() for row in rows_of(cell, loss, components, *sizes)]


def rows_of(
    cell: Mapping[str, object], loss: str, components: Components, n_replicates: int, n_items: int
) -> list[dict[str, object]]:
    """The rows of one decomposition: `COLUMNS`, one row a component."""
    sizes = {"n_replicates": n_replicates, "n_items": n_items}
    return [{**cell, "loss": loss, "component": name, **vars(part), **sizes} for name, part in components.items()]
