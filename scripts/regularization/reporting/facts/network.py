"""What the sections about the network name: sizes, lost runs, why dropout works, what is traded."""

from typing import Any

from regularization.analysis.statistics import proportion_interval
from regularization.analysis.tables import Tables
from regularization.reporting.figures.bias_variance import example
from regularization.reporting.figures.bias_variance.network import splits
from regularization.reporting.figures.dropout import mask_average, probes, robustness, smoothness
from regularization.reporting.figures.dropout.co_adaptation import shared_work
from regularization.reporting.figures.dropout.curves import book_runs
from regularization.reporting.figures.dropout.random_labels import fits
from regularization.reporting.figures.dropout.right_or_confident import at_best
from regularization.reporting.figures.dropout.samples import compared


def context(study: Tables) -> dict[str, Any]:
    """All facts of these sections; None or empty where the study lacks the data."""
    smooth = smoothness.matched(study)
    runs = book_runs(study)
    for one in runs:
        one["share"] = proportion_interval(int(one["lost"]), int(one["n"]))
    return {
        "sizes": compared(study),
        "book_runs": runs,
        "fitted": fits(study),
        "best": at_best(study),
        "shared_work": shared_work(study),
        "robust": robustness.compared(study),
        "averaged": averaged(study),
        "smooth": {method: smoothness.changes(smooth, method) for method in smoothness.AXES},
        "split": splits(study),
        "example": example.compared(study),
    }


def averaged(study: Tables) -> dict[str, Any] | None:
    """One ordinary pass beside the average of the most sub-networks, at the p that is spoken of, with the change."""
    data = probes.probed(study)
    found: dict[str, Any] = {}
    for metric in mask_average.AVERAGED:
        rows = mask_average.averaging(data, metric)
        if rows.empty:
            return None
        p, level = probes.usual(data), rows["level"].max()
        change = probes.estimate_at(rows, p, level)
        scaling = probes.means(data, f"weight_scaling_{metric}")
        scaling = scaling[scaling["probability"] == p]["mean"]
        masks = probes.estimate_at(probes.means(data, f"mask_average_{metric}"), p, level)
        if change is None or masks is None or scaling.empty:
            return None
        found |= {"p": p, "n_networks": level, metric: {"one": scaling.iloc[0], "many": masks.mean, "change": change}}
    return found
