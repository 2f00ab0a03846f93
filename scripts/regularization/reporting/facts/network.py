"""What the sections about the network name: sizes, lost runs, why dropout works, what is traded."""

from typing import Any

from regularization.analysis.statistics import proportion_interval
from regularization.analysis.tables import Tables
from regularization.reporting.figures.bias_variance import example, splits
from regularization.reporting.figures.dropout import probes
from regularization.reporting.figures.dropout.curves import book_runs, fits
from regularization.reporting.figures.dropout.right_or_confident import at_best
from regularization.reporting.figures.dropout.samples import compared


def context(study: Tables) -> dict[str, Any]:
    """All facts of these sections; None or empty where the study lacks the data."""
    smooth = probes.matched(study)
    runs = book_runs(study)
    for one in runs:
        one["share"] = proportion_interval(int(one["lost"]), int(one["n"]))
    return {
        "sizes": compared(study),
        "book_runs": runs,
        "fitted": fits(study),
        "best": at_best(study),
        "shared_work": probes.shared_work(study),
        "robust": probes.robust(study),
        "averaged": averaged(study),
        "smooth": {method: probes.changes(smooth, method) for method in probes.AXES},
        "split": splits(study),
        "example": example(study),
    }


def averaged(study: Tables) -> dict[str, Any] | None:
    """One ordinary pass beside the average of the most sub-networks, at the p that is spoken of, with the change."""
    data = probes.probed(study)
    found: dict[str, Any] = {}
    for metric in probes.AVERAGED:
        rows = probes.averaging(data, metric)
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
