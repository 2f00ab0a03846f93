"""What dropout does beside the test error: robustness, co-adaptation of hidden units, and averaging sub-networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from regularization.figures.axes import cells_line, handle, legend_above, name_line
from regularization.figures.dropout_strength import uniform_p
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import COLOURS, INK, MUTED, WIDTH, LineStyle, Look
from regularization.reporting.words import interval, listing, number, plain, seeds
from regularization.tables import Estimate, Tables, estimates

SHOWN = (0.0, 0.2, 0.5, 0.8)  # the p that are drawn as lines of their own, where a figure is not against p
LOOKS = (
    Look("", INK, "-", "o"),
    Look("", COLOURS["sky"][0], (0, (5, 1.5)), "s"),
    Look("", COLOURS["orange"][0], (0, (6, 1.5, 1, 1.5)), "P"),
    Look("", COLOURS["vermillion"][0], (0, (1, 1)), "^"),
)
LAYERS: dict[float, tuple[str, LineStyle]] = {1.0: ("o", "-"), 2.0: ("s", (0, (5, 1.5)))}
RUN = ["seed", "data_seed"]


def exhibits(tables: Tables) -> list[Exhibit]:
    """Robustness, co-adaptation, mask average: those that were probed."""
    data = probed(tables)
    found = (_robustness(tables, data), _co_adaptation(tables, data), _mask_average(tables, data))
    return [exhibit for exhibit in found if exhibit is not None]


def probed(tables: Tables) -> pd.DataFrame:
    """Probes of networks with and without dropout, in the setting with the most p: one row a measurement.

    Columns: setting, method, p (text), probability, seed, data_seed, probe, level, value. Diverged runs are left out.
    """
    runs = tables.runs[(tables.runs["experiment"] == "dropout") & tables.runs["method"].isin(["none", "dropout"])]
    runs = runs[(runs["status"] == "ok") & runs["run_id"].isin(tables.probes["run_id"])]
    runs = uniform_p(runs[runs["p"] != ""]) if len(runs) else runs.assign(probability=np.nan)
    many = runs.groupby("setting", sort=False)["probability"].nunique()
    runs = runs[runs["setting"] == many.idxmax()] if len(many) else runs
    columns = ["run_id", "setting", "method", "p", "probability", *RUN]
    return tables.probes.merge(runs[columns], on="run_id").drop(columns="run_id")


def against_none(data: pd.DataFrame, probe: str) -> pd.DataFrame:
    """A probe's difference to p = 0, paired by seed: probability, level, mean, ci_low, ci_high, n."""
    rows = data[data["probe"] == probe]
    none = rows[rows["probability"] == 0].set_index(["level", *RUN])["value"].rename("none")
    paired = rows.merge(none.reset_index(), on=["level", *RUN])
    paired = paired.assign(difference=paired["value"] - paired["none"])
    return estimates(paired, ["probability", "level"], "difference").sort_values(["probability", "level"])


def means(data: pd.DataFrame, probe: str) -> pd.DataFrame:
    """A probe's mean over seeds: probability, level, mean, ci_low, ci_high, n."""
    rows = data[data["probe"] == probe]
    return estimates(rows, ["probability", "level"], "value").sort_values(["probability", "level"])


def _lines(data: pd.DataFrame) -> dict[float, Look]:
    """The p that get a line of their own, and how it looks."""
    present = sorted(data["probability"].unique())
    chosen = [p for p in SHOWN if p in present]
    chosen = chosen if len(chosen) > 2 else present[: len(LOOKS)]
    return {
        p: Look(f"p = {plain(p)}", style.colour, style.line, style.marker)
        for p, style in zip(chosen, LOOKS, strict=False)
    }


def _by_level(axis: Axes, table: pd.DataFrame, looks: dict[float, Look], scale: float = 1.0) -> None:
    """One line a p against the probe's level."""
    for p, style in looks.items():
        line = table[table["probability"] == p]
        scaled = line.assign(**{c: scale * line[c] for c in ("mean", "ci_low", "ci_high")})
        cells_line(axis, scaled, "level", style, label=style.label)


def _n_diverged(tables: Tables, data: pd.DataFrame) -> int:
    """Runs of the probed cells that diverged and so have no part in the means."""
    runs = tables.runs[(tables.runs["experiment"] == "dropout") & (tables.runs["status"] != "ok")]
    return len(runs.merge(data[["setting", "method", "p"]].drop_duplicates(), on=["setting", "method", "p"]))


def _seeds(tables: Tables, data: pd.DataFrame, drawn: pd.DataFrame) -> str:
    lost = _n_diverged(tables, data)
    return seeds(drawn["n"], [lost] + [0] * (len(drawn) - 1))


def _at(table: pd.DataFrame, p: float, level: float) -> Estimate | None:
    row = table[(table["probability"] == p) & (table["level"] == level)]
    if row.empty:
        return None
    first = row.iloc[0]
    return Estimate(float(first["mean"]), float(first["ci_low"]), float(first["ci_high"]), int(first["n"]))


def _exemplary(data: pd.DataFrame) -> float:
    """The p that the captions speak of: 0.5 if it was trained, else the middle one."""
    present = sorted(p for p in data["probability"].unique() if p > 0)
    return 0.5 if 0.5 in present else present[len(present) // 2]


def _n_train(tables: Tables, data: pd.DataFrame) -> str:
    return plain(tables.setting("dropout", data["setting"].iloc[0])["n_train"])


# --- robustness -----------------------------------------------------------------------------------------------------

PERTURBATIONS = {
    "noise_accuracy": ("Gaussian noise", "standard deviation of the noise"),
    "occlusion_accuracy": ("a black square", "side of the square, pixels"),
}


def _robustness(tables: Tables, data: pd.DataFrame) -> Exhibit | None:
    present = [probe for probe in PERTURBATIONS if (data["probe"] == probe).any()]
    if not present or len(set(data["probability"])) < 2:
        return None
    looks = _lines(data)
    figure = Figure(figsize=(WIDTH, 4.3))
    rows = figure.subplots(2, len(present), sharex="col", sharey="row", squeeze=False)
    drawn = []
    for column, probe in enumerate(present):
        accuracy, difference = means(data, probe), against_none(data, probe)
        _by_level(rows[0, column], accuracy, looks)
        _by_level(rows[1, column], difference, {p: style for p, style in looks.items() if p > 0}, 100)
        rows[1, column].axhline(0, color=MUTED, linewidth=0.6)
        rows[0, column].set_title(PERTURBATIONS[probe][0])
        rows[1, column].set_xlabel(PERTURBATIONS[probe][1])
        drawn += [
            accuracy.assign(probe=probe, quantity="accuracy"),
            difference.assign(probe=probe, quantity="difference to p = 0"),
        ]
    rows[0, 0].set_ylabel("accuracy")
    rows[1, 0].set_ylabel("difference to p = 0,\npercentage points")
    legend_above(figure, [handle(style) for style in looks.values()])
    shown = pd.concat(drawn, ignore_index=True)
    return Exhibit(
        name="robustness",
        section="dropout",
        figure=figure,
        caption=(
            f"**{_robustness_finding(data, present)}** Networks trained on {_n_train(tables, data)} unchanged images; "
            "every network met the same noise and squares. Above the accuracy, below its difference to the network "
            f"without dropout, paired by seed. {_seeds(tables, data, shown)}"
        ),
        alt=(
            f"Two rows of {len(present)} panels, for {listing(PERTURBATIONS[probe][0] for probe in present)}: accuracy "
            "against the strength of the disturbance above, the difference to no dropout in percentage points below. "
            f"Lines for {listing(style.label for style in looks.values())}."
        ),
        data=shown,
    )


def _robustness_finding(data: pd.DataFrame, present: Sequence[str]) -> str:
    p = _exemplary(data)
    parts = []
    for probe in present:
        table = against_none(data, probe)
        change = _at(table, p, table["level"].max())
        if change is not None:
            at = {"noise_accuracy": "noise of standard deviation", "occlusion_accuracy": "a square of side"}[probe]
            parts.append(f"{interval(change, scale=100)} under {at} {plain(table['level'].max())}")
    clean = _at(against_none(data, present[0]), p, 0.0)
    against = f"; on clean images by {interval(clean, scale=100)}" if clean else ""
    return f"Dropout with p = {plain(p)} changes the accuracy, in percentage points, by {listing(parts)}{against}."


# --- co-adaptation --------------------------------------------------------------------------------------------------

MEASURES = {
    "hidden_correlation": "mean |correlation| of units",
    "participation_ratio": "participation ratio, directions",
    "pair_ablation_interaction": "interaction of pairs, 10⁻³ nats",
}
SCALE = {"pair_ablation_interaction": 1000.0}


def _co_adaptation(tables: Tables, data: pd.DataFrame) -> Exhibit | None:
    present = [probe for probe in MEASURES if (data["probe"] == probe).any()]
    if not present or len(set(data["probability"])) < 2:
        return None
    deletion = means(data, "deletion_accuracy")
    figure = Figure(figsize=(WIDTH, 4.4))
    axes = list(figure.subplots(2, 2).flat)
    drawn = []
    for axis, probe in zip(axes, present, strict=False):
        table = means(data, probe)
        scaled = table.assign(**{c: SCALE.get(probe, 1.0) * table[c] for c in ("mean", "ci_low", "ci_high")})
        for level, (marker, line) in LAYERS.items():
            cells_line(axis, scaled[scaled["level"] == level], "probability", Look("", INK, line, marker))
        axis.set_title(MEASURES[probe])
        axis.set_xlabel("dropout probability p")
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_locator(MaxNLocator(5))
        drawn.append(scaled.assign(probe=MEASURES[probe]))
    looks = _lines(data)
    if not deletion.empty:
        _by_level(axes[len(present)], deletion, looks)
        axes[len(present)].set_title("accuracy after deleting units")
        axes[len(present)].set_xlabel("share of units deleted")
        axes[len(present)].legend(handles=[handle(style) for style in looks.values()], loc="lower left")
        drawn.append(deletion.assign(probe="deletion_accuracy"))
    for axis in axes[len(present) + (not deletion.empty) :]:
        axis.remove()
    layers = {1.0: "first hidden layer", 2.0: "second hidden layer"}
    legend_above(figure, [handle(Look(layers[k], INK, line, marker)) for k, (marker, line) in LAYERS.items()])
    shown = pd.concat(drawn, ignore_index=True)
    return Exhibit(
        name="co-adaptation",
        section="dropout",
        figure=figure,
        caption=(
            f"**{_co_adaptation_finding(data, present)}** Measured without dropout on test images, "
            f"n = {_n_train(tables, data)}. Interaction: how far deleting two units of the last hidden layer together "
            "changes the loss by something else than the sum of deleting each. Dropout is trained for deletion, so the "
            f"last panel is no evidence about its cause. {_seeds(tables, data, shown)}"
        ),
        alt=(
            f"{len(present)} panels against the dropout probability ({listing(MEASURES[probe] for probe in present)}), "
            "circles and solid lines for the first hidden layer, squares and dashed lines for the second"
            + (
                "; and one panel with accuracy against the share of hidden units deleted, lines for "
                f"{listing(style.label for style in looks.values())}."
                if not deletion.empty
                else "."
            )
        ),
        data=shown,
    )


def _co_adaptation_finding(data: pd.DataFrame, present: Sequence[str]) -> str:
    p = _exemplary(data)
    parts = []
    for probe in present:
        table = means(data, probe)
        for level in sorted(table["level"].unique()):
            before, after = _at(table, 0.0, level), _at(table, p, level)
            if before and after:
                name = {
                    "hidden_correlation": "the mean correlation",
                    "participation_ratio": "the participation ratio",
                    "pair_ablation_interaction": "the interaction of pairs",
                }[probe]
                parts.append(f"{name} of layer {plain(level)} from {number(before.mean)} to {number(after.mean)}")
    return f"Dropout with p = {plain(p)} changes {listing(parts)}." if parts else "Co-adaptation of hidden units."


# --- mask average ---------------------------------------------------------------------------------------------------

AVERAGED = {
    "loss": ("cross-entropy, nats", 1.0),
    "accuracy": ("accuracy, percentage points", 100.0),
}


def averaging(data: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Mean prediction of K sub-networks minus weight scaling, paired: probability, level (K), mean, ci_low, …, n."""
    masks = data[data["probe"] == f"mask_average_{metric}"]
    scaling = data[data["probe"] == f"weight_scaling_{metric}"].set_index(["probability", *RUN])["value"]
    paired = masks.merge(scaling.rename("scaling").reset_index(), on=["probability", *RUN])
    paired = paired.assign(difference=paired["value"] - paired["scaling"])
    return estimates(paired, ["probability", "level"], "difference").sort_values(["probability", "level"])


def _mask_average(tables: Tables, data: pd.DataFrame) -> Exhibit | None:
    tabled = {metric: averaging(data, metric) for metric in AVERAGED}
    tabled = {metric: table for metric, table in tabled.items() if not table.empty}
    if not tabled:
        return None
    looks = {p: style for p, style in _lines(data).items() if p in set(next(iter(tabled.values()))["probability"])}
    figure = Figure(figsize=(WIDTH, 2.8))
    axes = figure.subplots(1, len(tabled), squeeze=False)[0]
    for axis, (metric, table) in zip(axes, tabled.items(), strict=True):
        words, scale = AVERAGED[metric]
        _by_level(axis, table, looks, scale)
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.set_xscale("log")
        axis.set_xticks(sorted(table["level"].unique()), [plain(k) for k in sorted(table["level"].unique())])
        axis.minorticks_off()
        axis.set_title(words)
        axis.set_xlabel("sub-networks averaged, K")
    axes[0].set_ylabel("difference to weight scaling")
    first = next(iter(tabled.values()))
    for p, style in looks.items():
        name_line(axes[0], first[first["probability"] == p].iloc[-1], "level", style, "right")
    shown = pd.concat([table.assign(metric=metric) for metric, table in tabled.items()], ignore_index=True)
    return Exhibit(
        name="mask-average",
        section="dropout",
        figure=figure,
        caption=(
            f"**{_averaging_finding(data, tabled)}** Weight scaling is ordinary inference: one pass without masks. "
            "Below 0 the average of sub-networks has the lower loss, above 0 the higher accuracy. "
            f"Networks trained on {_n_train(tables, data)} images. "
            + _seeds(tables, data[data["probability"] > 0], shown)
        ),
        alt=(
            f"{len(tabled)} panels ({listing(AVERAGED[metric][0] for metric in tabled)}) against the number of "
            "sub-networks averaged on a logarithmic axis: difference to weight scaling, with a level line at zero. "
            f"Lines for {listing(style.label for style in looks.values())}."
        ),
        data=shown,
    )


def _averaging_finding(data: pd.DataFrame, tabled: dict[str, pd.DataFrame]) -> str:
    p = _exemplary(data)
    parts = []
    for metric, table in tabled.items():
        most = table["level"].max()
        change = _at(table, p, most)
        if change is not None:
            unit = "nats of cross-entropy" if metric == "loss" else "percentage points of accuracy"
            parts.append(f"{interval(change, scale=AVERAGED[metric][1])} {unit}")
    most = plain(max(table["level"].max() for table in tabled.values()))
    return f"At p = {plain(p)} the average of {most} sub-networks differs from weight scaling by {listing(parts)}."
