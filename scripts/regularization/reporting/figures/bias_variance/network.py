"""Bias and variance of the network against dropout, weight decay and the number of images."""

from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import cells_line, cut_at, lambda_axis, legend_above, log_axis, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import INK, Look
from regularization.reporting.figures.bias_variance.components import COMPONENTS, decomposed, one, replicates
from regularization.reporting.figures.dropout.strength import richest, uniform_p
from regularization.reporting.words import plain

LOSSES = {"squared_error": "squared error", "cross_entropy": "cross-entropy, nats"}
P = "0.5/0.5"
MODELS = {
    "none": Look("network", INK, "-", "o"),
    "dropout": Look(f"network, dropout p = {P.split('/')[0]}", INK, (0, (5, 1.5)), "P"),
    "softmax": Look("softmax regression", INK, (0, (1, 1)), "h"),
}
AGAINST = {"p": "the dropout probability", "lam": "λ", "n_train": "the number of images"}


def bias_variance_network(tables: Tables) -> Exhibit | None:
    """Both losses against p, λ and n, as far as they were decomposed; None where none was."""
    data = decomposed(tables, "fashion_mnist")
    members = [name for series in ("samples", "softmax") for name in tables.series("fashion_mnist", series)]
    data = data[data["loss"].isin(LOSSES) & data["setting"].isin(members)]
    paths = {"p": _by_p(data), "lam": _by_lambda(data), "n_train": _by_n(tables, data)}
    paths = {axis: path for axis, path in paths.items() if len(set(path[axis])) > 1}
    if not paths:
        return None
    figure, rows = panels(4.6, rows=2, columns=len(paths), sharex="col", sharey="row")
    for row, (loss, words) in zip(rows, LOSSES.items(), strict=True):
        for axis, (quantity, path) in zip(row, paths.items(), strict=True):
            _draw_network(axis, path[path["loss"] == loss], quantity)
        row[0].set_ylabel(words)
        log_axis(row[0])
    for axis, (quantity, path) in zip(rows[0], paths.items(), strict=True):
        name = {"p": "dropout p", "lam": "weight decay λ", "n_train": "training images n"}[quantity]
        axis.set_title(name if quantity == "n_train" else f"{name}, n = {plain(path['n_train'].iloc[0])}")
    for axis, quantity in zip(rows[1], paths, strict=True):
        axis.set_xlabel({"p": "p", "lam": "λ", "n_train": "n"}[quantity])
    looks = [replace(style, label="bias") if name == "bias" else style for name, style in COMPONENTS.items()]
    if "n_train" in paths:
        looks += [style for name, style in MODELS.items() if (paths["n_train"]["curve"] == name).any()]
    legend_above(figure, looks, columns=3)
    shown = pd.concat([path.assign(against=quantity) for quantity, path in paths.items()], ignore_index=True)
    shown = shown.assign(probability=pd.to_numeric(shown["p"], errors="coerce"))
    facts = {
        "changes": _changes(tables, data),
        "against": [AGAINST[quantity] for quantity in paths],
        "sizes": replicates(shown),
    }
    return Exhibit(figure, facts, shown)


def _draw_network(axis: Axes, path: pd.DataFrame, quantity: str) -> None:
    for component, style in COMPONENTS.items():
        line = path[path["component"] == component]
        line = cut_at(line, line["mean"].clip(lower=0) / 10)
        if quantity != "n_train":
            cells_line(axis, line, quantity, style)
        elif component != "risk":
            for name, model in MODELS.items():
                part = line[line["curve"] == name]
                cells_line(axis, part, quantity, model, color=style.colour, label=f"{style.label}, {model.label}")
    if quantity == "lam":
        lambda_axis(axis, path["lam"], "", most_ticks=5)
    elif quantity == "n_train":
        log_axis(axis, "x")
        axis.set_xticks(sorted(path["n_train"].unique()))
        axis.set_xlim(path["n_train"].min() / 1.3, 1.6 * path["n_train"].max())


def _by_p(data: pd.DataFrame) -> pd.DataFrame:
    """Dropout by p (column p as a number) in the setting with the most of them, p = 0 included."""
    alone = data[data["method"].isin(["none", "dropout"])]
    alone = uniform_p(alone[alone["p"] != ""]).assign(curve="network")
    alone = alone.drop(columns="p", errors="ignore").rename(columns={"probability": "p"})
    return richest(alone, "p").sort_values(["loss", "component", "p"], kind="stable")


def _by_lambda(data: pd.DataFrame) -> pd.DataFrame:
    """Weight decay by λ in the setting with the most of them, λ = 0 included."""
    alone = data[data["method"].isin(["none", "weight_decay"]) & (data["p"] != "")].assign(curve="network")
    return richest(alone, "lam").sort_values(["loss", "component", "lam"], kind="stable")


def _by_n(tables: Tables, data: pd.DataFrame) -> pd.DataFrame:
    """Network, network with dropout, and softmax regression by the number of images; column curve: which of them."""
    settings = tables.settings[tables.settings["experiment"] == "fashion_mnist"]
    linear = set(settings.loc[settings["hidden"] == "", "setting"]) if "hidden" in settings else set()
    plain_lam = data[data["lam"] == 0]
    softmax = plain_lam[plain_lam["setting"].isin(linear) & (plain_lam["method"] == "none")].assign(curve="softmax")
    network = plain_lam[~plain_lam["setting"].isin(linear)]
    none = network[network["method"] == "none"].assign(curve="none")
    dropout = network[(network["method"] == "dropout") & (network["p"] == P)].assign(curve="dropout")
    return pd.concat([none, dropout, softmax]).sort_values(["loss", "component", "curve", "n_train"], kind="stable")


def _changes(tables: Tables, data: pd.DataFrame) -> list[dict[str, Any]]:
    """Each regularizer as validation data choose it, with the squared error's parts without and with it, if known."""
    found = []
    for path, column in ((_by_p(data), "p"), (_by_lambda(data), "lam")):
        path = path[path["loss"] == "squared_error"]
        best = _chosen(tables, path, column) if len(set(path[column])) > 1 else 0.0
        ends = {c: [one(path, c, **{column: at}) for at in (0.0, best)] for c in ("bias", "variance")}
        if best and not any(None in pair for pair in ends.values()):
            means = {component: [end.mean for end in pair if end] for component, pair in ends.items()}
            found.append({"strength": column, "at": best, **means})
    return found


def _chosen(tables: Tables, path: pd.DataFrame, column: str) -> float:
    """The value of `column` with the lowest mean validation loss, 0 where there are no validation data."""
    cells = tables.of("fashion_mnist", path["setting"].iloc[0], "validation_loss")
    cells = cells[cells["method"].isin(path["method"])]
    cells = uniform_p(cells).assign(p=lambda frame: frame["probability"])
    cells = cells[cells[column].isin(path[column]) & (cells["n_diverged"] == 0)].dropna(subset=["mean"])
    return 0.0 if cells.empty else float(cells.loc[cells["mean"].idxmin(), column])
