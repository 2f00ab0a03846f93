"""MADE-UP tables in the study's shape, for tests of the figures and the report only.

The numbers follow the outline of the physics (the null space keeps its initialisation, ridge has a best λ, dropout
helps where samples are few) but nothing here was trained: never show them as a result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import shared
from figures import example_analyses as analyses
from regularization.analysis.aggregation import cells_table, settings_table
from regularization.analysis.catalogue import TABLES, tables_of
from regularization.analysis.tables import Tables
from regularization.analysis.tuning import tuning_table
from regularization.columns import ACTIVATION_VARIANCES, METRICS
from regularization.naming import parse_p, run_id
from regularization.settings import FashionMLPSetting, LinearRegressionSetting

MADE_UP = shared.cases(__file__)  # settings, and what a job measures
LINEAR = {name: LinearRegressionSetting(**own) for name, own in MADE_UP["linear"].items()}
MLP = {name: FashionMLPSetting(**{key: tuple(value) if key == "hidden" else value for key, value in own.items()})
       for name, own in MADE_UP["mlp"].items()}  # fmt: skip
NOISE = {"input_noise": 0.002, "layer_noise": 0.001}  # method: the λ of weight decay that one unit of its λ is like
CONCISE = {"concise_published": 1, "concise_mapped": 2}  # setting: its λ for one of the version from scratch


@dataclass(frozen=True)
class Size:
    """How much of a study the made-up tables hold."""

    experiments: tuple[str, ...] = ("linear_regression", "fashion_mnist")
    seeds: int = 6
    lam: tuple[float, ...] = (0.0, 0.3, 3.0, 10.0, 100.0, 300.0, 700.0)
    linear: tuple[str, ...] = tuple(LINEAR)
    mlp: tuple[str, ...] = tuple(MLP)
    methods: tuple[str, ...] = ("none", "l2_penalty", "weight_decay", "norm_constraint", "ridge")
    analyses: bool = True  # whether anything was derived from the runs


SMOKE = Size(seeds=1, lam=(0.0, 3.0), linear=("textbook",), mlp=("samples_500",), methods=("none", "l2_penalty"))


def example_tables(size: Size = Size()) -> Tables:
    """All tables of a made-up study."""
    runs = pd.DataFrame([run for experiment in size.experiments for run in _runs(experiment, size)])
    chosen = {
        "linear_regression": {name: LINEAR[name] for name in size.linear},
        "fashion_mnist": {name: MLP[name] for name in size.mlp},
    }
    settings = settings_table({one: own for one, own in chosen.items() if one in size.experiments})
    tables = Tables(
        runs=runs,
        settings=settings,
        curves=_curves(runs),
        cells=cells_table(runs),
        theory=_theory(size),
        gates=_gates(size),
        provenance=_provenance(runs),
        probes=analyses.probes(runs),
        calibration=analyses.calibration(runs),
        labels=pd.DataFrame(dict.fromkeys(("item", "label"), range(10 if "fashion_mnist" in size.experiments else 0))),
        sample_images=_sample_images(10 if "fashion_mnist" in size.experiments else 0),
        account=analyses.account(runs, settings),
        decomposition=analyses.decomposition(runs, settings),
        examples=analyses.examples(),
        tuning=tuning_table(runs),
        claims=analyses.claims(),
        controls=analyses.controls(),
        verdict_robustness=analyses.verdict_robustness(),
        identities=analyses.identities(),
    )
    return tables if size.analyses else without_analyses(tables)


def _sample_images(n: int) -> pd.DataFrame:
    """Ramps of grey, one a class."""
    items, pixels = np.repeat(np.arange(n), 784), np.tile(np.arange(784), n)
    return pd.DataFrame({"item": items, "pixel": pixels, "label": items, "value": pixels % 256})


def without_analyses(tables: Tables) -> Tables:
    """The study as it is before anything is derived from its runs: nothing but what was trained."""
    return tables.replace(
        probes=tables.probes.iloc[:0], **{name: pd.DataFrame() for name in tables_of("analysis", "ledger")}
    )


def write(tables: Tables, folder: Path) -> Path:
    """Store the tables as the study does; analyses that were not made have no file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        if table.basic or not tables.table(name).empty:
            tables.table(name).to_parquet(folder / f"{name}.parquet")
    weights = analyses.kept_weights(tables.runs)
    if not weights.empty:
        weights.to_parquet(folder / "predictions_linear_regression.parquet")
    return folder


def _runs(experiment: str, size: Size) -> Iterator[dict[str, object]]:
    settings = size.linear if experiment == "linear_regression" else size.mlp
    for setting in settings:
        for method, lam, p in _grid(experiment, setting, size):
            for seed, data_seed in _seeds(setting, size):
                metrics = _metrics(experiment, setting, method, lam, p, seed)
                yield {
                    "run_id": run_id(experiment, setting, method, lam, p, seed, data_seed),
                    **{"experiment": experiment, "setting": setting, "method": method, "lam": lam, "p": p},
                    **{"seed": seed, "data_seed": data_seed, "cohort": f"{experiment}-{method}"},
                    "status": "diverged" if np.isnan(metrics["test_loss"]) else "ok",
                    "epochs": 100.0,
                    **dict.fromkeys(METRICS, np.nan),
                    **metrics,
                }


def _metrics(experiment: str, setting: str, method: str, lam: float, p: str, seed: int) -> dict[str, float]:
    if setting == "concise_mapped":  # to rounding the run from scratch
        scratch = "l2_penalty" if method == "weight_decay" else method
        same = _metrics(experiment, "textbook", scratch, lam / CONCISE[setting], p, seed)
        return {metric: value * (1 + 1e-15) for metric, value in same.items()}
    rng = np.random.default_rng([seed, len(setting), int(1000 * lam), len(method)])
    if experiment == "linear_regression":
        return _linear(setting, method, lam, rng)
    return _mlp(setting, NOISE.get(method, 1.0) * lam, p, rng)


def _seeds(setting: str, size: Size) -> Iterator[tuple[int, int]]:
    """Seeds with their data seeds: the same number, but for the crossed setting."""
    for seed in range(size.seeds):
        yield from ((seed, data_seed) for data_seed in (range(size.seeds) if setting == analyses.CROSSED else [seed]))


def _grid(experiment: str, setting: str, size: Size) -> list[tuple[str, float, str]]:
    if experiment == "fashion_mnist":
        if setting.startswith("textbook"):
            return [("none", 0.0, "0/0"), ("dropout", 0.0, "0.2/0.5")]
        if setting.startswith("softmax"):
            return [("none", 0.0, "")]
        if setting.startswith("random_labels") or setting.endswith("shorter"):
            return [("none", 0.0, "0/0")]
        noisy = [(method, lam, "0/0") for method in NOISE for lam in (0.3, 1.0)]
        others = [*noisy, ("gaussian_dropout", 0.0, "0.5/0.5")] if setting == "samples_500" else []
        return others + [
            (("none", "dropout", "weight_decay", "dropout_weight_decay")[(p > 0) + 2 * (lam > 0)], lam, f"{p:g}/{p:g}")
            for p in ((0, 0.5) if setting == analyses.CROSSED else (0, 0.1, 0.5, 0.9))
            for lam in (0.0, 0.001, 0.003, 0.01)
            if lam == 0 or setting == "samples_500"
        ]
    lams = list(size.lam)
    if setting.startswith("samples_"):
        best = 100 / LINEAR[setting].n_train
        return [("none", 0.0, "0"), *(("ridge", lam, "0") for lam in (0.0, 3.0, best))]
    if setting in CONCISE:
        factor = CONCISE[setting]
        return [("none" if lam == 0 else "weight_decay", factor * lam, "0") for lam in lams]
    return [
        (method, lam, "0")
        for method in size.methods
        for lam in lams
        if (method == "none") == (lam == 0) or (method == "ridge" and lam == 0)
    ]


def _linear(setting: str, method: str, lam: float, rng: np.random.Generator) -> dict[str, float]:
    task = LINEAR[setting]
    d, n, signal, noise = task.n_features, task.n_train, task.n_features * task.true_weight**2, task.noise_std**2
    decay = 0.0 if method == "ridge" else max(1 - task.learning_rate * lam, 0.0) ** (4 * task.epochs)
    left = task.init_std * np.sqrt(max(d - n, 0)) * decay * (1 + 0.03 * rng.standard_normal())
    if lam > 650 and rng.random() < 0.8:
        return {"test_loss": np.nan, "weight_norm": 1e9}
    overlap = min(n / d, 0.97) if lam else min(n / d, d / n)
    excess = signal * (1 - overlap * 0.9 / (1 + lam)) + noise * overlap / (1.02 - overlap + 0.1 * lam)
    risk = (noise + excess + left**2) * (1 + 0.05 * rng.random())
    return {
        "train_loss": risk * 0.01 + 1e-6 + 0.002 * min(lam, 5.0),
        "validation_loss": risk * 1.01,
        "test_loss": risk * (1 + 0.05 * rng.standard_normal()),
        "weight_norm": np.sqrt(left**2 + 0.01 / (1 + lam)),
        "risk": risk,
        "null_space_norm": left,
    }


def _mlp(setting: str, lam: float, p: str, rng: np.random.Generator) -> dict[str, float]:
    n, random = MLP[setting].n_train, MLP[setting].random_labels
    strength = max(parse_p(p), default=0.0)
    gap = 0.7 * (500 / n) ** 0.3 * (1 - 0.8 * strength) / (1 + 50 * lam)
    train = 0.001 + 0.5 * strength**4 + 2 * lam + 0.04 * setting.endswith("shorter")
    test = 0.35 + train + gap + 0.01 * rng.standard_normal()
    return {
        "train_loss": train,
        "validation_loss": np.nan if setting.startswith("textbook") else test + 0.01,
        "test_loss": test,
        "train_accuracy": 1 - 0.2 * train,
        "validation_accuracy": np.nan if setting.startswith("textbook") else 0.86 - 0.05 * test,
        "test_accuracy": 0.1 if random else 0.87 - 0.05 * test,
        "weight_norm": 20 / (1 + 100 * lam),
    }


def _curves(runs: pd.DataFrame) -> pd.DataFrame:
    """Every metric falls to its final value; the closed form has no curve."""
    runs = runs[runs["method"] != "ridge"]
    epochs = np.array([0, 1, 2, 5, 10, 20, 50, 100])
    above = 1 + 3 * np.exp(-epochs / 10)
    values = runs[list(METRICS)].to_numpy()[:, None, :] * above[None, :, None]
    frame = pd.DataFrame(values.reshape(-1, len(METRICS)), columns=list(METRICS))
    networks = np.where(runs["experiment"] == "fashion_mnist", 1.0, np.nan)
    for layer, column in enumerate(ACTIVATION_VARIANCES, start=1):
        frame[column] = (layer * networks[:, None] / above).ravel()
    frame["run_id"] = np.repeat(runs["run_id"].to_numpy(), len(epochs))
    frame["epoch"] = np.tile(epochs, len(runs))
    return frame


def with_runs(tables: Tables, runs: pd.DataFrame) -> Tables:
    """The same study with other runs; its cells follow."""
    return tables.replace(runs=runs, cells=cells_table(runs))


def changed(tables: Tables, where: str, **columns: object) -> Tables:
    """The study with the columns of some runs set to other values."""
    runs = tables.runs.copy()
    chosen = runs.eval(where)
    assert chosen.any(), where
    for column, value in columns.items():
        runs.loc[chosen, column] = value(runs.loc[chosen]) if callable(value) else value
    return with_runs(tables, runs)


def _theory(size: Size) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    for name in size.linear if "linear_regression" in size.experiments else ():
        task = LINEAR[name]
        noise = task.noise_std**2
        rows += [(name, "noise_floor", np.nan, noise), (name, "optimal_lam", np.nan, 10_000 * noise / task.n_train)]
        rows += [(name, "mean_predictor_risk", np.nan, noise + 0.02), (name, "stability_boundary", np.nan, 650.0)]
        for lam in size.lam:
            left = task.init_std * np.sqrt(max(200 - task.n_train, 0)) * max(1 - 0.003 * lam, 0) ** 400
            values = {
                "null_space_norm": left,
                "ridge_risk": noise + 0.02,
                "sgd_initialisation": left**2 if lam < 650 else 1e18,
                "sgd_risk": noise + 0.02 + left**2,
                "early_stopping_risk": noise + 0.03,
                "asymptotic_ridge_risk": noise + 0.02,
            }
            rows += [(name, quantity, lam, value) for quantity, value in values.items()]
    frame = pd.DataFrame(rows, columns=["setting", "quantity", "lam", "value"])
    return frame.assign(experiment="linear_regression", n_train=20, ci_low=np.nan, ci_high=np.nan)


def _gates(size: Size) -> pd.DataFrame:
    rows: Sequence[tuple[object, ...]] = [
        ("fashion_mnist", name, "none", "train_accuracy", "worst", 0.99, size.seeds, 0.9996, 0.9998, 0.9998, True)
        for name in size.mlp
        if "fashion_mnist" in size.experiments and name.startswith("samples_")
    ]
    return pd.DataFrame(rows, columns=TABLES["gates"].columns)


def _provenance(runs: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            **{"experiment": experiment, "cohort": cohort, **MADE_UP["provenance"], "n_runs": len(group)},
            "dtype": "float64" if experiment == "linear_regression" else "float32",
        }
        for (experiment, cohort), group in runs.groupby(["experiment", "cohort"], sort=True)
    ]
    return pd.DataFrame(rows)


def with_own(tables: Tables) -> Tables:
    """The study with the chapter's settings under another name, and its L2 penalty as a method of the user's."""
    names = {"setting": {"textbook": "mine"}, "method": {"l2_penalty": "my_penalty"}}
    runs, settings = tables.runs.replace(names), tables.settings.replace(names)
    return tables.replace(runs=runs, settings=settings, cells=cells_table(runs))
