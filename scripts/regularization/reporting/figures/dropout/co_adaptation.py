"""Do hidden units co-adapt less with dropout? What they share, and what deleting them does."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import cells_line, handle, legend_above
from regularization.reporting.drawing.exhibit import Worded as Exhibit
from regularization.reporting.drawing.style import INK, WIDTH, LineStyle, Look
from regularization.reporting.figures.dropout.probes import (
    draw_by_level,
    estimate_at,
    exemplary,
    lines_of,
    means,
    n_train,
    probed,
    seeds_of,
)
from regularization.reporting.words import listing, number, plain

LAYERS: dict[float, tuple[str, LineStyle]] = {1.0: ("o", "-"), 2.0: ("s", (0, (5, 1.5)))}
MEASURES = {
    "hidden_correlation": "mean |correlation| of units",
    "participation_ratio": "participation ratio, directions",
    "pair_ablation_interaction": "interaction of pairs, 10⁻³ nats",
}
NAMES = {
    "hidden_correlation": "the mean correlation of units",
    "participation_ratio": "the participation ratio",
    "pair_ablation_interaction": "the interaction of pairs",
}
SCALE = {"pair_ablation_interaction": 1000.0}


def exhibits(tables: Tables) -> list[Exhibit]:
    """One figure; empty where networks were not probed for it."""
    one = _co_adaptation(tables, probed(tables))
    return [] if one is None else [one]


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
    looks = lines_of(data)
    if not deletion.empty:
        draw_by_level(axes[len(present)], deletion, looks)
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
            f"**{_co_adaptation_finding(data, present)}** {_others(data, present)}"
            "Measured without dropout on test images, "
            f"n = {n_train(tables, data)}. Interaction: how far deleting two units of the last hidden layer together "
            "changes the loss by something else than the sum of deleting each. Dropout is trained for deletion, so the "
            f"last panel is no evidence about its cause. {seeds_of(tables, data, shown)}"
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
    """What the first measure says, layer by layer."""
    p, probe = exemplary(data), present[0]
    parts = _changes(data, probe, p)
    if not parts:
        return "Co-adaptation of hidden units."
    return f"Dropout with p = {plain(p)} changes {NAMES[probe]} {listing(parts)}."


def _others(data: pd.DataFrame, present: Sequence[str]) -> str:
    """What the others say."""
    said = [
        f"{NAMES[probe]} {listing(parts)}" for probe in present[1:] if (parts := _changes(data, probe, exemplary(data)))
    ]
    return f"It changes {'; '.join(said)}. " if said else ""


def _changes(data: pd.DataFrame, probe: str, p: float) -> list[str]:
    """A measure's means without and with dropout, layer by layer."""
    table = means(data, probe)
    found = []
    for level in sorted(table["level"].unique()):
        before, after = (estimate_at(table, probability, level) for probability in (0.0, p))
        if before and after:
            found.append(f"from {number(before.mean)} to {number(after.mean)} (layer {plain(level)})")
    return found
