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
from regularization.columns import CALIBRATION_COLUMNS, CURVE_COLUMNS, METRICS, PROBE_COLUMNS
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
PARTS = ("initialisation", "signal_error", "fitted_noise", "bias_term_error", "noise_floor")


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
            key = Key("linear_regression", setting, method, lam, values.get("p", "0"))
            table = cell(*key, rng, n=n, noise=noise, status=values.get("status", "ok"), **metrics)
            tables_.append(table)
            if values.keys() & set(PARTS):
                own = {name: float(values.get(name, 0)) for name in PARTS}
                keys = table[["run_id", "setting", "method", "lam", "seed", "data_seed"]]
                accounts.append(keys.assign(**own, risk=sum(own.values())))
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


def theory(**constants: Mapping[str, float]) -> pd.DataFrame:
    """Constants by setting."""
    rows = [
        ("linear_regression", setting, quantity, np.nan, value)
        for setting, quantities in constants.items()
        for quantity, value in quantities.items()
    ]
    return pd.DataFrame(rows, columns=["experiment", "setting", "quantity", "lam", "value"])


def accounted(**parts: float) -> Tables:
    return linear_runs([(*NONE, {"risk": 0.0, "noise_floor": 5.0, **parts})])  # σ² explains nothing


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
    probabilities: float = 0.5,
    norm: float = 1.0,
    loss: float = 0.105,
    larger: float | None = None,
    fewer: float = 1.0,
    noise: float = 0.001,
) -> Tables:
    """Norms of the logits' Jacobian: without decay 1 after 120 epochs (training loss 0.1), `fewer` after 80 (0.11).

    `decayed` at λ = 0.01, and `larger` at λ = 0.03.
    """
    rng = np.random.default_rng(0)
    values = {
        ("samples_500", "none", 0.0): (1.0, 1.0, 2.0, 0.1),
        ("fewer_epochs", "none", 0.0): (fewer, 1.0, 2.0, 0.11),
        ("another_rate", "none", 0.0): (0.0001, 0.0001, 2.0, 0.105),
        ("samples_500", "weight_decay", 0.01): (decayed, probabilities, norm, loss),
        ("samples_500", "weight_decay", 0.03): (larger or decayed, probabilities, norm, loss),
        ("samples_500", "weight_decay", 0.1): (0.1, 0.1, 0.5, 0.5),  # fits worse than any without
    }
    cells, rows = [], []
    for (setting, method, lam), (of_logits, jacobian, weights, train_loss) in values.items():
        means = {"weight_norm": weights, "train_accuracy": 1.0, "train_loss": train_loss}
        cells.append(cell("fashion_mnist", setting, method, lam, "0/0", rng, **means, noise=noise / 10))
        for name, value in (("jacobian_norm", jacobian), ("logit_jacobian_norm", of_logits)):
            scattered = value * np.exp(noise * rng.standard_normal(len(cells[-1])))
            rows += [(run, name, np.nan, one) for run, one in zip(cells[-1]["run_id"], scattered, strict=True)]
    settings = pd.DataFrame(
        [("samples_500", 120, 0.2), ("fewer_epochs", 80, 0.2), ("another_rate", 80, 0.1)],
        columns=["setting", "epochs", "learning_rate"],
    ).assign(experiment="fashion_mnist", n_features=np.nan)
    return tables(*cells, probes=pd.DataFrame(rows, columns=PROBE_COLUMNS), settings=settings)


def usual(
    accuracy: float,
    other: float = 0.8,
    loss: float = 1.0,
    tempered: float = 1.0,
    rates: float = 0.8,
    noise: float = 0.0005,
) -> Tables:
    """Accuracy at λ = 0.001 and 0.01 against 0.8 without; cross-entropies at 0.01 against 1; accuracy at all rates."""
    values = {
        WITHOUT: {"test_accuracy": 0.8, "loss": 1.0},
        ("weight_decay", 0.001, "0/0"): {"test_accuracy": accuracy, "loss": 1.0},
        DECAYED: {"test_accuracy": other, "test_loss": loss, "tempered_loss": tempered},
    }
    for rate in ("samples_500_half_rate", "samples_500_double_rate"):
        values |= {(*WITHOUT, rate): {"test_accuracy": 0.7}, (*DECAYED, rate): {"test_accuracy": rates}}
    return network(values, noise)


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
            identity = {**Key("example", setting, method, 0.0, "")._asdict(), "n_train": n}
            found += rows_of(identity, "squared_error", parts, 100, 400)
    empty = nothing()
    return tables(empty.runs, decomposition=pd.DataFrame(found, columns=COLUMNS))


NETWORK = Key("fashion_mnist", "samples_500", "none", 0.0, "0/0")
SOFTMAX = Key("fashion_mnist", "softmax_500", "none", 0.0, "")
DROPOUT = Key("fashion_mnist", "samples_500", "dropout", 0.0, "0.5/0.5")
DECAY = Key("fashion_mnist", "samples_500", "weight_decay", 0.01, "0/0")
NARROW, WIDE = (NETWORK._replace(setting=name) for name in ("width_16", "width_512"))


def study_with_predictions(
    folder: Path,
    parts: dict[Key, tuple[float, float]],
    *,
    n: int = 12,
    seed: int = 17,
    disjoint: int = 100,
    diverged: tuple[int, ...] = (),
    first_seed: dict[Key, int] | None = None,
    least: float = 0.0,
) -> Tables:
    """Networks with given (bias², variance) of their probabilities, written to `folder` as the study does.

    A class that is not the label's has the probability `least`, more or less.
    """
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
        p = (
            (1 - N_CLASSES * least) * np.eye(N_CLASSES)[labels]
            + least
            + shift
            + np.sqrt(variance / N_CLASSES) * (noise + own)
        )
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
    """(Bias², variance), in hundredths, of networks with and without regularization and of softmax regression."""
    keys = {"network": NETWORK, "softmax": SOFTMAX, "dropout": DROPOUT, "decay": DECAY, "narrow": NARROW, "wide": WIDE}
    given = {keys[name]: (bias / 100, variance / 100) for name, (bias, variance) in parts.items()}
    study = study_with_predictions(folder, given, least=0.05)
    return study.replace(calibration=pd.DataFrame({"run_id": study.runs["run_id"], "temperature": 1.0}))


def random_labels(train: float, test: float, *, n_train: int = 10_000, noise: float = 0.001) -> Tables:
    rng = np.random.default_rng(18)
    runs = cell("fashion_mnist", "random", "none", 0, "0/0", rng, noise=noise, train_accuracy=train, test_accuracy=test)
    one = {"experiment": "fashion_mnist", "setting": "random", "hidden": "256/256", "random_labels": 1.0}
    one |= {"n_train": n_train, "schedule": "cosine", "images": "blocks"}
    return tables(runs, settings=pd.DataFrame([one]))


def input_noise(
    folder: Path,
    weights: float = 1.0,
    *,
    scatter: float = 0.01,
    at_1: float = 1.0,
    network: float | None = 1.0,
    kept: bool = True,
):
    """Weights under input noise as a multiple of ridge's at λ = 3 (and 1), scattered over runs; the risks agree.

    `network`: the weights' norm under noise over that under weight decay, whose Jacobian is the same; None: not probed.
    """
    rng = np.random.default_rng(24)
    cells, rows = [], []
    for lam, times in ((1, at_1), (3, weights)):
        for method, scale in (("ridge", 1.0), ("input_noise", times)):
            cells.append(cell("linear_regression", "converged_cosine", method, lam, "0", rng, n=50, noise=0, risk=0.03))
            for name in cells[-1]["run_id"]:
                varied = scale + (scatter * rng.standard_normal() if method == "input_noise" else 0)
                values = np.append(varied * np.ones(20) / lam, 0.05)
                rows.append(pd.DataFrame({"run_id": name, "item": np.arange(21), "weight": values}))
    probes = []
    for method, lam, norm in (("weight_decay", 0.01, 1.0), ("weight_decay", 0.1, 9.0), ("input_noise", 0.3, network)):
        if network is not None:
            cells.append(cell("fashion_mnist", "samples_500", method, lam, "0/0", rng, weight_norm=norm))
            jacobian = 0.5 if norm != 9.0 else 0.1
            probes += [(name, "jacobian_norm", np.nan, jacobian) for name in cells[-1]["run_id"]]
    given = {"probes": pd.DataFrame(probes, columns=PROBE_COLUMNS)} if probes else {}
    if not kept:
        return tables(*cells, **given)
    pd.concat(rows).to_parquet(folder / "predictions_linear_regression.parquet", index=False)
    return tables(*cells, folder=folder, **given)


METHODS = ("none", "dropout", "weight_decay")
WITHOUT, HALF, NINE = ("none", 0.0, "0/0"), ("dropout", 0.0, "0.5/0.5"), ("dropout", 0.0, "0.9/0.9")
DECAYED = ("weight_decay", 0.01, "0/0")
Network = tuple[str, float, str] | tuple[str, float, str, str]  # method, λ, p and, other than samples_500, the setting


def network(metrics: Mapping[Network, dict[str, float]], noise: float = 0.001, n: int = 12, **others) -> Tables:
    """Cells of samples_500, or of the setting named fourth; a `loss` is the validation, test and tempered loss."""
    rng = np.random.default_rng(0)
    cells, tempered = [], []
    for key, given in metrics.items():
        method, lam, p, setting = (*key, "samples_500")[:4]
        means = {"test_accuracy": 0.8, **given}
        means = {"validation_accuracy": means["test_accuracy"], **means}
        if "loss" in means:
            loss = means.pop("loss")
            means = {"validation_loss": loss, "test_loss": loss, "tempered_loss": loss, **means}
        mean = means.pop("tempered_loss", None)
        cells.append(cell("fashion_mnist", setting, method, lam, p, rng, noise=noise, n=n, **means))
        if mean is not None:
            values = mean + noise * rng.standard_normal(n)
            tempered.append(pd.DataFrame({"run_id": cells[-1]["run_id"], "tempered_loss": values}))
    calibration = pd.concat(tempered).reindex(columns=CALIBRATION_COLUMNS) if tempered else pd.DataFrame()
    return tables(*cells, **{"calibration": calibration, **others})


def probed(values: dict[str, dict[float, tuple[float, float]]], noise: float = 0.001) -> Tables:
    """Networks without dropout, at p = 0.5 and with weight decay, and their probes: by name and level, their means.

    Where there are two means, the networks with weight decay have that of those without dropout.
    """
    study = network({WITHOUT: {}, HALF: {}, DECAYED: {"loss": 1.0}})
    rng = np.random.default_rng(1)
    rows = [
        (run.run_id, name, level, means[METHODS.index(run.method) % len(means)] + noise * rng.standard_normal())
        for run in study.runs.itertuples()
        for name, levels in values.items()
        for level, means in levels.items()
    ]
    return study.replace(probes=pd.DataFrame(rows, columns=PROBE_COLUMNS))


def noises(at_input: float, everywhere: float, tempting: bool = False, noise: float = 0.001, **more: float) -> Tables:
    """Losses of noise at the input and in every layer at the best of three variances; one tempts on test data only."""
    cells: dict[Network, dict[str, float]] = {("input_noise", lam, "0/0"): {"loss": 0.95} for lam in (0.3, 1.0)}
    cells |= {("layer_noise", lam, "0.1/0.1"): {"loss": 0.95} for lam in (0.3, 1.0)}
    cells["layer_noise", 0.0, "0.3/0.3"] = {"loss": 0.95}
    if tempting:
        cells["layer_noise", 0.3, "0.1/0.1"] = {"validation_loss": 0.9, "test_loss": 0.1, "tempered_loss": 0.1}
    best: dict[Network, dict[str, float]] = {("input_noise", 0.6, "0/0"): {"loss": at_input}}
    return network(cells | best | {("layer_noise", 0.6, "0.1/0.1"): {"loss": everywhere, **more}}, noise)


def co_adapted(
    interaction: tuple[float, float],
    single: tuple[float, float] = (1, 1),
    decayed: float = 0.4,
    correlation: float = 0.1,
    tempered: tuple[float, float] = (0.4, 0.1),
    noise: float = 0.001,
) -> Tables:
    """Interaction and effect of single units without and with dropout; with weight decay, `decayed` and 1."""
    return probed(
        {
            "pair_ablation_interaction": {2: (*interaction, decayed)},
            "unit_ablation_effect": {2: (*single, 1.0)},
            "tempered_pair_ablation_interaction": {2: tempered},
            "tempered_unit_ablation_effect": {2: (1.0, 1.0)},
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


RATES = ("samples_500_half_rate", "samples_500_double_rate")


def one_half(
    small: float = 0.95,
    half: float = 0.7,
    nine: float = 0.9,
    better: Mapping[str, float] | None = None,
    accuracy: float = 0.85,
    raw: float | None = None,
) -> Tables:
    """Losses at p = 0.1, 0.5 and 0.9 against 1 without dropout, accuracies against 0.8; `better` is what p = 0.35 has.

    `raw` is the test loss at p = 0.5 where it is another than the tempered.
    """
    losses = {("dropout", 0.0, "0.1/0.1"): small, HALF: half, NINE: nine}
    cells: dict[Network, dict[str, float]] = {WITHOUT: {"loss": 1.0}}
    cells |= {key: {"loss": loss, "test_accuracy": accuracy} for key, loss in losses.items()}
    cells[HALF] |= {} if raw is None else {"test_loss": raw}
    for rate in RATES:
        cells |= {(*WITHOUT, rate): {"loss": 1.2}, (*HALF, rate): {"loss": 1.1, "test_accuracy": 0.81}}
    if better:
        cells["dropout", 0.0, "0.35/0.35"] = {"loss": 1.0, "test_accuracy": 0.8, **better}
    return network(cells)


def too_much(test: float, train: float, fitted: float, elsewhere: float | None = 0.9) -> Tables:
    """Test and training loss and training accuracy at p = 0.9 against 0.7, 0.05 and 1 at p = 0.5.

    `elsewhere` are both losses at half the learning rate and after twice the epochs.
    """
    half = {"loss": 0.7, "train_loss": 0.05, "train_accuracy": 1.0}
    nine = {"loss": test, "train_loss": train, "train_accuracy": fitted, "test_accuracy": 0.7}
    cells: dict[Network, dict[str, float]] = {HALF: half, NINE: nine}
    for setting in ("samples_500_half_rate", "samples_500_240_epochs") if elsewhere else ():
        cells |= {(*HALF, setting): half, (*NINE, setting): {"loss": elsewhere, "train_loss": elsewhere}}
    return network(cells)


def averaged(accuracy: float, loss: float = 0.5, noise: float = 0.001) -> Tables:
    """Weight scaling against sub-networks whose average has accuracy 0.8 and cross-entropy 0.5."""
    return probed(
        {
            "mask_average_accuracy": {k: (np.nan, 0.8 - 0.1 / k) for k in (1, 3, 10, 30)} | {100: (np.nan, 0.8)},
            "mask_average_loss": dict.fromkeys((1, 3, 10, 30, 100), (np.nan, 0.5)),
            "weight_scaling_accuracy": {np.nan: (np.nan, accuracy)},
            "weight_scaling_loss": {np.nan: (np.nan, loss)},
        },
        noise,
    )


def tuned(
    decay: list[float], dropout: list[float], deaf: bool = False, raw: bool = False, rates: bool = True
) -> Tables:
    """Losses at ascending strengths against 1 without; accuracy follows, unless it is `deaf`.

    Tempered, all strengths are alike where it is `raw`. `rates`: other learning rates are worse by 0.1 everywhere.
    """
    lams = (0.001, 0.003, 0.01, 0.03, 0.1)
    p = ("0.1/0.1", "0.35/0.35", "0.5/0.5", "0.65/0.65", "0.9/0.9")
    losses: dict[Network, float] = {WITHOUT: 1.0}
    losses |= {("weight_decay", lam, "0/0"): x for lam, x in zip(lams, decay, strict=True)}
    losses |= {("dropout", 0.0, text): x for text, x in zip(p, dropout, strict=True)}
    if rates:
        losses |= {(*key, rate): x + 0.1 for key, x in [*losses.items()] for rate in RATES}
    metrics = {key: {"loss": x, "test_accuracy": 0.8 if deaf else 1 - x / 4} for key, x in losses.items()}
    return network({key: {**given, **({"tempered_loss": 0.6} if raw else {})} for key, given in metrics.items()})


def told(
    cells: Mapping[str, dict[str, float]],
    *,
    noise: float = 0.001,
    n: int = 12,
    probes: Mapping[str, Mapping[str, float]] | None = None,
    curves: Mapping[str, Mapping[str, list[float]]] | None = None,
    epochs: Mapping[str, int] | None = None,
    collapsed: Mapping[str, int] | None = None,
) -> Tables:
    """Networks by "method λ p", and the setting fourth if it is not samples_500, with the means of what is measured.

    Likewise probes, curves by epoch, and how many runs collapsed; `epochs` are those of the settings.
    """
    study = network({_cell(name): dict(means) for name, means in cells.items()}, noise, n)
    rng, runs, of_probes, of_curves = np.random.default_rng(1), study.runs, [], []
    for name in {**(probes or {}), **(curves or {})}:
        for run in study.select(_key(name))["run_id"]:
            of_probes += [
                (run, probe, np.nan, mean * np.exp(noise * rng.standard_normal()))
                for probe, mean in (probes or {}).get(name, {}).items()
            ]
            values = {
                metric: np.array(v) + noise * rng.standard_normal(len(v))
                for metric, v in (curves or {}).get(name, {}).items()
            }
            if values:
                of_curves.append(
                    pd.DataFrame({"run_id": run, "epoch": range(len(next(iter(values.values())))), **values})
                )
    for name, number in (collapsed or {}).items():
        runs.loc[study.select(_key(name)).index[:number], "status"] = "collapsed"
    settings = pd.DataFrame([*(epochs or {}).items()], columns=["setting", "epochs"]).assign(experiment="fashion_mnist")
    return study.replace(
        runs=runs,
        settings=settings,
        probes=pd.DataFrame(of_probes, columns=PROBE_COLUMNS),
        curves=pd.concat(of_curves) if of_curves else pd.DataFrame(columns=CURVE_COLUMNS),
    )


def _cell(name: str) -> Network:
    method, lam, p, *setting = name.split()
    return (method, float(lam), p.removeprefix("-"), *setting)


def _key(name: str) -> Key:
    method, lam, p, setting = (*_cell(name), "samples_500")[:4]
    return Key("fashion_mnist", setting, method, lam, p)


def as_well(
    claim_id: str, accuracy: float = 0.85, loss: float = 0.7, plain: float = 1.0, noise: float = 0.001
) -> Tables:
    """Accuracy and losses of the method asked about, between two other strengths, against 0.85 and 0.7 of the usual."""
    method, usual, strengths = {
        "c57": ("dropconnect", "dropout", [(0.0, "0.2/0.2"), (0.0, "0.5/0.5"), (0.0, "0.8/0.8")]),
        "c58": ("l1_penalty", "weight_decay", [(1e-5, "0/0"), (1e-4, "0/0"), (1e-3, "0/0")]),
    }[claim_id]
    cells: dict[Network, dict[str, float]] = {(method, *one): {"loss": 1.1} for one in strengths}
    cells[method, *strengths[1]] = {"loss": loss, "test_accuracy": accuracy}
    cells |= {(usual, *strengths[1]): {"loss": 0.7, "test_accuracy": 0.85}, WITHOUT: {"loss": plain}}
    return network(cells, noise)
