"""Is the network more robust with dropout? Accuracy under noise and occlusion."""

import pandas as pd

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import MUTED
from regularization.reporting.figures.dropout import probes

PERTURBATIONS = {
    "noise_accuracy": ("Gaussian noise", "standard deviation of the noise"),
    "occlusion_accuracy": ("a black square", "side of the square, pixels"),
}


def robustness(tables: Tables) -> Exhibit | None:
    """A column a disturbance, accuracy above its difference to p = 0; None where networks were not probed for it."""
    data = probes.probed(tables)
    present = [probe for probe in PERTURBATIONS if (data["probe"] == probe).any()]
    if not present or data["probability"].nunique() < 2:
        return None
    looks = probes.lines_of(data)
    differences = {probe: probes.against_none(data, probe) for probe in present}
    figure, rows = panels(4.3, 2, len(present), sharex="col", sharey="row")
    drawn = []
    for (upper, lower), (probe, difference) in zip(rows.T, differences.items(), strict=True):
        accuracy, (title, strength) = probes.means(data, probe), PERTURBATIONS[probe]
        probes.draw_by_level(upper, accuracy, looks)
        probes.draw_by_level(lower, difference, {p: style for p, style in looks.items() if p > 0}, 100)
        lower.axhline(0, color=MUTED, linewidth=0.6)
        upper.set_title(title)
        lower.set_xlabel(strength)
        drawn.append(accuracy.assign(probe=probe, quantity="accuracy"))
        drawn.append(difference.assign(probe=probe, quantity="difference to p = 0"))
    rows[0, 0].set_ylabel("accuracy")
    rows[1, 0].set_ylabel("difference to p = 0,\npercentage points")
    legend_above(figure, [*looks.values()])
    shown = pd.concat(drawn, ignore_index=True)
    facts = probes.facts_of(tables, data, shown, looks)
    strongest = {probe: table["level"].max() for probe, table in differences.items()}
    changes = [
        {"probe": probe, "level": level, "change": change}
        for probe, level in strongest.items()
        if (change := probes.estimate_at(differences[probe], facts["p"], level))
    ]
    clean = probes.estimate_at(differences[present[0]], facts["p"], 0.0)
    titles = [PERTURBATIONS[probe][0] for probe in present]
    return Exhibit(figure, facts | {"changes": changes, "clean": clean, "disturbances": titles}, shown)
