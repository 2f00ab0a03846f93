"""What the pictures of probed networks share: the rows they draw, differences to p = 0, and lines for some p."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import Estimate, Tables, as_estimate, estimates
from regularization.reporting.drawing.axes import cells_line, scaled
from regularization.reporting.drawing.style import COLOURS, INK, Look
from regularization.reporting.figures.dropout.strength import richest, uniform_p
from regularization.reporting.words import plain

SHOWN = (0.0, 0.2, 0.5, 0.8)  # the p that are drawn as lines of their own, where a figure is not against p
LOOKS = (
    Look("", INK, "-", "o"),
    Look("", COLOURS["sky"][0], (0, (5, 1.5)), "s"),
    Look("", COLOURS["orange"][0], (0, (6, 1.5, 1, 1.5)), "P"),
    Look("", COLOURS["vermillion"][0], (0, (1, 1)), "^"),
)
RUN = ["seed", "data_seed"]


def probed(tables: Tables) -> pd.DataFrame:
    """Probes of networks with and without dropout, in the setting with the most p: one row a measurement.

    Columns: setting, method, p (text), probability, seed, data_seed, probe, level, value. Diverged runs are left out.
    """
    runs = tables.runs[(tables.runs["experiment"] == "fashion_mnist") & tables.runs["method"].isin(["none", "dropout"])]
    runs = runs[runs["setting"].isin(tables.series("fashion_mnist")) & (runs["status"] == "ok")]
    runs = runs[runs["run_id"].isin(tables.probes["run_id"])]
    runs = uniform_p(runs[runs["p"] != ""]) if len(runs) else runs.assign(probability=np.nan)
    runs = richest(runs, "probability")
    columns = ["run_id", "setting", "method", "p", "probability", *RUN]
    return tables.probes.merge(runs[columns], on="run_id").drop(columns="run_id")


def against(rows: pd.DataFrame, reference: pd.DataFrame, by: str) -> pd.DataFrame:
    """Values minus the reference's with the same `by`, paired by seed: probability, level, mean, ci_low, ci_high, n."""
    paired = rows.merge(reference[[by, *RUN, "value"]], on=[by, *RUN], suffixes=("", "_reference"))
    paired = paired.assign(difference=paired["value"] - paired["value_reference"])
    return estimates(paired, ["probability", "level"], "difference").sort_values(["probability", "level"])


def against_none(data: pd.DataFrame, probe: str) -> pd.DataFrame:
    """A probe's difference to p = 0."""
    rows = data[data["probe"] == probe]
    return against(rows, rows[rows["probability"] == 0], "level")


def means(data: pd.DataFrame, probe: str) -> pd.DataFrame:
    """A probe's mean over seeds: probability, level, mean, ci_low, ci_high, n."""
    rows = data[data["probe"] == probe]
    return estimates(rows, ["probability", "level"], "value").sort_values(["probability", "level"])


def lines_of(data: pd.DataFrame) -> dict[float, Look]:
    """The p that get a line of their own, and how it looks."""
    present = sorted(data["probability"].unique())
    chosen = [p for p in SHOWN if p in present]
    return looks_of(chosen if len(chosen) > 2 else present[: len(LOOKS)])


def looks_of(chosen: Sequence[float]) -> dict[float, Look]:
    """A look for each of some p, named after it."""
    return {
        p: Look(f"p = {plain(p)}", style.colour, style.line, style.marker)
        for p, style in zip(chosen, LOOKS, strict=False)
    }


def usual(data: pd.DataFrame) -> float:
    """The p that is spoken of: 0.5 if it was trained, else the middle one."""
    present = sorted(p for p in data["probability"].unique() if p > 0)
    return 0.5 if 0.5 in present else present[len(present) // 2]


def draw_by_level(axis: Axes, table: pd.DataFrame, looks: dict[float, Look], scale: float = 1.0) -> None:
    """One line a p against the probe's level."""
    for p, style in looks.items():
        cells_line(axis, scaled(table[table["probability"] == p], scale), "level", style)


def facts_of(tables: Tables, data: pd.DataFrame, drawn: pd.DataFrame, looks: dict[float, Look]) -> dict[str, Any]:
    """What the words of all pictures of probed networks name."""
    cell = ["setting", "method", "p"]
    lost = tables.runs[(tables.runs["experiment"] == "fashion_mnist") & (tables.runs["status"] != "ok")]
    return {
        "p": usual(data),
        "n_train": tables.setting("fashion_mnist", data["setting"].iloc[0])["n_train"],
        "lines": [style.label for style in looks.values()],
        "n": list(drawn["n"]),
        "n_diverged": [len(lost.merge(data[cell].drop_duplicates(), on=cell))],
    }


def estimate_at(table: pd.DataFrame, p: float, level: float) -> Estimate | None:
    """A row of `means` or `against_none` as an estimate, None where there is no such row."""
    return as_estimate(table[(table["probability"] == p) & (table["level"] == level)])
