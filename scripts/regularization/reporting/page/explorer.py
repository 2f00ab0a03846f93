"""The data of the page's explorers: stored learning curves, final weights and final numbers, one step a cell.

An explorer is a family of cells that a reader walks through with a slider: by λ in the first experiment, by p in the
second. Everything it shows is in its data, as numbers for what is drawn and as words for what is read.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd

from regularization.analysis.tables import Estimate, Tables, estimates
from regularization.naming import CELL, Key, parse_p
from regularization.reporting.drawing.style import look
from regularization.reporting.words import count, interval, listing, plain, setting_title

DIGITS = 3  # of the numbers that are drawn
BAND = (0.1, 0.5, 0.9)  # the middle 80 % of the seeds around the median
SIZES = 10.0 ** np.arange(-4, 1.01, 0.25)  # edges of the histogram of |w|; what lies outside counts at its ends
LINEAR_SETTINGS = ("textbook", "textbook_noise_0.1", "zero_init", "zero_init_noise_0.1")
LINEAR_METHODS = ("l2_penalty", "norm_constraint", "input_noise", "early_stopping")
NETWORK_METHODS = ("none", "dropout", "weight_decay", "dropout_weight_decay")  # cells of the λ × p grid
NUMBERS = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "gap": "gap: test − training",
    "risk": "exact risk",
    "test_accuracy": "test accuracy",
    "weight_norm": "‖w‖",
}
Families = Mapping[tuple[str, str], Sequence[Key]]  # (setting, choice) → its cells along the slider


@dataclass(frozen=True)
class Step:
    """One cell, at one place of the slider."""

    at: str  # the slider's value, in words
    seeds: str  # how many there are and how many diverged or collapsed, in words
    numbers: list[str]  # final values in the order of the explorer's `numbers`, means with 95 % intervals, in words
    epochs: list[int]  # shape (epochs,); empty where no curve was stored or none ended well
    train: list[list[float]]  # low, median and high over the seeds by epoch, shape (3, epochs)
    test: list[list[float]]  # the same for the test loss
    weights: list[float]  # share of the weights in each bin of `sizes`, shape (bins,); empty where none were kept


@dataclass(frozen=True)
class Choice:
    """Steps along the slider, everything else fixed."""

    title: str
    steps: list[Step]


@dataclass(frozen=True)
class Setting:
    """A setting's choices; `truth` is |w*ᵢ| where all true weights are the same."""

    title: str
    truth: float | None
    choices: list[Choice]


@dataclass(frozen=True)
class Explorer:
    """Everything one explorer shows."""

    slider: str  # the symbol of what the slider moves
    choice: str  # what the choices of a setting differ in
    loss: str  # what the curves show, with its unit
    numbers: list[str]  # what the final numbers are
    settings: list[Setting]  # those that have a choice with at least two steps
    sizes: list[float] = field(default_factory=list)  # edges of the bins of `Step.weights`

    def json(self) -> str:
        """All of it, compact."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def explorers(tables: Tables) -> dict[str, Explorer]:
    """The explorers that the study has the data for, by the names that the sections call them."""
    made = {"explore-weight-decay": weight_decay(tables), "explore-dropout": dropout(tables)}
    return {name: one for name, one in made.items() if one.settings}


def weight_decay(tables: Tables) -> Explorer:
    """Linear regression by λ; the choices are methods."""
    families = {}
    for name in tables.studied("linear_regression", LINEAR_SETTINGS):
        for method in LINEAR_METHODS:
            path = tables.path(name, method, "test_loss")
            if (path["method"] == method).any():
                cells = path[["method", "lam", "p"]].itertuples(index=False)
                families[name, look(method).label] = [Key("linear_regression", name, *cell) for cell in cells]
    metrics = [metric for metric in NUMBERS if metric != "test_accuracy"]
    settings = _settings(tables, families, metrics, lambda key: plain(key.lam))
    return Explorer("λ", "method", "squared error", [NUMBERS[metric] for metric in metrics], settings, _rounded(SIZES))


def dropout(tables: Tables) -> Explorer:
    """The network by p; the choices are strengths of weight decay beside it."""
    families: dict[tuple[str, str], list[Key]] = {}
    for name in (*tables.studied("fashion_mnist", ["textbook"]), *tables.series("fashion_mnist")):
        cells = tables.of("fashion_mnist", name, "test_loss")
        cells = cells[cells["method"].isin(NETWORK_METHODS)]
        keys = [Key("fashion_mnist", name, *cell) for cell in cells[["method", "lam", "p"]].itertuples(index=False)]
        for key in sorted(keys, key=lambda key: (key.lam, parse_p(key.p))):
            families.setdefault((name, f"λ = {plain(key.lam)}"), []).append(key)
    metrics = [metric for metric in NUMBERS if metric != "risk"]
    # Of p = 0.5/0.5 the one number; probabilities that differ by layer are listed.
    settings = _settings(tables, families, metrics, lambda key: listing(dict.fromkeys(map(plain, parse_p(key.p)))))
    return Explorer("p", "weight decay", "cross-entropy, nats", [NUMBERS[metric] for metric in metrics], settings)


def _settings(tables: Tables, families: Families, metrics: Sequence[str], at: Callable[[Key], str]) -> list[Setting]:
    """The families with at least two cells and a curve, by setting; the setting with the longest walk first."""
    families = {name: family for name, family in families.items() if len(family) > 1}
    keys = pd.DataFrame([key for family in families.values() for key in family], columns=CELL).drop_duplicates()
    runs = tables.runs.merge(keys, on=CELL).assign(gap=lambda frame: frame["test_loss"] - frame["train_loss"])
    ok = runs[runs["status"] == "ok"]
    finals = {metric: dict(tuple(estimates(ok, CELL, metric).groupby(CELL, sort=False))) for metric in metrics}
    total, left = runs.groupby(CELL).size(), ok.groupby(CELL).size()

    def step(key: Key) -> Step:
        n = int(total[key])
        lost = n - int(left.get(key, 0))
        curve = _bands(tables.curve(key))
        return Step(
            at=at(key),
            seeds=count(n, "seed") + (f", {lost:,} of them diverged or collapsed" if lost else ""),
            numbers=[_words(finals[metric].get(key)) for metric in metrics],
            epochs=curve["epoch"].tolist(),
            train=_drawn(curve, "train_loss"),
            test=_drawn(curve, "test_loss"),
            weights=_weights(tables, key),
        )

    made: dict[str, Setting] = {}
    for (name, choice), family in families.items():
        steps = [step(key) for key in family]
        if any(one.epochs for one in steps):
            made.setdefault(name, _setting(tables, family[0])).choices.append(Choice(choice, steps))
    return sorted(made.values(), key=lambda setting: -max(len(choice.steps) for choice in setting.choices))


def _setting(tables: Tables, key: Key) -> Setting:
    """A setting of that cell's, still without choices."""
    task = tables.setting(key.experiment, key.setting)
    if key.experiment == "linear_regression":
        return Setting(setting_title(key.setting), float(task["true_weight"]), [])
    own = f", {key.setting}" if key.setting == "textbook" else ""
    return Setting(f"n = {plain(task['n_train'])}{own}", None, [])


def _bands(curves: pd.DataFrame) -> pd.DataFrame:
    """Quantiles `BAND` of both losses over the seeds of one cell, a row an epoch: (loss, quantile) columns."""
    quantiles = curves.groupby("epoch")[["train_loss", "test_loss"]].quantile(list(BAND))
    return quantiles.unstack().reset_index()  # noqa: PD010 - a quantile's level becomes columns, nothing is aggregated


def _drawn(curve: pd.DataFrame, loss: str) -> list[list[float]]:
    return [] if curve.empty else [_rounded(curve[loss, share]) for share in BAND]


def _words(final: pd.DataFrame | None) -> str:
    if final is None:
        return "–"
    one = final.iloc[0]
    words = interval(Estimate(one["mean"], one["ci_low"], one["ci_high"], int(one["n"])))
    return words.replace(" × ", "\u00a0×\u00a0")


def _weights(tables: Tables, key: Key) -> list[float]:
    """Share of a cell's final weights, those of all its runs together, by size; empty where none were kept."""
    kept = tables.predictions(key) if key.experiment == "linear_regression" else pd.DataFrame()
    if kept.empty:
        return []
    of_weights = kept["item"] < tables.setting(key.experiment, key.setting)["n_features"]  # then comes the bias
    sizes = kept.loc[of_weights & kept["run_id"].isin(tables.ok(key)["run_id"]), "weight"].abs()
    n, _ = np.histogram(np.clip(sizes, SIZES[0], SIZES[-1]), SIZES)
    return _rounded(n / n.sum()) if n.any() else []


def _rounded(values: Sequence[float] | np.ndarray | pd.Series) -> list[float]:
    """To `DIGITS` significant digits, which is more than a drawing shows."""
    return [float(f"{value:.{DIGITS}g}") for value in values]
