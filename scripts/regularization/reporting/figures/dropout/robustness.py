"""Is the network more robust with dropout? Accuracy under noise and occlusion, beside what the network sees."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import cells_line, panels, scaled
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.figures.dropout import probes
from regularization.reporting.words import plain

SIDE = 28  # pixels of an image
DISTURBANCES = {  # probe: its panel's title, and how a level is called
    "noise_accuracy": ("noise on every pixel", "σ = {}"),
    "occlusion_accuracy": ("a black square", "{0} × {0}"),
}


def compared(tables: Tables) -> dict[str, dict[str, Any]]:
    """By disturbance the accuracy without dropout and at `p`, and what dropout changes; empty without probes."""
    data = probes.probed(tables)
    if data["probability"].nunique() < 2:
        return {}
    p = probes.usual(data)
    found = {}
    for probe in DISTURBANCES:
        table = probes.means(data[data["probability"].isin([0.0, p])], probe)
        change = probes.against_none(data, probe)
        change = change[change["probability"] == p]
        if len(set(change["level"])) > 1:
            level = change["level"].max()
            before, after = (probes.estimate_at(table, one, level) for one in (0.0, p))
            clean_before, clean_after = (probes.estimate_at(table, one, 0.0) for one in (0.0, p))
            clean = {"clean_before": clean_before, "clean_after": clean_after}
            ends = {"before": before, "after": after, "change": probes.estimate_at(change, p, level)}
            found[probe] = {"table": table, "p": p, "level": level, **ends, **clean}
    return found


def robustness(tables: Tables) -> Exhibit | None:
    """A column a disturbance: an image at each level above, accuracy without and with dropout below."""
    found = compared(tables)
    if not found:
        return None
    data = probes.probed(tables)
    image = _image(tables)
    looks = probes.looks_of([0.0, next(iter(found.values()))["p"]])
    figure, rows = panels(3.0, 2, len(found), sharex="col", sharey="row", height_ratios=[1, 4])
    most = max(len(set(one["table"]["level"])) for one in found.values())
    drawn = []
    for (upper, lower), (probe, one) in zip(rows.T, found.items(), strict=True):
        title, words = DISTURBANCES[probe]
        table = one["table"].assign(probe=probe)
        levels = sorted(table["level"].unique())
        table["place"] = table["level"].map(levels.index)
        for p, style in looks.items():
            own = scaled(table[table["probability"] == p], 100)
            cells_line(lower, own, "place", style)
            last = own.iloc[-1]
            lower.annotate(style.label, (last["place"], last["mean"]), (6, 3 if p else -5), textcoords="offset points",
                           color=style.colour, va="center")  # fmt: skip
        lower.set_xticks(range(len(levels)), [words.format(plain(level)) if level else "none" for level in levels])
        lower.set_xlim(-0.6, most + 0.1)
        _images(upper, probe, levels, image)
        upper.set_title(title)
        drawn.append(table)
    rows[1, 0].set_ylabel("test accuracy, %")
    shown = pd.concat(drawn, ignore_index=True)
    facts = probes.facts_of(tables, data, shown, looks)
    titles = [DISTURBANCES[probe][0] for probe in found]
    return Exhibit(figure, facts | {"found": found, "titles": titles, "pictured": image is not None}, shown)


def _image(tables: Tables) -> np.ndarray | None:
    """A test image, shape (28, 28), from 0 to 1."""
    shown = tables.sample_images
    if shown.empty:
        return None
    first = shown[shown["item"] == shown["item"].min()].sort_values("pixel")
    return first["value"].to_numpy(dtype=float).reshape(SIDE, SIDE) / 255


def _images(axis: Axes, probe: str, levels: list[float], image: np.ndarray | None) -> None:
    """The image at every level, above the level's place."""
    axis.set_axis_off()
    if image is None:
        return
    for place, level in enumerate(levels):
        disturbed = image.copy()
        if probe == "noise_accuracy":
            disturbed += level * np.random.default_rng(0).standard_normal(image.shape)
        else:
            start = (SIDE - int(level)) // 2
            disturbed[start : start + int(level), start : start + int(level)] = 0
        axis.imshow(disturbed.clip(0, 1), cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="none",
                    extent=(place - 0.45, place + 0.45, 0, 1))  # fmt: skip
    axis.set_ylim(0, 1)
