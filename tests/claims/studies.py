"""Made-up studies whose answer is known, for the claims, by the numbers that their rules look at."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from regularization.analysis import decomposition
from regularization.analysis.decomposition_table import COLUMNS, rows_of
from regularization.analysis.tables import Tables
from regularization.columns import METRICS
from regularization.naming import Key, run_id
from regularization.settings import LinearRegressionSetting
from studies import ROOT
from synthetic import cell, tables

Cell = tuple[str, str, float]  # setting, method, λ
NONE, THREE = ("textbook", "none", 0.0), ("textbook", "l2_penalty", 3.0)
N_ITEMS, N_CLASSES = 40, 10


def linear(metrics: Mapping[Cell, Mapping[str, float]], *, n: int = 12, noise: float = 0.001, **others) -> Tables:
    """Cells of the linear experiment by setting, method and λ."""
    rng = np.random.default_rng(0)
    cells = [
        cell("linear_regression", setting, method, lam, "0", rng, n=n, noise=noise, **means)
        for (setting, method, lam), means in metrics.items()
    ]
    return tables(*cells, **others)


def risks(values: Mapping[Cell, float], train_loss: float = 0.0, **others) -> Tables:
    return linear({key: {"risk": risk, "train_loss": train_loss} for key, risk in values.items()}, **others)


CONFIGURED = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))["settings"]["linear_regression"]
PARTS = ("initialisation", "signal_error", "fitted_noise", "bias_term_error")


def linear_runs(
    cells: Iterable[tuple[str, str, float, dict[str, Any]]], n: int = 12, noise: float = 1e-6, **changed
) -> Tables:
    """Cells of the linear experiment: settings (a text), method, λ and values, in settings as configured or `changed`.

    Values are metrics, with `noise`; parts of the account; the risk at the start of the curve; p and status.
    """
    rng = np.random.default_rng(0)
    tables_, accounts, curves = [], [], []
    for names, method, lam, values in cells:
        for setting in names.split():
            metrics = {name: values[name] for name in METRICS if name in values}
            given = {"p": "0", "status": "ok"} | {name: values[name] for name in ("p", "status") if name in values}
            table = cell(
                "linear_regression",
                setting,
                method,
                lam,
                given["p"],
                rng,
                n=n,
                noise=noise,
                status=given["status"],
                **metrics,
            )
            tables_.append(table)
            if values.keys() & set(PARTS):
                own = {name: float(values.get(name, 0)) for name in PARTS}
                keys = table[["run_id", "setting", "method", "lam", "seed", "data_seed"]]
                accounts.append(keys.assign(**own, noise_floor=0.0, risk=sum(own.values())))
            if "start" in values:
                for epoch, risk in ((0, values["start"]), (100, table["risk"])):
                    curves.append(pd.DataFrame({"run_id": table["run_id"], "epoch": epoch, "risk": risk}))
    others = {name: pd.concat(found) for name, found in (("account", accounts), ("curves", curves)) if found}
    study = tables(*tables_, **others)
    settings = {
        name: asdict(LinearRegressionSetting(**{**CONFIGURED.get(name, {}), **changed.get(name, {})}))
        for name in study.runs["setting"].unique()
    }
    listed = pd.DataFrame.from_dict(settings, orient="index").rename_axis("setting").reset_index()
    return study.replace(settings=listed.assign(experiment="linear_regression", random_labels=0.0))


def with_account(study: Tables, parts: Mapping[Cell, Mapping[str, float]]) -> Tables:
    """The study with an account of its risks: what is not in `parts` is 0, and σ² too."""
    names = ("initialisation", "signal_error", "fitted_noise", "bias_term_error", "noise_floor")
    account = study.runs[["run_id", "setting", "method", "lam", "seed", "data_seed"]].copy()
    keys = list(account[["setting", "method", "lam"]].itertuples(index=False, name=None))
    for name in names:
        account[name] = [parts[key].get(name, 0.0) for key in keys]
    return study.replace(account=account.assign(risk=account[list(names)].sum(axis=1)))


def theory(**constants: Mapping[str, float]) -> pd.DataFrame:
    """Constants by setting."""
    rows = [
        ("linear_regression", setting, quantity, np.nan, value)
        for setting, quantities in constants.items()
        for quantity, value in quantities.items()
    ]
    return pd.DataFrame(rows, columns=["experiment", "setting", "quantity", "lam", "value"])


def accounted(**parts: float) -> Tables:
    return with_account(risks({NONE: 0.0}), {NONE: {"noise_floor": 5.0, **parts}})  # σ² explains nothing


def norms(
    values: Mapping[float, float], n: int = 100, diverged: float | None = None, boundary: float | None = None
) -> Tables:
    """‖w‖ by λ; at λ = `diverged` one run diverged; `boundary` is the theory's, of stability."""
    cells = {("textbook", "l2_penalty" if lam else "none", lam): {"weight_norm": w} for lam, w in values.items()}
    study = linear_runs([(*key, means) for key, means in cells.items()], n=n, noise=1e-5)
    if boundary is not None:
        study = study.replace(theory=theory(textbook={"stability_boundary": boundary}))
    hit = study.runs.index[study.runs["lam"] == diverged][:1]
    return study.replace(runs=study.runs.assign(status=study.runs["status"].where(~study.runs.index.isin(hit), "bad")))


def constraint(
    folder: Path, ball: float, *, noise: float = 0.0, turned: float = 0.0, kept: bool = True, lams=(3.0,)
) -> Tables:
    """Constraint (risk `ball`) and penalty (risk 1); the constraint's weights are turned by an angle."""
    keys = [("converged", method, lam) for method in ("norm_constraint", "l2_penalty") for lam in lams]
    study = linear({key: {"risk": ball if key[1] == "norm_constraint" else 1.0} for key in keys}, noise=noise)
    if not kept:
        return study
    angle = np.where(study.runs["method"] == "norm_constraint", turned, 0.0)
    weights = [
        pd.DataFrame({"run_id": study.runs["run_id"], "item": item, "weight": values})
        for item, values in enumerate((np.cos(angle), np.sin(angle)))
    ]
    pd.concat(weights).to_parquet(folder / "predictions_linear_regression.parquet")
    return study.replace(folder=folder)


def concise(published: float, mapped: float | None = None, noise: float = 0.0) -> Tables:
    cells = {THREE: 1.0, ("concise_published", "weight_decay", 3.0): published}
    if mapped is not None:
        cells["concise_mapped", "weight_decay", 6.0] = mapped
    return risks(cells, noise=noise)


def smooth(
    decayed: float,
    *,
    logits: float = 0.5,
    norm: float = 1.0,
    accuracy: float = 1.0,
    loss: float = 0.1,
    noise: float = 0.001,
    shorter: float | None = None,
) -> Tables:
    """Jacobian norms: 1 without weight decay, `decayed` at λ = 0.01, 0.1 where images are not fitted any more.

    `shorter`: the norm without weight decay after fewer epochs, where the training loss is 0.11.
    """
    rng = np.random.default_rng(0)
    values = {
        ("samples_500", "none", 0.0): (1.0, 1.0, 2.0, 1.0, 0.1),
        ("samples_500", "weight_decay", 0.01): (decayed, logits, norm, accuracy, loss),
        ("samples_500", "weight_decay", 0.1): (0.1, 0.1, 0.5, 0.8, loss),
    }
    if shorter is not None:
        values["fewer_epochs", "none", 0.0] = (shorter, 1.0, 2.0, 1.0, 0.11)
        values["another_rate", "none", 0.0] = (0.0001, 1.0, 2.0, 1.0, 0.11)
    cells, rows = [], []
    for (setting, method, lam), (jacobian, of_logits, weights, fitted, train_loss) in values.items():
        means = {"weight_norm": weights, "train_accuracy": fitted, "train_loss": train_loss}
        cells.append(cell("fashion_mnist", setting, method, lam, "0/0", rng, **means))
        for name, value in (("jacobian_norm", jacobian), ("logit_jacobian_norm", of_logits)):
            scattered = value * np.exp(noise * rng.standard_normal(len(cells[-1])))
            rows += [(run, name, np.nan, one) for run, one in zip(cells[-1]["run_id"], scattered, strict=True)]
    settings = pd.DataFrame(
        [("samples_500", 120, 0.2), ("fewer_epochs", 80, 0.2), ("another_rate", 80, 0.1)],
        columns=["setting", "epochs", "learning_rate"],
    ).assign(experiment="fashion_mnist", n_features=np.nan)
    return tables(*cells, probes=pd.DataFrame(rows, columns=["run_id", "probe", "level", "value"]), settings=settings)


def usual(accuracy: float, other: float = 0.8, loss: float = 1.0, noise: float = 0.0005) -> Tables:
    """Accuracy at λ = 0.001 and 0.01 against 0.8 without; cross-entropy at 0.01 against 1."""
    values = {WITHOUT: (0.8, 1.0), ("weight_decay", 0.001, "0/0"): (accuracy, 1.0), DECAYED: (other, loss)}
    return network({key: {"test_accuracy": a, "test_loss": b} for key, (a, b) in values.items()}, noise)


def nothing() -> Tables:
    return tables(cell("linear_regression", "other", "none", 0, "0", np.random.default_rng(0), risk=1))


def sample_sizes(
    few: float,
    many: float,
    *,
    noise: float = 0.01,
    chapters: tuple[float, float] = (2, 0.1),
    networks: tuple[float, float] = (0.15, 0.1),
    minimum_norm: tuple[float, ...] = (),
) -> Tables:
    """Gaps of the linear model with 20 and 500 samples, also in the chapter's setting; of networks (0.2 with 500
    images) with 2,000 and, over five seeds, 10,000; minimum-norm risks with 10, 50, 200 and 2,000 samples.
    """
    rng = np.random.default_rng(15)
    linear = {"samples_20": few, "samples_500": many, "textbook": chapters[0], "more_samples_500": chapters[1]}
    cells = [(name, "none", 0.0, {"risk": gap + 1, "train_loss": 1}) for name, gap in linear.items()]
    sizes = zip((10, 50, 200, 2000), minimum_norm, strict=False)
    study = linear_runs([*cells, *((f"samples_{n}", "ridge", 0.0, {"risk": r}) for n, r in sizes)], n=30, noise=noise)
    gaps = {"samples_500": (0.2, 12), "samples_2000": (networks[0], 12), "samples_10000": (networks[1], 5)}
    trained = [
        cell("fashion_mnist", name, "none", 0, "0/0", rng, n=n, train_accuracy=1.0, test_accuracy=1 - gap)
        for name, (gap, n) in gaps.items()
    ]
    return tables(study.runs, *trained, settings=study.settings)


def example(
    linear: tuple[float, float], network: tuple[float, float], *, se: float = 0.05, many: float | None = None
) -> Tables:
    """Bias² and variance of both models on both functions with 50 samples, and with 500, where the linear model's bias²
    is `many`; standard errors are a share `se` of every value.
    """
    found: list[dict[str, object]] = []
    for setting, n in (
        (f"{name}{size}", n) for name in ("square", "interaction") for size, n in (("", 50), ("_samples_500", 500))
    ):
        at_n = (linear[0] if many is None or n == 50 else many, linear[1])
        for method, (bias, variance) in (("linear_model", at_n), ("network", network)):
            values = {"noise": 0.01, "bias": bias, "variance": variance, "risk": 0.01 + bias + variance}
            errors = {"bias": se * bias, "variance": se * variance, "risk": se * np.hypot(bias, variance), "noise": 0}
            parts = {name: decomposition.Component(value, errors[name], 0, 0) for name, value in values.items()}
            identity = {
                "experiment": "example",
                "setting": setting,
                "method": method,
                "lam": 0.0,
                "p": "",
                "n_train": n,
            }
            found += rows_of(identity, "squared_error", parts, 100, 400)
    empty = nothing()
    return tables(empty.runs, decomposition=pd.DataFrame(found, columns=COLUMNS))


NETWORK = Key("fashion_mnist", "samples_500", "none", 0.0, "0/0")
SOFTMAX = Key("fashion_mnist", "softmax_500", "none", 0.0, "")
DROPOUT = Key("fashion_mnist", "samples_500", "dropout", 0.0, "0.5/0.5")
DECAY = Key("fashion_mnist", "samples_500", "weight_decay", 0.01, "0/0")


def study_with_predictions(
    folder: Path,
    parts: dict[Key, tuple[float, float]],
    *,
    n: int = 12,
    seed: int = 17,
    disjoint: int = 100,
    diverged: tuple[int, ...] = (),
    first_seed: dict[Key, int] | None = None,
) -> Tables:
    """Networks with given (bias², variance) of their probabilities, written to `folder` as the study does."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=N_ITEMS)
    noise = rng.standard_normal((n + 10, N_ITEMS, N_CLASSES))  # shared: common random numbers
    cells, rows = [], []
    for key, (bias, variance) in parts.items():
        table = cell(*key, rng, n=n)
        start = (first_seed or {}).get(key, 0)
        table["seed"] = table["data_seed"] = np.arange(start, start + n)
        table["run_id"] = [run_id(*key, replicate) for replicate in table["seed"]]
        table["status"] = ["diverged" if replicate in diverged else "ok" for replicate in table["seed"]]
        cells.append(table)
        shift = np.sqrt(bias / N_CLASSES)
        own = rng.standard_normal(noise.shape) * 0.1  # no two cells are exactly alike
        p = np.eye(N_CLASSES)[labels] + shift + np.sqrt(variance / N_CLASSES) * (noise + own)
        for name, replicate in zip(table["run_id"], table["seed"], strict=True):
            values = p[replicate] + (1e3 if replicate in diverged else 0)
            row = pd.DataFrame(values.astype(np.float32), columns=[f"p{k}" for k in range(N_CLASSES)])
            rows.append(row.assign(run_id=name, item=np.arange(N_ITEMS)))
    # Rows in any order.
    pd.concat(rows).sample(frac=1, random_state=1).to_parquet(folder / "predictions_fashion_mnist.parquet", index=False)
    names = sorted({key.setting for key in parts})
    settings = pd.DataFrame({"experiment": "fashion_mnist", "setting": names, "disjoint_seeds": disjoint})
    items = pd.DataFrame({"item": np.arange(N_ITEMS), "label": labels})
    return tables(*cells, settings=settings, labels=items, folder=folder)


def networks(folder: Path, **parts: tuple[float, float]) -> Tables:
    """(Bias², variance) of networks with and without regularization and of softmax regression."""
    keys = {"network": NETWORK, "softmax": SOFTMAX, "dropout": DROPOUT, "decay": DECAY}
    return study_with_predictions(folder, {keys[name]: values for name, values in parts.items()})


def random_labels(train: float, test: float, *, n_train: int = 10_000, noise: float = 0.001) -> Tables:
    rng = np.random.default_rng(18)
    runs = cell("fashion_mnist", "random", "none", 0, "0/0", rng, noise=noise, train_accuracy=train, test_accuracy=test)
    one = {
        "experiment": "fashion_mnist",
        "setting": "random",
        "hidden": "256/256",
        "random_labels": 1.0,
        "n_train": n_train,
    }
    settings = pd.DataFrame([{**one, "schedule": "cosine", "images": "blocks"}])
    return tables(runs, settings=settings)


def input_noise(folder: Path, weights: float = 1.0, *, scatter: float = 0.01, at_1: float = 1.0, kept: bool = True):
    """Weights under input noise as a multiple of ridge's at λ = 3 (and 1), scattered over runs; the risks agree."""
    rng = np.random.default_rng(24)
    cells, rows = [], []
    for lam, times in ((1, at_1), (3, weights)):
        for method, scale in (("ridge", 1.0), ("input_noise", times)):
            cells.append(cell("linear_regression", "converged_cosine", method, lam, "0", rng, n=50, noise=0, risk=0.03))
            for name in cells[-1]["run_id"]:
                varied = scale + (scatter * rng.standard_normal() if method == "input_noise" else 0)
                values = np.append(varied * np.ones(20) / lam, 0.05)
                rows.append(pd.DataFrame({"run_id": name, "item": np.arange(21), "weight": values}))
    if not kept:
        return tables(*cells)
    pd.concat(rows).to_parquet(folder / "predictions_linear_regression.parquet", index=False)
    return tables(*cells, folder=folder)


WITHOUT, HALF, NINE = ("none", 0.0, "0/0"), ("dropout", 0.0, "0.5/0.5"), ("dropout", 0.0, "0.9/0.9")
DECAYED = ("weight_decay", 0.01, "0/0")
Network = tuple[str, float, str]  # method, λ, p


def network(metrics: dict[Network, dict[str, float]], noise: float = 0.001, **others) -> Tables:
    """Cells of samples_500; what is given as `loss` is the validation and the test loss."""
    rng = np.random.default_rng(0)
    cells = []
    for (method, lam, p), given in metrics.items():
        means = {"test_accuracy": 0.8, **given}
        means = {"validation_accuracy": means["test_accuracy"], **means}
        if "loss" in means:
            loss = means.pop("loss")
            means = {"validation_loss": loss, "test_loss": loss, **means}
        cells.append(cell("fashion_mnist", "samples_500", method, lam, p, rng, noise=noise, **means))
    return tables(*cells, **others)


def probed(values: dict[str, dict[float, tuple[float, float]]], noise: float = 0.001) -> Tables:
    """Networks without dropout and at p = 0.5, and their probes: by name and level, the means of both."""
    study = network({WITHOUT: {}, HALF: {}})
    rng = np.random.default_rng(1)
    rows = [
        (run.run_id, name, level, means[run.method == "dropout"] + noise * rng.standard_normal())
        for run in study.runs.itertuples()
        for name, levels in values.items()
        for level, means in levels.items()
    ]
    return study.replace(probes=pd.DataFrame(rows, columns=["run_id", "probe", "level", "value"]))


def noises(at_input: float, everywhere: float, tempting: bool = False, noise: float = 0.001, **more: float) -> Tables:
    """Losses of noise at the input and in every layer at the best of three λ; one λ tempts on test data only."""
    cells = {(method, lam, "0/0"): {"loss": 0.95} for method in ("input_noise", "layer_noise") for lam in (0.3, 1.0)}
    if tempting:
        cells["layer_noise", 0.3, "0/0"] = {"validation_loss": 0.9, "test_loss": 0.1, "test_accuracy": 0.99}
    best = {("input_noise", 0.6, "0/0"): {"loss": at_input}, ("layer_noise", 0.6, "0/0"): {"loss": everywhere, **more}}
    return network(cells | best, noise)


def co_adapted(interaction: tuple[float, float], correlation: float = 0.1, noise: float = 0.001) -> Tables:
    return probed(
        {
            "pair_ablation_interaction": {2: interaction},
            "hidden_correlation": {1: (0.2, correlation), 2: (0.2, correlation)},
            "participation_ratio": {1: (10, 20), 2: (10, 20)},
            "deletion_accuracy": dict.fromkeys((0.1, 0.25, 0.5, 0.75, 0.9), (0.5, 0.7)),
        },
        noise,
    )


def robust(claim_id: str, none: float, dropout: float, weakest: float = 0.0) -> Tables:
    """Accuracies that start at 0.9 and 0.7 and lose these at the middle level, in proportion at others."""
    probe, levels, middle = {
        "c27": ("noise_accuracy", (0.1, 0.2, 0.3, 0.5), 0.3),
        "c28": ("occlusion_accuracy", (6, 10, 14), 10),
    }[claim_id]
    lost = {level: (none * level / middle, dropout * level / middle) for level in levels}
    lost[levels[0]] = (lost[levels[0]][0], lost[levels[0]][1] + weakest)
    return probed({probe: {0: (0.9, 0.7), **{level: (0.9 - a, 0.7 - b) for level, (a, b) in lost.items()}}})


def one_half(
    small: float = 0.95, half: float = 0.7, nine: float = 0.9, better: Mapping[str, float] | None = None
) -> Tables:
    """Losses at p = 0.1, 0.5 and 0.9 against 1 without dropout; `better` is what p = 0.35 has."""
    losses = {WITHOUT: 1.0, ("dropout", 0.0, "0.1/0.1"): small, HALF: half, NINE: nine}
    cells = {key: {"loss": loss} for key, loss in losses.items()}
    if better:
        cells["dropout", 0.0, "0.35/0.35"] = {"loss": 1.0, **better}
    return network(cells)


def too_much(test: float, train: float, fitted: float) -> Tables:
    """Test and training loss and training accuracy at p = 0.9 against 0.7, 0.05 and 1 at p = 0.5."""
    half = {"loss": 0.7, "train_loss": 0.05, "train_accuracy": 1.0}
    return network({HALF: half, NINE: {"loss": test, "train_loss": train, "train_accuracy": fitted}})


def averaged(accuracy: float, loss: float = 0.5, noise: float = 0.001) -> Tables:
    """Weight scaling against sub-networks whose average has accuracy 0.8 and cross-entropy 0.5."""
    return probed(
        {
            "mask_average_accuracy": {k: (np.nan, 0.8 - 0.1 / k) for k in (1, 3, 10)} | {30: (np.nan, 0.8)},
            "mask_average_loss": {30: (np.nan, 0.5)},
            "weight_scaling_accuracy": {np.nan: (np.nan, accuracy)},
            "weight_scaling_loss": {np.nan: (np.nan, loss)},
        },
        noise,
    )


def tuned(decay: list[float], dropout: list[float], deaf: bool = False) -> Tables:
    """Losses at ascending strengths against 1 without; accuracy follows, unless it is `deaf`."""

    def accuracy(loss: float) -> float:
        return 0.8 if deaf else 1 - loss / 4

    lams = (0.001, 0.003, 0.01, 0.03, 0.1)
    p = ("0.1/0.1", "0.35/0.35", "0.5/0.5", "0.65/0.65", "0.9/0.9")
    metrics = {WITHOUT: {"loss": 1.0, "test_accuracy": accuracy(1.0)}}
    metrics |= {("weight_decay", lam, "0/0"): {"loss": x, "test_accuracy": accuracy(x)} for lam, x in zip(lams, decay)}
    metrics |= {("dropout", 0.0, text): {"loss": x, "test_accuracy": accuracy(x)} for text, x in zip(p, dropout)}
    return network(metrics)
