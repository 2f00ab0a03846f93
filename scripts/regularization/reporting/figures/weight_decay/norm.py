"""Do the weights shrink as predicted? Their norm against λ, with what the null space alone leaves of it."""

from typing import Any

from matplotlib.lines import Line2D

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import log_axis, log_limits
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import MUTED
from regularization.reporting.figures.weight_decay import risk_by_lambda as by_lambda

NAME = "null-space prediction"
PREDICTION: dict[str, Any] = {"color": MUTED, "linestyle": "-", "linewidth": 3.2, "alpha": 0.45}


def weight_decay_norm(tables: Tables) -> Exhibit | None:
    """Weight norms of the settings as published; None where there are none at a λ above 0."""
    panels = [found for setting in by_lambda.AS_PUBLISHED if (found := by_lambda.panel(tables, setting, "weight_norm"))]
    if not panels:
        return None
    figure, axes, strips = by_lambda.layout(panels)
    drawn, predicted = [], False
    for axis, strip, one in zip(axes, strips, panels, strict=True):
        prediction = by_lambda.within(tables.reference(one.setting, "null_space_norm"), one)
        if not prediction.empty:
            axis.plot(prediction["lam"], prediction["value"], **PREDICTION)
            drawn.append(prediction.assign(mean=prediction["value"], method=NAME, setting=one.setting))
            predicted = True
        drawn += by_lambda.draw_cells(axis, strip, one)
        by_lambda.draw_boundary(axis, tables, one)
    low, high = by_lambda.stable_range(panels)
    log_limits(axes[0], low / 3, 3 * high)
    log_axis(axes[0])
    axes[0].set_ylabel("‖w‖ after training")
    by_lambda.name_methods(figure, panels, [Line2D([], [], label=NAME, **PREDICTION)] if predicted else [])
    shown = by_lambda.framed(drawn)
    spoken_of = next(kept for cells in panels[0].cells.values() if len(kept := cells.dropna(subset=["mean"])))
    expected = tables.reference(panels[0].setting, "null_space_norm")
    facts = {
        "first": spoken_of.iloc[0].to_dict(),
        "lowest": spoken_of.loc[spoken_of["mean"].idxmin()].to_dict(),
        "predicted": predicted,
        "predicted_at_zero": next(iter(expected.loc[expected["lam"] == 0, "value"]), None),
        **counted(shown[shown["n"].notna()]),
        **by_lambda.panel_facts(tables, panels),
    }
    return Exhibit(figure, facts, shown)
