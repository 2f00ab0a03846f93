"""Is it the training set that varies a network, or the seed of everything else? Both crossed."""

from dataclasses import replace

import numpy as np
import pandas as pd

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import handle, legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED, Look, look
from regularization.reporting.figures.bias_variance.components import CROSSED, crossed_settings, decomposed, replicates
from regularization.reporting.words import plain


def bias_variance_crossed(tables: Tables) -> Exhibit | None:
    """The three parts of the variance, a dot a method; None where nothing was crossed."""
    data = decomposed(tables, "fashion_mnist")
    data = data[data["setting"].isin(crossed_settings(data))]
    parts = data[data["component"].isin(CROSSED)]
    if parts.empty:
        return None
    cells = _cells(parts)
    figure, ((axis,),) = panels(0.8 + 0.42 * len(CROSSED))
    for offset, (style, own) in zip(np.linspace(-0.15, 0.15, len(cells)), cells, strict=True):
        heights = np.arange(len(own)) + offset
        axis.plot(own["mean"], heights, linestyle="none", marker=style.marker, color=style.colour, markersize=5)
        axis.hlines(heights, own["ci_low"], own["ci_high"], color=style.colour, linewidth=1.1)
    axis.axvline(0, color=MUTED, linewidth=0.6)
    axis.set_yticks(range(len(CROSSED)), [*CROSSED.values()])
    axis.set(ylim=(len(CROSSED) - 0.5, -0.5), xlabel="variance of the class probabilities, squared error")
    legend_above(figure, [handle(style, linestyle="none") for style, _ in cells])
    facts = {
        "n_train": tables.setting("fashion_mnist", parts["setting"].iloc[0])["n_train"],
        "cells": [
            {"method": style.label, "sampling": own.loc["variance_sampling", "mean"] / own["mean"].sum()}
            for style, own in cells
        ],
        "components": [*CROSSED.values()],
        "sizes": replicates(parts),
    }
    return Exhibit(figure, facts, data)


def _cells(parts: pd.DataFrame) -> list[tuple[Look, pd.DataFrame]]:
    """Each cell's look and its rows by component in the order of `CROSSED`; the baseline first."""
    found = []
    for (_, method, lam, p), own in parts.groupby(["setting", "method", "lam", "p"]):
        strength = [f"λ = {plain(lam)}"] * (lam > 0) + [f"p = {p.split('/')[0]}"] * (method == "dropout")
        style = replace(look(method), label=" ".join([look(method).label, *strength]))
        found.append((style, own.set_index("component").reindex(list(CROSSED))))
    return sorted(found, key=lambda cell: cell[0].label != look("none").label)
