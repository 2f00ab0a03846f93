"""Do small weights make a smooth function? The input Jacobian at the same training loss, over λ and over p."""

from typing import Any

import numpy as np
import pandas as pd

from regularization.analysis.matching import at_same_loss, of_other_length
from regularization.analysis.tables import Tables, as_estimate, estimate
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, panels, scaled
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, MUTED, Look, look
from regularization.reporting.figures.dropout.probes import RUN, probed
from regularization.reporting.figures.dropout.strength import uniform_p

AXES = {"weight_decay": ("lam", "weight decay λ"), "dropout": ("probability", "dropout probability p")}
OUTPUTS = {
    "logit_jacobian_norm": Look("logits", COLOURS["green"][0], "-", "D"),
    "jacobian_norm": Look("probabilities", COLOURS["blue"][0], (0, (5, 1.5)), "s"),
}


def matched(tables: Tables) -> pd.DataFrame:
    """The Jacobian's norm with a regularizer over that without, at the same training loss: a row a cell and output.

    Columns method, lam, p, probability, output, mean (geometric, over seeds), ci_low, ci_high (of the t interval of the
    logarithm), n; only cells that networks without regularization of some length fit as closely as.
    """
    columns = ["method", "lam", "p", "probability", "output", "mean", "ci_low", "ci_high", "n"]
    data = probed(tables)
    if data.empty:
        return pd.DataFrame(columns=columns)
    setting = data["setting"].iloc[0]
    settings = [setting, *of_other_length(tables.settings, setting)]
    cells = uniform_p(tables.of("fashion_mnist", setting, "train_loss"))
    rows = []
    for output in OUTPUTS:
        lengths = [_log(tables, tables.baseline("fashion_mnist", name), output) for name in settings]
        for cell in cells[cells["method"].isin(AXES)].itertuples():
            measured = _log(tables, Key("fashion_mnist", setting, cell.method, cell.lam, cell.p), output)
            ratio = at_same_loss(measured, [one for one in lengths if len(one)])
            if len(ratio):
                log = estimate(-ratio)
                mean = np.exp([log.mean, log.low, log.high])
                rows.append((cell.method, cell.lam, cell.p, cell.probability, output, *mean, log.n))
    return pd.DataFrame(rows, columns=columns).sort_values(["output", "lam", "probability"], kind="stable")


def _log(tables: Tables, key: Key, output: str) -> pd.DataFrame:
    """Log training loss and log norm of a cell's runs, by seed."""
    probes = tables.probes[tables.probes["probe"] == output]
    runs = tables.ok(key).merge(probes[["run_id", "value"]], on="run_id").set_index(RUN)
    return np.log(runs[["train_loss", "value"]])


def changes(table: pd.DataFrame, method: str) -> list[dict[str, Any]]:
    """Of each output of a method: in how many of the matched cells it is smoother or rougher, and the last of them."""
    found = []
    for output, style in OUTPUTS.items():
        own = table[(table["method"] == method) & (table["output"] == output)]
        if len(own):
            ways = {"smoother": int((own["ci_high"] < 1).sum()), "rougher": int((own["ci_low"] > 1).sum())}
            last = {"last": as_estimate(own.tail(1)), "at": float(own[AXES[method][0]].iloc[-1])}
            found.append({"output": style.label, "n": len(own), **ways, **last})
    return found


def smoothness(tables: Tables) -> Exhibit | None:
    """A panel for weight decay and one for dropout; None unless two strengths of weight decay can be matched."""
    table = matched(tables)
    methods = [method for method in AXES if len(set(table.loc[table["method"] == method, AXES[method][0]])) > 1]
    if "weight_decay" not in methods:
        return None
    figure, (axes,) = panels(2.6, 1, len(methods), sharey=True)
    for axis, method in zip(np.atleast_1d(axes), methods, strict=True):
        column, words = AXES[method]
        own = table[table["method"] == method]
        axis.axhline(100, color=MUTED, linewidth=0.8)
        for output, style in OUTPUTS.items():
            cells_line(axis, scaled(own[own["output"] == output], 100), column, style)
        if method == "weight_decay":
            lambda_axis(axis, own[column], words, most_ticks=7)
        axis.set(title=look(method).label, xlabel=words)
    axes[0].set_ylabel("sensitivity, %\nof none at the same loss")
    legend_above(figure, [*OUTPUTS.values()])
    facts = {
        "decay": changes(table, "weight_decay"),
        "dropout": changes(table, "dropout"),
        "panels": [AXES[method][1] for method in methods],
        "n_train": tables.setting("fashion_mnist", probed(tables)["setting"].iloc[0])["n_train"],
        "n": list(table["n"]),
        "n_diverged": [0],
    }
    return Exhibit(figure, facts, table[table["method"].isin(methods)])
