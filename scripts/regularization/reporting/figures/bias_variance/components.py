"""What the pictures of bias and variance share: the rows they draw, and how the components look."""

import pandas as pd

from regularization.analysis.tables import Estimate, Tables, as_estimate
from regularization.reporting.drawing.style import COLOURS, INK, Look

COMPONENTS = {
    "bias": Look("bias²", COLOURS["blue"][0], "-", "s"),
    "variance": Look("variance", COLOURS["vermillion"][0], (0, (5, 1.5)), "o"),
    "risk": Look("risk", INK, (0, (1, 1)), "none"),
}
CROSSED = {
    "variance_sampling": "training set",
    "variance_optimisation": "everything else (initial weights, batches, masks)",
    "variance_interaction": "both together",
}
COLUMNS = ["setting", "method", "lam", "p", "loss", "component", "mean", "ci_low", "ci_high", "n_replicates", "n_train"]


def decomposed(tables: Tables, experiment: str) -> pd.DataFrame:
    """The experiment's rows of the decomposition, with `COLUMNS`."""
    table = tables.decomposition
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    chosen = table[table["experiment"] == experiment].rename(columns={"value": "mean"})
    return chosen[COLUMNS].reset_index(drop=True)


def one(data: pd.DataFrame, component: str, **where: object) -> Estimate | None:
    """The only row of a component for which columns have given values, or None."""
    for column, value in where.items():
        data = data[data[column] == value]
    rows = data[data["component"] == component]
    return as_estimate(rows, "n_replicates") if len(rows) == 1 else None


def replicates(data: pd.DataFrame) -> list[int]:
    """Over how many models the rows are."""
    return [int(n) for n in data["n_replicates"].unique()]


def crossed_settings(data: pd.DataFrame) -> set[str]:
    """Settings in which data seeds and seeds were crossed."""
    return set(data.loc[data["component"].isin(CROSSED), "setting"])
