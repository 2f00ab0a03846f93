"""What claims ask of the tables: paired differences, cells that must exist, and the cell chosen on validation data."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from regularization.analysis.statistics import mean_interval, paired_contrast
from regularization.analysis.tables import NO_P, Estimate, Tables
from regularization.analysis.tuning import sign
from regularization.claims.claim import Measurement, Notes, NotMeasured
from regularization.naming import Key

PAIR = ["seed", "data_seed"]


def values(tables: Tables, key: Key, metric: str) -> pd.Series:
    """A metric of a cell's runs that did not diverge, by (seed, data_seed).

    Raises:
        NotMeasured: if there is no such run or the metric is not measured there.
    """
    found = tables.ok(key).set_index(PAIR)[metric].dropna().sort_index()
    if len(found) < 2:
        raise NotMeasured("lacks_values", metric=metric, key=key)
    return found


def differences(tables: Tables, a: Key, b: Key, metric: str) -> np.ndarray:
    """Differences a − b over the seeds that both cells have, in the order of the seeds, shape (pairs,).

    Raises:
        NotMeasured: unless two pairs at least exist.
    """
    paired = (values(tables, a, metric) - values(tables, b, metric)).dropna()
    if len(paired) < 2:
        raise NotMeasured("lacks_pairs", metric=metric, keys=(a, b))
    return paired.to_numpy()


def table_of(tables: Tables, metric: str, keys: Sequence[Key]) -> pd.DataFrame:
    """A metric by (seed, data_seed) and cell (columns 0, 1, … in the order of `keys`), pairs common to all."""
    return pd.concat([values(tables, key, metric) for key in keys], axis=1, keys=range(len(keys)), join="inner")


def lams(tables: Tables, experiment: str, setting: str, method: str) -> list[float]:
    """The λ > 0 at which a method was run without dropout, ascending."""
    runs = tables.runs
    chosen = (runs["experiment"] == experiment) & (runs["setting"] == setting) & (runs["method"] == method)
    return sorted(float(lam) for lam in runs.loc[chosen, "lam"].unique() if lam > 0)


def ps(tables: Tables, setting: str, method: str = "dropout", experiment: str = "fashion_mnist") -> list[str]:
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
        raise NotMeasured("lacks_probe", probe=name, at=level, key=key)
    return found


def probed(tables: Tables, name: str, level: float) -> pd.DataFrame:
    """A probe without dropout and at p = 0.5, columns without and dropout, by (seed, data_seed)."""
    return pd.DataFrame(
        {"without": probe(tables, network(), name, level), "dropout": probe(tables, dropped(0.5), name, level)}
    )


def weights(tables: Tables, key: Key) -> pd.DataFrame:
    """The weights, without the intercept, of a cell's runs that did not diverge: a row a seed, empty if not kept."""
    found = tables.ok(key)
    if found.empty or (table := tables.predictions(key)).empty:
        return pd.DataFrame()
    table = table[table["run_id"].isin(found["run_id"]) & (table["item"] < table["item"].max())]
    return table.set_index([*PAIR, "item"])["weight"].unstack()  # noqa: PD010


def network(
    method: str = "none", lam: float = 0.0, p: str = NO_P["fashion_mnist"], setting: str = "samples_500"
) -> Key:
    """A cell of the network experiment, by default where it overfits: 500 images."""
    return Key("fashion_mnist", setting, method, lam, p)


def dropped(p: float, setting: str = "samples_500") -> Key:
    """The cell of the network with dropout of the same p behind every hidden layer."""
    return network("dropout", p="/".join([f"{p:g}"] * len(NO_P["fashion_mnist"].split("/"))), setting=setting)


def linear(
    method: str = "none", lam: float = 0.0, setting: str = "textbook", p: str = NO_P["linear_regression"]
) -> Key:
    """A cell of the linear experiment, by default the chapter's."""
    return Key("linear_regression", setting, method, lam, p)


def contrast(values: np.ndarray | pd.Series, rng: np.random.Generator, notes: Notes | None = None) -> Measurement:
    """The measurement of paired differences, shape (pairs,)."""
    return Measurement.of(paired_contrast(np.asarray(values, dtype=float), rng=rng), notes)


def lowest(values: np.ndarray | pd.Series, rng: np.random.Generator) -> float:
    """Lower end of the 95 % interval of a mean of paired differences, shape (pairs,)."""
    return mean_interval(values, rng=rng)[0]


def highest(values: np.ndarray | pd.Series, rng: np.random.Generator) -> float:
    """Upper end of the same interval."""
    return mean_interval(values, rng=rng)[1]


def mean(values: np.ndarray | pd.Series, rng: np.random.Generator) -> Estimate:
    """A mean of paired differences, shape (pairs,), with its 95 % interval."""
    low, high, _ = mean_interval(values, rng=rng)
    return Estimate(float(values.mean()), low, high, len(values))


def chosen(
    tables: Tables, setting: str, method: str, metric: str = "validation_loss", experiment: str = "fashion_mnist"
) -> Key:
    """The method's cell that is best by its mean validation loss (or accuracy), among those without a diverged run.

    Raises:
        NotMeasured: if the method was not run in the setting, or has no such validation metric there.
    """
    cells = tables.of(experiment, setting, metric)
    cells = cells[(cells["method"] == method) & (cells["n_diverged"] == 0)].dropna(subset=["mean"])
    if cells.empty:
        raise NotMeasured("lacks_choice", metric=metric, method=method, experiment=experiment, setting=setting)
    best = cells.loc[(sign(metric) * cells["mean"]).idxmin()]
    return Key(experiment, setting, method, float(best["lam"]), str(best["p"]))


def check_the_edge(tables: Tables, key: Key, notes: Notes) -> None:
    """Note a failed condition where the strength is the smallest or the largest tried: the best may lie beyond."""
    if key.lam:
        own, tried = f"{key.lam:g}", [f"{one:g}" for one in lams(tables, key.experiment, key.setting, key.method)]
    else:
        own, tried = key.p, ps(tables, key.setting, key.method, key.experiment)
    if own in (tried[0], tried[-1]):
        notes.condition("inside_its_grid", False, key=key, own=own, tried=tried)


def component(tables: Tables, key: Key, name: str, loss: str = "squared_error") -> pd.Series:
    """A row of the decomposition: value, se, ci_low, ci_high, n_replicates.

    Raises:
        NotMeasured: if the cell was not decomposed.
    """
    table = tables.decomposition
    if not table.empty:
        mask = (table["loss"] == loss) & (table["component"] == name) & np.isclose(table["lam"], key.lam)
        for column in ("experiment", "setting", "method", "p"):
            mask &= table[column] == getattr(key, column)
        if mask.any():
            return table[mask].iloc[0]
    raise NotMeasured("lacks_component", component=name, key=key)


def probabilities(tables: Tables, key: Key) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Predicted class probabilities of a cell, shape (runs, items, classes), and the runs' (seed, data_seed).

    Raises:
        NotMeasured: if fewer than three runs' predictions were kept.
    """
    table = tables.predictions(key)
    if table.empty or table["run_id"].nunique() < 3:
        raise NotMeasured("lacks_predictions", key=key, several=True)
    table = table.sort_values([*PAIR, "item"])
    pairs = table[PAIR].drop_duplicates()
    classes = [column for column in table if column[0] == "p" and column[1:].isdigit()]
    values = table[classes].to_numpy().reshape(len(pairs), -1, len(classes))
    return values, [(int(a), int(b)) for a, b in pairs.to_numpy()]


def shuffled(differences: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paired differences after the two labels were swapped at random within every pair, same shape."""
    return differences * rng.choice([-1.0, 1.0], size=len(differences))
