"""Noise at the input, noise in every layer, and the two kinds of dropout: test error against the noise's variance."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Estimate, Tables, chosen_on_validation
from regularization.naming import Key, parse_p
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, log_axis, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import look
from regularization.reporting.figures.dropout.strength import error_rates, uniform_p

AT_INPUT, EVERYWHERE = "input_noise", "layer_noise"
ADDED = (AT_INPUT, EVERYWHERE)  # their λ is the variance of the noise at the input
MULTIPLIED = ("dropout", "gaussian_dropout")  # the variance of the factor on an activation is p/(1 − p)
METRICS = {"test_loss": "test cross-entropy, nats", "test_error_rate": "test error rate"}


def by_variance(tables: Tables, setting: str, metric: str) -> pd.DataFrame:
    """Each method's cells by the variance of its noise, from the network without any on.

    Noise in every layer has a variance of its own in hidden layers, `hidden_p`, the same for all of its line.
    Columns as in `cells`, method (whose line it is on), of (whose runs they are: the method's, or none's), variance.
    """
    cells = uniform_p(tables.of("fashion_mnist", setting, metric))
    none = cells[cells["method"] == "none"].assign(variance=0.0)
    lines = []
    for method in (*ADDED, *MULTIPLIED):
        own = cells[(cells["method"] == method) & (cells["probability"] < 1)]
        odds = own["probability"] / (1 - own["probability"])
        own = own.assign(variance=own["lam"] if method in ADDED else odds)
        if method == EVERYWHERE:
            own = own[own["p"] == hidden_p(tables, setting)]
        if not own.empty:
            start = none.iloc[:0] if (own["variance"] == 0).any() else none
            lines.append(pd.concat([start, own]).assign(of=lambda rows: rows["method"], method=method))
    columns = [*cells.columns.drop("probability"), "of", "variance"]
    return pd.concat(lines, ignore_index=True)[columns] if lines else pd.DataFrame(columns=columns)


def hidden_p(tables: Tables, setting: str) -> str | None:
    """The variance in hidden layers, as p, that validation data choose for noise in every layer; None without any."""
    cells = uniform_p(tables.of("fashion_mnist", setting, "test_loss"))
    cells = cells[cells["method"] == EVERYWHERE]
    best = chosen_on_validation(cells, tables.of("fashion_mnist", setting, "validation_loss"))
    return str(best["p"]) if best is not None else next(iter(cells["p"]), None)


def tuned(tables: Tables, setting: str, drawn: pd.DataFrame) -> dict[str, pd.Series]:
    """Method → the cell of `drawn` (one metric) that validation data choose, no noise at all among those to choose."""
    validation = by_variance(tables, setting, "validation_loss")
    found = {
        str(method): chosen_on_validation(own, validation[validation["method"] == method])
        for method, own in drawn.groupby("method", sort=False)
    }
    return {method: cell for method, cell in found.items() if cell is not None}


def noise_injection(tables: Tables) -> Exhibit | None:
    """Cross-entropy and error rate in the first setting with both kinds of added noise; None where there is none."""
    for setting in tables.series("fashion_mnist"):
        loss = by_variance(tables, setting, "test_loss")
        if set(ADDED) <= set(loss["method"]):
            break
    else:
        return None
    error = error_rates(by_variance(tables, setting, "test_accuracy"))
    chosen = tuned(tables, setting, loss)
    data = pd.concat([loss.assign(metric="test_loss"), error.assign(metric="test_error_rate")], ignore_index=True)
    at = {method: cell["variance"] for method, cell in chosen.items()}
    data["chosen"] = data["variance"] == data["method"].map(at)
    figure, (axes,) = panels(3.2, 1, 2)
    for axis, (metric, words) in zip(axes, METRICS.items(), strict=True):
        _draw(axis, data[data["metric"] == metric])
        axis.set_ylabel(words)
    methods = list(dict.fromkeys(data["method"]))
    legend_above(figure, [look(method) for method in methods])
    once = loss.drop_duplicates(["of", "lam", "p"])  # the baseline is every method's
    facts = {
        "both_chosen": set(ADDED) <= set(chosen),
        "loss": _difference(tables, setting, chosen, "test_loss"),
        "accuracy": _difference(tables, setting, chosen, "test_accuracy"),
        "in_hidden_layers": parse_p(hidden_p(tables, setting) or "0")[0],
        "n_train": tables.setting("fashion_mnist", setting)["n_train"],
        "rings": [_ring(cell, loss) for cell in chosen.values() if np.isfinite(cell["mean"])],
        "highest": round(data["variance"].max(), 3),
        "methods": [look(method).label for method in methods],
        **counted(once),
    }
    return Exhibit(figure, facts, data)


def _draw(axis: Axes, data: pd.DataFrame) -> None:
    """A line a method, with a ring around the cell that validation data choose."""
    for method, own in data.groupby("method", sort=False):
        style = look(str(method))
        cells_line(axis, own.sort_values("variance"), "variance", style)
        ringed = own[own["chosen"]]
        axis.plot(ringed["variance"], ringed["mean"], "o", markersize=8.5, markerfacecolor="none", color=style.colour,
                  gid=UNTOLD)  # fmt: skip
    lambda_axis(axis, data["variance"].round(6), "variance of the noise", most_ticks=7)
    log_axis(axis)


def _difference(tables: Tables, setting: str, chosen: dict[str, pd.Series], metric: str) -> Estimate | None:
    """Noise in every layer minus noise at the input, as chosen, paired by seed; None where neither is chosen."""
    if not set(ADDED) <= set(chosen):
        return None
    cells = (chosen[EVERYWHERE], chosen[AT_INPUT])
    everywhere, at_input = (Key("fashion_mnist", setting, cell["of"], cell["lam"], cell["p"]) for cell in cells)
    paired = tables.paired(everywhere, at_input, metric) if everywhere != at_input else None
    return paired.difference if paired else None


def _ring(cell: pd.Series, loss: pd.DataFrame) -> dict[str, Any]:
    """What a method's chosen cell reaches, its strength (p or variance), and which end of what was tried it is."""
    tried = loss.loc[(loss["method"] == cell["method"]) & (loss["of"] != "none"), "variance"]
    ends = {"smallest": tried.min(), "largest": tried.max()} if len(tried) > 1 else {"only": tried.min()}
    return {
        "loss": cell["mean"],
        "method": look(cell["method"]).label,
        "without": cell["of"] == "none",
        "p": parse_p(cell["p"])[0] if cell["method"] in MULTIPLIED else None,
        "variance": cell["variance"],
        "end": next((name for name, end in ends.items() if end == cell["variance"] and cell["of"] != "none"), None),
    }
