"""Is the network more robust with dropout? Accuracy under noise and occlusion."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import handle, legend_above
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import MUTED, WIDTH
from regularization.reporting.figures.dropout.probes import (
    against_none,
    draw_by_level,
    estimate_at,
    exemplary,
    lines_of,
    means,
    n_train,
    probed,
    seeds_of,
)
from regularization.reporting.words import interval, listing, plain

PERTURBATIONS = {
    "noise_accuracy": ("Gaussian noise", "standard deviation of the noise"),
    "occlusion_accuracy": ("a black square", "side of the square, pixels"),
}


def exhibits(tables: Tables) -> list[Exhibit]:
    """One figure; empty where networks were not probed for it."""
    one = _robustness(tables, probed(tables))
    return [] if one is None else [one]


def _robustness(tables: Tables, data: pd.DataFrame) -> Exhibit | None:
    present = [probe for probe in PERTURBATIONS if (data["probe"] == probe).any()]
    if not present or len(set(data["probability"])) < 2:
        return None
    looks = lines_of(data)
    figure = Figure(figsize=(WIDTH, 4.3))
    rows = figure.subplots(2, len(present), sharex="col", sharey="row", squeeze=False)
    drawn = []
    for column, probe in enumerate(present):
        accuracy, difference = means(data, probe), against_none(data, probe)
        draw_by_level(rows[0, column], accuracy, looks)
        draw_by_level(rows[1, column], difference, {p: style for p, style in looks.items() if p > 0}, 100)
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
            f"**{_robustness_finding(data, present)}** {_on_clean(data, present)}"
            f"Networks trained on {n_train(tables, data)} unchanged images; "
            "every network met the same noise and squares. Above the accuracy, below its difference to the network "
            f"without dropout, paired by seed. {seeds_of(tables, data, shown)}"
        ),
        alt=(
            f"Two rows of {len(present)} panels, for {listing(PERTURBATIONS[probe][0] for probe in present)}: accuracy "
            "against the strength of the disturbance above, the difference to no dropout in percentage points below. "
            f"Lines for {listing(style.label for style in looks.values())}."
        ),
        data=shown,
    )


def _robustness_finding(data: pd.DataFrame, present: Sequence[str]) -> str:
    p = exemplary(data)
    parts = []
    for probe in present:
        table = against_none(data, probe)
        change = estimate_at(table, p, table["level"].max())
        if change is not None:
            under = {"noise_accuracy": "noise", "occlusion_accuracy": "a square"}[probe]
            parts.append(f"{interval(change, scale=100)} under {under} of {plain(table['level'].max())}")
    return f"Dropout with p = {plain(p)} changes the accuracy, in percentage points, by {listing(parts)}."


def _on_clean(data: pd.DataFrame, present: Sequence[str]) -> str:
    clean = estimate_at(against_none(data, present[0]), exemplary(data), 0.0)
    return f"On clean images it changes by {interval(clean, scale=100)}. " if clean else ""
