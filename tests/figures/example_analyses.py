"""MADE-UP analyses of a made-up study (`example_tables`): account, probes, bias and variance, claims.

Like the runs they follow the outline of the physics, and nothing here was measured.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

import shared
from regularization.analysis.decomposition_table import COLUMNS as DECOMPOSITION
from regularization.claims import COLUMNS as LEDGER
from regularization.claims import IDENTITIES
from regularization.claims.controls import COLUMNS as NULL_LEDGERS
from regularization.claims.controls import summary
from regularization.claims.variations import Varied
from regularization.columns import ACCOUNT_COLUMNS as ACCOUNT
from regularization.columns import PARTS
from regularization.naming import parse_p

MADE_UP = shared.cases(__file__)
ACCOUNTED = ("textbook", "small_init", "zero_init")  # the beginnings of the names of settings with an account
PROBED = ("samples_500", "samples_500_shorter")
CROSSED = "samples_500_crossed"
LOSSES = {"squared_error": 1.0, "cross_entropy": 2.5, "zero_one": 0.6}  # and their made-up sizes


def account(runs: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Parts that add up to the risk: initialisation is what the null space kept, signal most of the rest."""
    chosen = runs[
        (runs["experiment"] == "linear_regression")
        & runs["setting"].str.startswith(ACCOUNTED)
        & runs["method"].isin(["none", "l2_penalty"])
        & (runs["status"] == "ok")
    ]
    if chosen.empty:
        return pd.DataFrame(columns=ACCOUNT)
    noise = chosen["setting"].map(settings.query("experiment == 'linear_regression'").set_index("setting")["noise_std"])
    left, floor = chosen["null_space_norm"] ** 2, noise**2
    rest = chosen["risk"] - left - floor
    cross = 0.001 * chosen["risk"] * np.where(chosen["seed"] % 2, 1, -1)
    table = chosen.assign(
        initialisation=left,
        signal_error=0.7 * rest - cross,
        fitted_noise=0.1 * rest,
        initialisation_signal=cross,
        initialisation_noise=0.0,
        signal_noise=0.0,
        bias_term_error=0.2 * rest,
        noise_floor=floor,
    )[ACCOUNT]
    assert np.allclose(table[list(PARTS)].sum(axis=1), table["risk"])
    return table.reset_index(drop=True)


def calibration(runs: pd.DataFrame) -> pd.DataFrame:
    """Networks are too sure of themselves; with one temperature a run no loss is far from another."""
    chosen = runs[runs["experiment"] == "fashion_mnist"]
    known = chosen["validation_loss"].notna()
    confidence = 0.5 * (1 + chosen["test_accuracy"])
    table = chosen[["run_id"]].assign(
        temperature=np.where(known, 1 + chosen["test_loss"], np.nan),
        accuracy=chosen["test_accuracy"],
        confidence=confidence,
        loss=chosen["test_loss"],
        tempered_loss=np.where(known, 0.5 + 0.1 * chosen["test_loss"], np.nan),
        brier=1.4 * (1 - chosen["test_accuracy"]),
        ece=confidence - chosen["test_accuracy"],
    )
    return table.reset_index(drop=True)


def probes(runs: pd.DataFrame) -> pd.DataFrame:
    """Every probe the figures draw, of the networks with and without weight decay or dropout in one setting."""
    chosen = runs[runs["setting"].isin(PROBED) & runs["method"].isin(["none", "weight_decay", "dropout"])]
    rows = [
        (run.run_id, probe, level, value + 0.002 * (run.seed % 3))
        for run in chosen.itertuples()
        for probe, level, value in _probes(parse_p(run.p)[0], run.lam)
    ]
    return pd.DataFrame(rows, columns=["run_id", "probe", "level", "value"])


def _probes(p: float, lam: float) -> Iterator[tuple[str, float, float]]:
    yield "jacobian_norm", np.nan, 0.4 / (1 + 100 * lam + p)
    yield "logit_jacobian_norm", np.nan, 0.8 / (1 + 50 * lam + p)
    for level in (0.0, 0.1, 0.5):
        yield "noise_accuracy", level, 0.8 - 0.2 * level * (1 - 0.5 * p)
    for level in (0.0, 6.0, 14.0):
        yield "occlusion_accuracy", level, 0.8 - 0.02 * level * (1 - 0.1 * p)
    for layer in (1.0, 2.0):
        yield "hidden_correlation", layer, 0.3 - 0.1 * p
        yield "participation_ratio", layer, 5 + 3 * p
    yield "pair_ablation_interaction", 2.0, 0.01 / (1 + 9 * p)
    for level in (0.0, 0.5, 0.9):
        yield "deletion_accuracy", level, 0.8 - 0.5 * level * (1 - 0.5 * p)
    if p > 0:
        for k in (1.0, 3.0, 10.0, 30.0, 100.0):
            yield "mask_average_loss", k, 0.6 + 0.1 / k
            yield "mask_average_accuracy", k, 0.8 - 0.01 / k
        yield "weight_scaling_loss", np.nan, 0.65
        yield "weight_scaling_accuracy", np.nan, 0.8


def decomposition(runs: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Bias grows and variance falls with λ and p; rows of the example always, of cells with three runs and more."""
    rows = list(_example_rows())
    sizes = settings.set_index(["experiment", "setting"])
    for (experiment, setting, method, lam, p), cell in runs.groupby(["experiment", "setting", "method", "lam", "p"]):
        if len(cell) < 3:
            continue
        identity = (experiment, setting, method, lam, p)
        n = sizes.loc[(experiment, setting), "n_train"]
        if experiment == "linear_regression" and method in ("none", "l2_penalty", "ridge"):
            noise = sizes.loc[(experiment, setting), "noise_std"] ** 2
            parts = {"noise": noise, "bias": 0.02 * (lam + 1) / (lam + 9), "variance": 0.005 / (1 + lam) + 0.1 / n}
            rows += _rows(identity, "squared_error", parts, len(cell), 0, n)
        elif experiment == "fashion_mnist" and not setting.startswith(("textbook", "random_labels")):
            strength = max(parse_p(str(p)), default=0.0)
            parts = {"bias": 0.2 + 0.3 * strength**4 + 5 * lam, "variance": 2 / np.sqrt(n) * (1 - strength) / (1 + lam)}
            if setting == CROSSED:
                whole = parts["variance"]
                parts |= {"variance_sampling": 0.9 * whole, "variance_optimisation": 0.02 * whole}
                parts |= {"variance_interaction": 0.08 * whole}
            for loss, scale in LOSSES.items() if setting != CROSSED else [("squared_error", 1.0)]:
                scaled = {name: scale * value for name, value in parts.items()}
                rows += _rows(identity, loss, scaled, len(cell), 10_000, n)
    return pd.DataFrame(rows, columns=DECOMPOSITION)


def _example_rows() -> Iterator[tuple[object, ...]]:
    for target in ("square", "interaction"):
        for sigma in (0.1, 1.0):
            name = target if sigma == 0.1 else f"{target}_noise_1"
            for method, bias, slope in (("linear_model", 0.09, 0.04), ("network", 0.001, 0.1)):
                parts = {"noise": sigma**2, "bias": bias, "variance": slope * sigma**2}
                yield from _rows(("example", name, method, 0.0, ""), "squared_error", parts, 100, 50, 50)


def _rows(
    identity: tuple[object, ...], loss: str, parts: dict[str, float], n_replicates: int, n_items: int, n_train: int
) -> Iterator[tuple[object, ...]]:
    whole = parts | {"risk": sum(parts[name] for name in ("noise", "bias", "variance") if name in parts)}
    for component, value in whole.items():
        se = 0.03 * value
        yield (*identity, loss, component, value, se, value - 2 * se, value + 2 * se, n_replicates, n_items, n_train)


def examples() -> pd.DataFrame:
    """Mean and band of both models on y = x²."""
    x = np.linspace(-1, 1, 21)
    curves = []
    for method, mean, half in (("linear_model", np.full_like(x, 1 / 3), 0.1), ("network", x**2, 0.05)):
        columns = {"x1": x, "x2": np.nan, "target": x**2, "mean": mean, "low": mean - half, "high": mean + half}
        curves.append(pd.DataFrame({"setting": "square", "method": method, **columns}))
    return pd.concat(curves, ignore_index=True)


def claims() -> pd.DataFrame:
    """One claim a verdict and one that was not measured."""
    own = [{"statement": f"Claim {one['id']}.", "answer": f"Answer {one['id'][1:]}, as c20 and c99.", **one}
           for one in MADE_UP["claims"]]  # fmt: skip
    return pd.DataFrame([MADE_UP["usual"] | one for one in own], columns=LEDGER)


def verdict_robustness() -> pd.DataFrame:
    return pd.DataFrame(MADE_UP["verdict_robustness"], columns=Varied._fields)


def controls() -> pd.DataFrame:
    """Controls of each kind as they should come out."""
    pairings = [("a_a", one, "difference", 1, int(one < 2)) for one in range(100)]
    found = [*pairings, *(("planted", one, "difference", 1, int(one < 88)) for one in range(100))]
    ledgers = [("null", one, "at least", 9, int(one < 3)) for one in range(100)]
    return summary(pd.DataFrame([*ledgers, *found], columns=NULL_LEDGERS))


def identities() -> pd.DataFrame:
    return pd.DataFrame(MADE_UP["identities"], columns=IDENTITIES)


def kept_weights(runs: pd.DataFrame) -> pd.DataFrame:
    """Final weights of the chapter's runs at λ = 0 and 3, as `predictions` has them; no others were kept."""
    chosen = runs[
        (runs["setting"] == "textbook")
        & (runs["experiment"] == "linear_regression")
        & runs["method"].isin(["none", "l2_penalty"])
        & runs["lam"].isin([0.0, 3.0])
    ]
    weights = [
        pd.DataFrame({"run_id": run.run_id, "item": range(201), "weight": np.r_[draw / (1 + 9 * run.lam), 50.0]})
        for run in chosen.itertuples()
        for draw in [np.random.default_rng(run.seed).standard_normal(200)]
    ]
    return pd.concat(weights, ignore_index=True) if weights else pd.DataFrame()
