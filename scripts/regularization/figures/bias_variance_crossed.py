"""Is it the training set that varies a network, or the seed of everything else? Both crossed."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from regularization.figures.axes import handle, legend_above
from regularization.figures.bias_variance import CROSSED, SECTION, crossed_settings, decomposed
from regularization.figures.exhibit import Exhibit
from regularization.figures.style import MUTED, WIDTH, look
from regularization.reporting.words import listing, percent, plain, span
from regularization.tables import Tables


def exhibits(tables: Tables) -> list[Exhibit]:
    """The three parts of the variance, a dot a method; empty where nothing was crossed."""
    data = decomposed(tables, "dropout")
    data = data[data["setting"].isin(crossed_settings(data))]
    parts = data[data["component"].isin(CROSSED)]
    if parts.empty:
        return []
    methods = list(dict.fromkeys(sorted(parts["method"], key=lambda name: name != "none")))
    figure = Figure(figsize=(WIDTH, 0.8 + 0.42 * len(CROSSED)))
    axis = figure.subplots()
    names = list(CROSSED)
    for offset, method in zip(np.linspace(-0.15, 0.15, len(methods)), methods, strict=True):
        style = look(method)
        own = parts[parts["method"] == method].set_index("component").reindex(names)
        heights = np.arange(len(names)) + offset
        axis.plot(own["mean"], heights, linestyle="none", marker=style.marker, color=style.colour, markersize=5)
        axis.hlines(heights, own["ci_low"], own["ci_high"], color=style.colour, linewidth=1.1)
    axis.axvline(0, color=MUTED, linewidth=0.6)
    axis.set_yticks(range(len(names)))
    axis.set_yticklabels(CROSSED.values())
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_xlabel("variance of the class probabilities, squared error")
    legend_above(figure, [handle(look(method), linestyle="none") for method in methods])
    n = tables.setting("dropout", parts["setting"].iloc[0])["n_train"]
    sentences = []
    for method in methods:
        own = parts[parts["method"] == method].set_index("component")["mean"]
        share = own["variance_sampling"] / own.sum()
        sentences.append(f"{percent(share)} ({look(method).label})")
    return [
        Exhibit(
            name="bias-variance-crossed",
            section=SECTION,
            figure=figure,
            caption=(
                f"**Of the network's variance at n = {plain(n)} the training set makes {listing(sentences)}.** Every "
                "training set met every seed of everything else, "
                f"{span([int(k) for k in parts['n_replicates'].unique()])} networks a method; bars are 95 % jackknife "
                "intervals over the training sets."
            ),
            alt=(
                f"Dot plot with {len(names)} rows, {listing(CROSSED.values())}, and in each a dot with an interval for "
                f"{listing(look(method).label for method in methods)}, against the variance on an axis from zero."
            ),
            data=data,
        )
    ]
