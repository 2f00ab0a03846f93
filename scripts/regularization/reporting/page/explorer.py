"""The data of the page's explorers: the network's stored learning curves, and what the live experiment begins with.

The network's cells are a grid of p and λ for every method. All that is shown of them is in the data, as numbers for
what is drawn and as words for what is read. The linear experiment needs only its own numbers: it runs in the page.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, Tables, as_estimate, estimates
from regularization.naming import CELL, Key, parse_p
from regularization.reporting.drawing.style import look
from regularization.reporting.figures.dropout.strength import sizes
from regularization.reporting.words import count, interval, listing, plain

DIGITS = 3  # of the numbers that are drawn
BAND = (0.1, 0.9)  # the middle 80 % of the seeds
CURVE_IMAGES = 2_000  # as the trainer has it, whose libraries are not needed here
LIVE_SAMPLES = 100  # the exact average is computed in the page; its cost grows with the cube of n
METHODS = {  # of a choice → what is shown along p and λ; no regularization is the first step of each
    "dropout and weight decay": ("dropout", "weight_decay", "dropout_weight_decay"),
    **{look(method).label: (method,) for method in ("dropconnect", "gaussian_dropout", "l1_penalty")},
}
NUMBERS = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "gap": "gap: test − training",
    "test_accuracy": "test accuracy",
    "weight_norm": "‖w‖",
}


def explorers(tables: Tables) -> dict[str, str]:
    """The explorers that the study has the data for, by the names that the sections call them: JSON, compact."""
    stored = dropout(tables)
    made = {"explore-descent": descent(tables), "explore-dropout": stored if stored["settings"] else None}
    options = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    return {name: json.dumps(one, **options) for name, one in made.items() if one}  # type: ignore[arg-type]


def descent(tables: Tables) -> dict[str, float] | None:
    """The chapter's linear experiment as this study has it; None where the page's arithmetic is not of its kind."""
    if not tables.studied("linear_regression", ["textbook"]):
        return None
    task = tables.setting("linear_regression", "textbook")
    fixed = {"loss": "half_squared_error", "schedule": "constant", "bias_init_std": 0}
    if any(task[name] != value for name, value in fixed.items()):
        return None
    if task["n_train"] >= min(task["n_features"], LIVE_SAMPLES + 1):
        return None
    sizes = {"n": "n_train", "d": "n_features", "batchSize": "batch_size", "epochs": "epochs"}
    numbers = {"noiseStd": "noise_std", "initStd": "init_std", "learningRate": "learning_rate"}
    numbers |= {"trueWeight": "true_weight", "trueBias": "true_bias"}
    own = {key: int(task[name]) for key, name in sizes.items()}
    return {**own, **{key: float(task[name]) for key, name in numbers.items()}, "lam": CHAPTER_LAM}


def dropout(tables: Tables) -> dict[str, Any]:
    """The network by method, p and λ: what curves show, on what images, what the final numbers are, and settings."""
    families: dict[tuple[str, str], list[Key]] = {}
    for name in (*tables.series("fashion_mnist"), *tables.studied("fashion_mnist", ["textbook"])):
        cells = tables.of("fashion_mnist", name, "test_loss")
        for title, methods in METHODS.items():
            own = cells[cells["method"].isin(methods)]
            shown = pd.concat([cells[cells["method"] == "none"], own])[["method", "lam", "p"]]
            keys = [Key("fashion_mnist", name, *cell) for cell in shown.itertuples(index=False)]
            if len(own) > 0 and len(keys) > 1:
                families[name, title] = sorted(keys, key=lambda key: (key.lam, parse_p(key.p)))
    note = (
        f"Lines are means over the seeds on the first {CURVE_IMAGES:,} training and test images, bands the middle "
        f"{100 * (BAND[1] - BAND[0]):.0f} % of the seeds; in grey, the test loss without regularization. Dots, and the "
        "numbers below, are means on all images after the last epoch, as everywhere in the report."
    )
    settings = _settings(tables, families)
    return {"loss": "cross-entropy, nats", "note": note, "numbers": [*NUMBERS.values()], "settings": settings}


def _settings(tables: Tables, families: Mapping[tuple[str, str], Sequence[Key]]) -> list[dict[str, Any]]:
    """By setting the methods, `choices`, that have a curve, with a step a cell; the longest walk first."""
    keys = pd.DataFrame([key for family in families.values() for key in family], columns=CELL).drop_duplicates()
    runs = tables.runs.merge(keys, on=CELL).assign(gap=lambda frame: frame["test_loss"] - frame["train_loss"])
    ok = runs[runs["status"] == "ok"]
    finals = {metric: dict(tuple(estimates(ok, CELL, metric).groupby(CELL, sort=False))) for metric in NUMBERS}
    total, left = runs.groupby(CELL).size(), ok.groupby(CELL).size()

    def step(key: Key) -> dict[str, Any]:
        n = int(total[key])
        lost = n - int(left.get(key, 0))
        curve = tables.curve(key).groupby("epoch")
        ends = [finals[metric][key]["mean"].iloc[0] for metric in ("train_loss", "test_loss") if key in finals[metric]]
        return {
            "p": listing(dict.fromkeys(map(plain, parse_p(key.p)))),  # of 0.5/0.5 the one number; others are listed
            "lam": plain(key.lam),
            "seeds": count(n, "seed") + (f", {lost:,} of them diverged or collapsed" if lost else ""),
            "numbers": [_words(finals[metric].get(key)) for metric in NUMBERS],
            "ends": _rounded(ends),  # the means of training and test loss; empty where no run ended well
            "epochs": [*curve.groups],  # empty where no curve was stored or none ended well
            "train": _drawn(curve, "train_loss"),  # low, mean and high over the seeds by epoch, shape (3, epochs)
            "test": _drawn(curve, "test_loss"),
        }

    made: dict[str, dict[str, Any]] = {}
    named = sizes(tables, dict.fromkeys(name for name, _ in families))
    for (name, title), family in families.items():
        steps = [step(key) for key in family]
        if any(one["epochs"] for one in steps):
            own = f", {name}" if name == "textbook" and name not in named[name] else ""
            setting = made.setdefault(name, {"title": f"n = {named[name]}{own}", "choices": []})
            setting["choices"].append({"title": title, "steps": steps})
    return sorted(made.values(), key=lambda setting: -max(len(choice["steps"]) for choice in setting["choices"]))


def _drawn(curves: "pd.api.typing.DataFrameGroupBy", loss: str) -> list[list[float]]:
    low, high = (curves[loss].quantile(share) for share in BAND)
    return [_rounded(line) for line in (low, curves[loss].mean(), high)] if len(low) else []


def _words(final: pd.DataFrame | None) -> str:
    mean = None if final is None else as_estimate(final)
    return interval(mean).replace(" × ", "\u00a0×\u00a0") if mean else "–"


def _rounded(values: Sequence[float] | pd.Series) -> list[float]:
    """To `DIGITS` significant digits, which is more than a drawing shows."""
    return [float(f"{value:.{DIGITS}g}") for value in values]
