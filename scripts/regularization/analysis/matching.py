"""Networks with and without a regularizer at the same training loss, so that one is not smoother by fitting less."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

MATCHED = 0.05  # how far beyond the lengths trained a training loss may lie, as a share


def at_same_loss(measured: pd.DataFrame, lengths: Sequence[pd.DataFrame]) -> pd.Series:
    """log(without/with) of a quantity at the regularized network's training loss, by seed.

    All frames have a row a seed and two columns, log training loss and log quantity: `measured` of the regularized
    network, `lengths` of networks without, each trained for another number of epochs. Between them the logarithm is
    interpolated linearly in the log training loss, seed by seed. Empty where fewer than half of the seeds lie within
    the training losses reached.
    """
    aligned = [one.reindex(measured.index).to_numpy() for one in lengths]
    found = {}
    for i, (pair, goal, value) in enumerate(zip(measured.index, *measured.to_numpy().T, strict=True)):
        points = np.array([one[i] for one in aligned if np.isfinite(one[i]).all()])
        if len(points) and points[:, 0].min() - MATCHED <= goal <= points[:, 0].max() + MATCHED:
            found[pair] = np.interp(goal, *points[points[:, 0].argsort()].T) - value
    return pd.Series(found if len(found) >= max(2, len(measured) / 2) else {}, dtype=float)


def of_other_length(settings: pd.DataFrame, setting: str) -> list[str]:
    """List the network's settings that differ from one in the number of epochs, and in nothing else."""
    networks = settings[settings["experiment"] == "fashion_mnist"].set_index("setting")
    if setting not in networks.index:
        return []
    rest, epochs = networks.drop(columns="epochs"), networks["epochs"]
    own = rest.loc[setting]
    same = ((rest == own) | (rest.isna() & own.isna())).all(axis=1) & (epochs != epochs[setting])
    return [str(name) for name in networks.index[same]]
