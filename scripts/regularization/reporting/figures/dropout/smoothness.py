"""Do small weights make a smooth function? The network's input Jacobian against weight decay and against dropout."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.matching import as_close_a_fit
from regularization.analysis.tables import Estimate, Tables, as_estimate, estimates
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, log_axis, open_marks, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, Look, look
from regularization.reporting.figures.dropout.probes import RUN
from regularization.reporting.figures.dropout.strength import richest, uniform_p

FITS = 0.99  # mean training accuracy from which the training images count as fitted
AXES = {"weight_decay": ("lam", "weight decay λ"), "dropout": ("probability", "dropout probability p")}
QUANTITIES = {
    "jacobian_norm": Look("Jacobian of the probabilities", COLOURS["blue"][0], "-", "s"),
    "logit_jacobian_norm": Look("Jacobian of the logits", COLOURS["green"][0], (0, (5, 1.5)), "D"),
    "weight_norm": Look("norm of the weights", COLOURS["orange"][0], (0, (1, 1)), "^"),
}
CLOSE = Look("no decay, same loss", INK, "none", "x")
PROBES = ["jacobian_norm", "logit_jacobian_norm"]
CELL = ["setting", "method", "lam", "p"]


def probed(tables: Tables) -> pd.DataFrame:
    """Runs without regularization, with weight decay alone and with dropout alone, in the setting with the most of λ.

    And those without regularization that fit as closely as the strongest weight decay that fits (`as_close_a_fit`).
    One row a run: setting, method, lam, p, probability, seed, data_seed, status, train_loss, train_accuracy and every
    one of `QUANTITIES`.
    """
    runs = tables.runs[(tables.runs["experiment"] == "fashion_mnist") & tables.runs["method"].isin(["none", *AXES])]
    wanted = tables.probes[tables.probes["probe"].isin(PROBES)]
    wide = wanted.pivot_table(index="run_id", columns="probe", values="value").reindex(columns=PROBES)
    runs = runs[runs["run_id"].isin(wide.index) & (runs["p"] != "")]
    runs = uniform_p(runs) if len(runs) else runs.assign(probability=np.nan)
    own = richest(runs[runs["setting"].isin(tables.series("fashion_mnist"))], "lam")
    runs = pd.concat([own, _as_close_a_fit(tables, own, runs)]) if len(own) else own
    columns = ["run_id", *CELL, "probability", *RUN, "status", "train_loss", "train_accuracy", "weight_norm"]
    return runs[columns].merge(wide.reset_index(), on="run_id").drop(columns="run_id")


def _as_close_a_fit(tables: Tables, own: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of another setting to compare with; no rows where the setting's own baseline is the closest."""
    accuracy = own[own["method"] == "weight_decay"].groupby(CELL)["train_accuracy"].mean()
    fitting = accuracy[accuracy >= FITS]
    if fitting.empty:
        return runs.iloc[:0]
    found = as_close_a_fit(tables, Key("fashion_mnist", *fitting.index[-1]), PROBES[0])
    other = found.setting if found is not None and found.setting != own["setting"].iloc[0] else None
    return runs[(runs["setting"] == other) & (runs["method"] == "none")]


def ratios(runs: pd.DataFrame) -> pd.DataFrame:
    """Each quantity relative to the seed's network without regularization, by cell.

    Columns of the cell, probability, quantity, mean (geometric, over seeds), ci_low, ci_high (95 % t interval of the
    logarithm), n; and of train_loss, the mean itself.
    """
    ok = runs[runs["status"] == "ok"]
    none = ok[(ok["method"] == "none") & (ok["setting"] == ok["setting"].iloc[0])].set_index(RUN)
    parts = []
    for quantity in QUANTITIES:
        start = none[quantity].rename("start").reset_index()
        paired = ok.merge(start, on=RUN)
        with np.errstate(divide="ignore", invalid="ignore"):
            paired = paired.assign(log=np.log(paired[quantity] / paired["start"]))
        table = estimates(paired, [*CELL, "probability"], "log")
        ratio = {name: np.exp(table[name]) for name in ("mean", "ci_low", "ci_high")}
        parts.append(table.assign(quantity=quantity, **ratio))
    parts.append(estimates(ok, [*CELL, "probability"], "train_loss").assign(quantity="train_loss"))
    accuracy = ok.groupby(CELL)["train_accuracy"].mean().rename("train_accuracy").reset_index()
    return pd.concat(parts, ignore_index=True).merge(accuracy, on=CELL)


def smoothness(tables: Tables) -> Exhibit | None:
    """A column for weight decay, and one for dropout where it was probed; None without two λ."""
    runs = probed(tables)
    if not {"weight_decay", "none"} <= set(runs["method"]):
        return None
    data = ratios(runs)
    here = data["setting"].iloc[0]
    close, own = data[data["setting"] != here], data[data["setting"] == here]
    methods = [method for method in AXES if (data["method"] == method).any()]
    figure, rows = panels(3.45, 2, len(methods), sharex="col", sharey="row", height_ratios=[1.35, 1])
    for (upper, lower), method in zip(rows.T, methods, strict=True):
        _column(upper, lower, own[own["method"].isin(["none", method])].sort_values(AXES[method][0]), method)
    lam = strongest_fitting(data, "weight_decay")
    if len(close):
        _crosses(rows[0, 0], rows[1, 0], close, lam)
    log_axis(rows[0, 0])
    log_axis(rows[1, 0])
    rows[0, 0].set_ylabel("relative to\nno regularization")
    rows[1, 0].set_ylabel("training loss, nats")
    crosses = [CLOSE] if len(close) else []
    legend_above(figure, [*QUANTITIES.values(), *crosses], columns=2 if crosses else 4)
    loss, without = _at(own, "train_loss", "weight_decay", lam), _at(own, "train_loss", "none", 0.0)
    facts = {
        "lam": lam,
        "ratios": {quantity: _at(own, quantity, "weight_decay", lam) for quantity in QUANTITIES},
        "loss_ratio": loss.mean / without.mean if loss and without else None,
        "close": as_estimate(close[close["quantity"] == "jacobian_norm"]),
        "close_epochs": tables.setting("fashion_mnist", close["setting"].iloc[0])["epochs"] if len(close) else None,
        "fits": FITS,
        "n_train": tables.setting("fashion_mnist", here)["n_train"],
        "axes": [AXES[method][1] for method in methods],
        "lines": [style.label for style in QUANTITIES.values()],
        "n": list(data["n"]),
        "n_diverged": list(runs[runs["status"] != "ok"].groupby(CELL).size()),
    }
    return Exhibit(figure, facts, data)


def _column(upper: Axes, lower: Axes, own: pd.DataFrame, method: str) -> None:
    column, words = AXES[method]
    upper.axhline(1, color=MUTED, linewidth=0.8)
    for quantity, style in QUANTITIES.items():
        _line(upper, own[own["quantity"] == quantity], column, style)
    _line(lower, own[own["quantity"] == "train_loss"], column, Look("training loss", INK, "-", "o"))
    upper.set_title(look(method).label)
    if method == "weight_decay":
        lambda_axis(lower, own[column], words, most_ticks=7)
    lower.set_xlabel(words)


def _crosses(upper: Axes, lower: Axes, close: pd.DataFrame, lam: float | None) -> None:
    """The networks without decay that fit as closely, above the λ that they are to be compared with."""
    for quantity in (*QUANTITIES, "train_loss"):
        cells = close[close["quantity"] == quantity].assign(lam=lam)
        colour = QUANTITIES[quantity].colour if quantity in QUANTITIES else INK
        axis = upper if quantity in QUANTITIES else lower
        cells_line(axis, cells, "lam", replace(CLOSE, colour=colour), markersize=5, markeredgewidth=1.2)


def _line(axis: Axes, cells: pd.DataFrame, column: str, style: Look) -> None:
    """A line whose marks are open where the training images are not fitted."""
    cells_line(axis, cells, column, style)
    open_marks(axis, cells[cells["train_accuracy"] < FITS], column, style, gid=UNTOLD)


def strongest_fitting(data: pd.DataFrame, method: str) -> float | None:
    """The greatest strength of a method at which the training images are still fitted, None if at none."""
    column = AXES[method][0]
    own = data[(data["method"] == method) & (data["train_accuracy"] >= FITS)]
    return float(own[column].max()) if len(own) else None


def _at(data: pd.DataFrame, quantity: str, method: str, lam: float | None) -> Estimate | None:
    """A quantity at one λ, None where there is none or it was not measured."""
    if lam is None:
        return None
    there = (data["method"] == method) & (data["quantity"] == quantity) & np.isclose(data["lam"], lam)
    return as_estimate(data[there])
