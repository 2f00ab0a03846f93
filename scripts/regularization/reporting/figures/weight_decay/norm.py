"""Do the weights shrink as predicted? Their norm against λ, with what the null space alone leaves of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.lines import Line2D

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import log_axis
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED
from regularization.reporting.figures.weight_decay.risk_by_lambda import (
    AS_PUBLISHED,
    Panel,
    boundary_words,
    described,
    draw_boundary,
    draw_cells,
    framed,
    layout,
    name_methods,
    panel,
    stable_range,
    within,
)
from regularization.reporting.words import number, plain, seeds

PREDICTION: dict[str, Any] = {"color": MUTED, "linestyle": "-", "linewidth": 3.2, "alpha": 0.45}


def exhibits(tables: Tables) -> list[Exhibit]:
    """Weight norms of the settings as published; empty where there are none at a λ above 0."""
    one = _norm(tables)
    return [] if one is None else [one]


def _norm(tables: Tables) -> Exhibit | None:
    panels = [found for setting in AS_PUBLISHED if (found := panel(tables, setting, "weight_norm"))]
    if not panels:
        return None
    figure, axes, strips = layout(panels)
    drawn, predicted = [], False
    for axis, strip, one in zip(axes, strips, panels, strict=True):
        prediction = within(tables.reference(one.setting, "null_space_norm"), one)
        if not prediction.empty:
            axis.plot(prediction["lam"], prediction["value"], **PREDICTION)
            drawn.append(
                prediction.assign(method="null-space prediction", mean=prediction["value"], setting=one.setting)
            )
            predicted = True
        drawn += draw_cells(axis, strip, one)
        draw_boundary(axis, tables, one)
    low, high = stable_range(panels)
    axes[0].set_ylim(low / 3, 3 * high)
    log_axis(axes[0])
    axes[0].set_ylabel("‖w‖ after training")
    words = "null-space prediction"
    name_methods(figure, panels, [Line2D([], [], label=words, **PREDICTION)] if predicted else [])
    shown = framed(drawn)
    measured = shown[shown["n"].notna()]
    return Exhibit(
        name="weight-decay-norm",
        section="weight_decay",
        figure=figure,
        caption=" ".join(
            [
                f"**{_norm_finding(tables, panels)}**",
                "Thick line: what is left of the initial weights in the null space of the inputs after T steps, "
                "$s_0\\sqrt{d - n}\\,(1 - \\eta\\lambda)^T$ with initial standard deviation $s_0$; it leaves the "
                "picture where it falls below a third of the smallest norm."
                if predicted
                else "",
                boundary_words(tables, panels),
                seeds(measured["n"], measured["n_diverged"]),
            ]
        ).replace("  ", " "),
        alt=described(tables, panels, "norm of the final weights on a logarithmic axis"),
        data=shown,
    )


def _norm_finding(tables: Tables, panels: Sequence[Panel]) -> str:
    cells = next(iter(panels[0].cells.values())).dropna(subset=["mean"])
    first, last = cells.iloc[0], cells.loc[cells["mean"].idxmin()]
    text = (
        f"‖w‖ falls from {number(first['mean'])} at λ = {plain(first['lam'])} to {number(last['mean'])} at "
        f"λ = {plain(last['lam'])}"
    )
    prediction = tables.reference(panels[0].setting, "null_space_norm")
    at_zero = prediction[prediction["lam"] == 0]
    if not at_zero.empty and first["lam"] == 0:
        text += f"; at λ = 0 the null space alone predicts {number(at_zero['value'].iloc[0])}"
    return text + "."
