"""Networks without regularization that fit their training images as closely as a regularized one does."""

import numpy as np
import pandas as pd

from regularization.analysis.tables import NO_P, Tables
from regularization.naming import Key


def as_close_a_fit(tables: Tables, regularized: Key, probe: str) -> Key | None:
    """Find the cell without regularization whose mean training loss is closest to a regularized network's (as a ratio).

    Sought among the probed networks that differ in the number of epochs at most; None where there is none.
    """
    goal = tables.ok(regularized)["train_loss"].mean()
    probed = set(tables.probes.loc[tables.probes["probe"] == probe, "run_id"])
    distances: dict[Key, float] = {}
    for setting in (regularized.setting, *of_other_length(tables.settings, regularized.setting)):
        key = Key("fashion_mnist", setting, "none", 0.0, NO_P["fashion_mnist"])
        runs = tables.ok(key)
        if runs["run_id"].isin(probed).sum() >= 2:
            distances[key] = abs(np.log(runs["train_loss"].mean() / goal))
    return min(distances, key=lambda key: distances[key]) if distances else None


def of_other_length(settings: pd.DataFrame, setting: str) -> list[str]:
    """List the network's settings that differ from one in the number of epochs, and in nothing else."""
    networks = settings[settings["experiment"] == "fashion_mnist"].set_index("setting")
    if setting not in networks.index:
        return []
    rest, epochs = networks.drop(columns="epochs"), networks["epochs"]
    own = rest.loc[setting]
    same = ((rest == own) | (rest.isna() & own.isna())).all(axis=1) & (epochs != epochs[setting])
    return [str(name) for name in networks.index[same]]
