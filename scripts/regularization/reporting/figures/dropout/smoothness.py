"""Do small weights make a smooth function? The network's input Jacobian against weight decay and against dropout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.matching import as_close_a_fit
from regularization.analysis.tables import Estimate, Tables, estimates
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, handle, lambda_axis, legend_above, log_axis
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.marks import UNTOLD
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, PAPER, WIDTH, Look, look
from regularization.reporting.figures.dropout.strength import uniform_p
from regularization.reporting.words import interval, listing, number, plain, seeds

FITS = 0.99  # mean training accuracy from which the training images count as fitted
AXES = {"weight_decay": ("lam", "weight decay λ"), "dropout": ("probability", "dropout probability p")}
QUANTITIES = {
    "jacobian_norm": Look("Jacobian of the probabilities", COLOURS["blue"][0], "-", "s"),
    "logit_jacobian_norm": Look("Jacobian of the logits", COLOURS["green"][0], (0, (5, 1.5)), "D"),
    "weight_norm": Look("norm of the weights", COLOURS["orange"][0], (0, (1, 1)), "^"),
}
CLOSE = Look("no decay, same loss", INK, "none", "x")
PROBES = ("jacobian_norm", "logit_jacobian_norm")
CELL = ["setting", "method", "lam", "p"]
RUN = ["seed", "data_seed"]


def probed(tables: Tables) -> pd.DataFrame:
    """Runs without regularization, with weight decay alone and with dropout alone, in the setting with the most of λ.

    And those without regularization that fit as closely as the strongest weight decay that fits (`as_close_a_fit`).
    One row a run: setting, method, lam, p, probability, seed, data_seed, status, train_loss, train_accuracy and every
    one of `QUANTITIES`.
    """
    runs = tables.runs[(tables.runs["experiment"] == "fashion_mnist") & tables.runs["method"].isin(["none", *AXES])]
    wanted = tables.probes[tables.probes["probe"].isin(PROBES)]
    wide = wanted.pivot_table(index="run_id", columns="probe", values="value").reindex(columns=list(PROBES))
    runs = runs[runs["run_id"].isin(wide.index) & (runs["p"] != "")]
    runs = uniform_p(runs) if len(runs) else runs.assign(probability=np.nan)
    many = runs.groupby("setting", sort=False)["lam"].nunique()
    if len(many):
        own = runs[runs["setting"] == many.idxmax()]
        runs = pd.concat([own, _as_close_a_fit(tables, own, runs)])
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
        limits = ["mean", "ci_low", "ci_high"]
        parts.append(table.assign(quantity=quantity, **{name: np.exp(table[name]) for name in limits}))
    parts.append(estimates(ok, [*CELL, "probability"], "train_loss").assign(quantity="train_loss"))
    accuracy = ok.groupby(CELL)["train_accuracy"].mean().rename("train_accuracy").reset_index()
    return pd.concat(parts, ignore_index=True).merge(accuracy, on=CELL)


def exhibits(tables: Tables) -> list[Exhibit]:
    """A column for weight decay, and one for dropout where it was probed; empty without two λ."""
    runs = probed(tables)
    if (runs["method"] == "weight_decay").sum() == 0 or (runs["method"] == "none").sum() == 0:
        return []
    data = ratios(runs)
    here = data["setting"].iloc[0]
    close, data_here = data[data["setting"] != here], data[data["setting"] == here]
    methods = [method for method in AXES if (data["method"] == method).any()]
    figure = Figure(figsize=(WIDTH, 3.45))
    rows = figure.subplots(2, len(methods), sharex="col", sharey="row", squeeze=False, height_ratios=[1.35, 1])
    for (upper, lower), method in zip(rows.T, methods, strict=True):
        own = data_here[data_here["method"].isin(["none", method])].sort_values(AXES[method][0])
        _column(upper, lower, own, method)
    if len(close):
        _crosses(rows[0, 0], rows[1, 0], close, strongest_fitting(data, "weight_decay"))
    log_axis(rows[0, 0])
    log_axis(rows[1, 0])
    rows[0, 0].set_ylabel("relative to\nno regularization")
    rows[1, 0].set_ylabel("training loss, nats")
    crosses = [handle(CLOSE)] if len(close) else []
    legend_above(figure, [*(handle(style) for style in QUANTITIES.values()), *crosses], columns=2 if crosses else 4)
    n = tables.setting("fashion_mnist", here)["n_train"]
    return [
        Exhibit(
            name="smoothness",
            section="dropout",
            figure=figure,
            caption=(
                f"**{_finding(data)}** Above: Frobenius norm of the Jacobian of what the network puts out by its "
                "input, mean over test images, and ‖w‖, each relative to the seed's network without regularization "
                "(geometric means). Below: the training loss, which a fair comparison has to match. Open "
                f"marks: mean training accuracy below {plain(FITS)}. {_crosses_words(tables, close)}{_others(data)}"
                f"n = {plain(n)}. "
                f"{_seeds(runs, data)}"
            ),
            alt=(
                f"{len(methods)} {'column' if len(methods) == 1 else 'columns'} of two panels, against "
                f"{listing(AXES[method][1] for method in methods)}. Above, on a logarithmic axis, lines for "
                f"{listing(style.label for style in QUANTITIES.values())} relative to the network without "
                "regularization, with a level line at one; below, one line for the training loss, logarithmic too."
            ),
            data=data,
        )
    ]


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


def _crosses_words(tables: Tables, close: pd.DataFrame) -> str:
    if close.empty:
        return ""
    epochs = tables.setting("fashion_mnist", close["setting"].iloc[0])["epochs"]
    return f"Crosses: without weight decay after {plain(epochs)} epochs, which leave as much training loss. "


def _line(axis: Axes, cells: pd.DataFrame, column: str, style: Look) -> None:
    """A line whose marks are open where the training images are not fitted."""
    cells_line(axis, cells, column, style)
    unfitted = cells[cells["train_accuracy"] < FITS]
    axis.plot(unfitted[column], unfitted["mean"], linestyle="none", marker=style.marker, color=style.colour,
              markerfacecolor=PAPER, markersize=3.6, zorder=3, gid=UNTOLD)  # fmt: skip


def strongest_fitting(data: pd.DataFrame, method: str) -> float | None:
    """The greatest strength of a method at which the training images are still fitted, None if at none."""
    column = AXES[method][0]
    own = data[(data["method"] == method) & (data["train_accuracy"] >= FITS)]
    return float(own[column].max()) if len(own) else None


def _at(data: pd.DataFrame, quantity: str, method: str, strength: float) -> Estimate | None:
    column = AXES[method][0] if method in AXES else "lam"
    data = data[data["setting"] == data["setting"].iloc[0]]
    row = data[(data["method"] == method) & (data["quantity"] == quantity) & np.isclose(data[column], strength)]
    if row.empty:
        return None
    one = row.iloc[0]
    return Estimate(float(one["mean"]), float(one["ci_low"]), float(one["ci_high"]), int(one["n"]))


def _loss_ratio(data: pd.DataFrame, method: str, strength: float) -> str:
    with_it, without = _at(data, "train_loss", method, strength), _at(data, "train_loss", "none", 0.0)
    return number(with_it.mean / without.mean) if with_it and without else "–"


def _finding(data: pd.DataFrame) -> str:
    """Smoothness at the strongest weight decay that fits the training images, at equal training loss if there is one.

    Otherwise beside what happens to the loss.
    """
    lam = strongest_fitting(data, "weight_decay")
    jacobian = None if lam is None else _at(data, "jacobian_norm", "weight_decay", lam)
    if lam is None or jacobian is None:
        return "Smoothness of the network against the strength of its regularization; no λ fits the training images."
    close = data[(data["setting"] != data["setting"].iloc[0]) & (data["quantity"] == "jacobian_norm")]
    if len(close):
        return (
            f"At λ = {plain(lam)} the Jacobian of the probabilities is {number(jacobian.mean)} times that at λ = 0; "
            f"without decay, but with as much training loss, it is {number(close['mean'].iloc[0])} times."
        )
    return (
        f"At λ = {plain(lam)}, the last that fits the training images, the Jacobian of the probabilities is "
        f"{interval(jacobian)} times that at λ = 0, the training loss {_loss_ratio(data, 'weight_decay', lam)} times."
    )


def _others(data: pd.DataFrame) -> str:
    """The other quantities at the same λ."""
    lam = strongest_fitting(data, "weight_decay")
    if lam is None:
        return ""
    said = {
        "the Jacobian of the logits": _at(data, "logit_jacobian_norm", "weight_decay", lam),
        "‖w‖": _at(data, "weight_norm", "weight_decay", lam),
    }
    parts = [f"{words} is {interval(ratio, 1)} times" for words, ratio in said.items() if ratio]
    return f"At the same λ {listing(parts)} that at λ = 0. " if parts else ""


def _seeds(runs: pd.DataFrame, data: pd.DataFrame) -> str:
    lost = runs[runs["status"] != "ok"].groupby(CELL).size().to_list()
    return seeds(data["n"], _padded(lost, len(data)))


def _padded(counts: Sequence[int], length: int) -> list[int]:
    return [*counts, *[0] * max(length - len(counts), 0)]
