"""Noise at the input, noise in every layer, and the two kinds of dropout: test error against the noise's variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.tables import Estimate, Tables, chosen_on_validation
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, handle, lambda_axis, legend_above, log_axis
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import WIDTH, look
from regularization.reporting.figures.dropout.strength import uniform_p
from regularization.reporting.words import interval, listing, number, plain, seeds

AT_INPUT, EVERYWHERE = "input_noise", "layer_noise"
ADDED = (AT_INPUT, EVERYWHERE)  # their λ is the noise's variance
MULTIPLIED = ("dropout", "gaussian_dropout")  # the variance of the factor on an activation is p/(1 − p)
METRICS = {"test_loss": "test cross-entropy, nats", "test_error_rate": "test error rate"}


def by_variance(tables: Tables, setting: str, metric: str) -> pd.DataFrame:
    """Each method's cells by the variance of its noise, from the network without any on.

    Columns as in `cells`, method (whose line it is on), of (whose runs they are: the method's, or none's), variance.
    """
    cells = uniform_p(tables.of("fashion_mnist", setting, metric))
    none = cells[cells["method"] == "none"].assign(variance=0.0)
    lines = []
    for method in (*ADDED, *MULTIPLIED):
        own = cells[(cells["method"] == method) & (cells["probability"] < 1)]
        odds = own["probability"] / (1 - own["probability"])
        own = own.assign(variance=own["lam"] if method in ADDED else odds)
        if not own.empty:
            lines.append(pd.concat([none, own]).assign(of=lambda rows: rows["method"], method=method))
    columns = [*cells.columns.drop("probability"), "of", "variance"]
    return pd.concat(lines, ignore_index=True)[columns] if lines else pd.DataFrame(columns=columns)


def tuned(tables: Tables, setting: str, drawn: pd.DataFrame) -> dict[str, pd.Series]:
    """Method → the cell of `drawn` (one metric) that validation data choose, no noise at all among those to choose."""
    validation = by_variance(tables, setting, "validation_loss")
    found = {
        str(method): chosen_on_validation(own, validation[validation["method"] == method])
        for method, own in drawn.groupby("method", sort=False)
    }
    return {method: cell for method, cell in found.items() if cell is not None}


def exhibits(tables: Tables) -> list[Exhibit]:
    """Cross-entropy and error rate in the first setting with both kinds of added noise; empty where there is none."""
    for setting in tables.studied("fashion_mnist"):
        loss = by_variance(tables, setting, "test_loss")
        if set(ADDED) <= set(loss["method"]):
            break
    else:
        return []
    error = by_variance(tables, setting, "test_accuracy")
    error = error.assign(mean=1 - error["mean"], ci_low=1 - error["ci_high"], ci_high=1 - error["ci_low"])
    data = pd.concat([loss.assign(metric="test_loss"), error.assign(metric="test_error_rate")], ignore_index=True)
    chosen = tuned(tables, setting, loss)
    figure = Figure(figsize=(WIDTH, 3.2))
    axes = figure.subplots(1, 2)
    for axis, (metric, words) in zip(axes, METRICS.items(), strict=True):
        _draw(axis, data[data["metric"] == metric], chosen)
        axis.set_ylabel(words)
    methods = list(dict.fromkeys(data["method"]))
    legend_above(figure, [handle(look(method)) for method in methods])
    n = tables.setting("fashion_mnist", setting)["n_train"]
    return [
        Exhibit(
            name="noise-injection",
            section="dropout",
            figure=figure,
            caption=" ".join(
                [
                    f"**{_finding(tables, setting, chosen)}**",
                    f"n = {plain(n)}. The noise is Gaussian, added to the inputs, or to the inputs and every hidden "
                    "layer; dropout scales hidden activations by a random factor of mean 1, and is drawn at that "
                    "factor's variance p/(1 − p).",
                    _accuracy(tables, setting, chosen),
                    _reached(chosen, loss),
                    seeds(*_counts(loss)),
                ]
            ),
            alt=(
                "Two panels against the variance of the noise from 0 to "
                f"{plain(round(data['variance'].max(), 3))} on a logarithmic axis that starts at zero: test "
                "cross-entropy on the left, test error rate on the right, both logarithmic. Lines for "
                f"{listing(look(method).label for method in methods)}; an open ring around one mark of each."
            ),
            data=data.assign(chosen=[_is_chosen(row, chosen) for _, row in data.iterrows()]),
        )
    ]


def _draw(axis: Axes, data: pd.DataFrame, chosen: dict[str, pd.Series]) -> None:
    """A line a method, with a ring around the cell that validation data choose."""
    for method, own in data.groupby("method", sort=False):
        style = look(str(method))
        cells_line(axis, own.sort_values("variance"), "variance", style)
        ringed = own[[_is_chosen(row, chosen) for _, row in own.iterrows()]]
        axis.plot(ringed["variance"], ringed["mean"], "o", markersize=8.5, markerfacecolor="none", color=style.colour,
                  gid=UNTOLD)  # fmt: skip
    lambda_axis(axis, data["variance"].round(6), "variance of the noise", most_ticks=7)
    log_axis(axis)


def _is_chosen(row: pd.Series, chosen: dict[str, pd.Series]) -> bool:
    cell = chosen.get(row["method"])
    return cell is not None and bool(row["variance"] == cell["variance"])


def _counts(loss: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Runs and diverged runs of every cell, the baseline counted once."""
    once = loss.drop_duplicates(["of", "lam", "p"])
    return once["n"], once["n_diverged"]


def _key(setting: str, cell: pd.Series) -> Key:
    return Key("fashion_mnist", setting, str(cell["of"]), float(cell["lam"]), str(cell["p"]))


def _finding(tables: Tables, setting: str, chosen: dict[str, pd.Series]) -> str:
    """Both kinds of added noise against each other, paired by seed, each as validation data choose it."""
    if not set(ADDED) <= set(chosen):
        return "Test error against the variance of the noise."
    loss = _difference(tables, setting, chosen, "test_loss")
    if loss is None:
        return "Validation data choose no noise, whether at the input or in every layer."
    return (
        "Tuned on validation data, noise in every layer changes the test cross-entropy against noise at the input by "
        f"{interval(loss)} nats."
    )


def _difference(tables: Tables, setting: str, chosen: dict[str, pd.Series], metric: str) -> Estimate | None:
    """Noise in every layer minus noise at the input, as chosen, paired by seed; None where neither is chosen."""
    if not set(ADDED) <= set(chosen):
        return None
    everywhere, at_input = (_key(setting, chosen[method]) for method in (EVERYWHERE, AT_INPUT))
    paired = tables.paired(everywhere, at_input, metric) if everywhere != at_input else None
    return paired.difference if paired else None


def _accuracy(tables: Tables, setting: str, chosen: dict[str, pd.Series]) -> str:
    """What that is in accuracy."""
    accuracy = _difference(tables, setting, chosen, "test_accuracy")
    return f"The test accuracy changes by {interval(accuracy, scale=100)} percentage points." if accuracy else ""


def _reached(chosen: dict[str, pd.Series], loss: pd.DataFrame) -> str:
    """What each method's chosen strength reaches."""
    if not chosen:
        return ""
    reached = [
        f"{number(cell['mean'])} with {look(method).label} ({_strength(cell)}{_edge(cell, loss)})"
        for method, cell in chosen.items()
        if np.isfinite(cell["mean"])
    ]
    return f"Rings: the strengths that validation data choose, which reach {listing(reached)}."


def _strength(cell: pd.Series) -> str:
    if cell["of"] == "none":
        return "none of it"
    if cell["method"] in MULTIPLIED:
        return f"p = {str(cell['p']).split('/')[0]}"
    return f"variance {plain(cell['variance'])}"


def _edge(cell: pd.Series, loss: pd.DataFrame) -> str:
    """Whether a chosen strength is the end of what was tried, after a comma."""
    tried = loss.loc[(loss["method"] == cell["method"]) & (loss["of"] != "none"), "variance"]
    if cell["of"] == "none" or tried.min() < cell["variance"] < tried.max():
        return ""
    which = "only one" if len(tried) == 1 else "smallest" if cell["variance"] == tried.min() else "largest"
    return f", the {which} tried"
