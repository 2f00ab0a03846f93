"""Do the claims that are algebra hold to rounding? Every error beside its tolerance, and what a ReLU does to a mean."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import decade_axis, drawn_as, handle, marked_line
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, METHODS, PAPER, WIDTH, Look, look

TITLES = {  # claim: what the error of its cases is of
    "c09": "a step: (1 − ηλ)w − the usual step",
    "c20": "dropout: mean x, variance x²p/(1 − p)",
    "c21": "at inference dropout does nothing",
    "c22": "masks are drawn anew (share alike)",
    "c23": "the layer from scratch is nn.Dropout",
    "c37": "the ball's solution − ridge's",
    "c46": "concise − scratch at twice the rate",
    "c66": "biases start at 0",
}
QUANTITIES = {  # that are errors of an identity, and what tells them apart within a case
    **{name: name for name in ("weights", "mean", "variance", "output", "gradient")},
    **{"end_output": "output at p = 0 and 1", "masks_alike": "pairs alike", "mask_changed": "changes"},
    "largest_initial_bias": "largest bias",
}
RATIO = "average_over_whole"
ROW = ["claim", "case", "quantity"]
PASSES = Look("within its tolerance", COLOURS["blue"][0], "none", "o")
ZERO = Look("exactly 0", COLOURS["blue"][0], "none", "o")
FAILS = Look("beyond it", COLOURS["vermillion"][0], "none", "X")
TOLERANCE = Look("tolerance", INK, "none", "|")
EXACT = 1e-17  # below the spacing of floating-point numbers: from here down the axis is linear, to 0
HEIGHT, MARGIN = 0.115, 0.6  # inches: a row, and above and below all rows together
SMALL = 7.2  # points


def errors(table: pd.DataFrame) -> pd.DataFrame:
    """The errors of identities: the table's columns with label, row (from the top), row_label and passes.

    Errors of one claim, case and quantity share a row, and all of a claim's that are 0; one above is for its name.
    """
    found = table[table["quantity"].isin(QUANTITIES) & table["tolerance"].notna()].reset_index(drop=True)
    cases = found["case"].map(lambda case: look(case).label if case in METHODS else case)
    quantities = found["quantity"].map(QUANTITIES)
    one_case = found.groupby("claim")["case"].transform("nunique") == 1
    one_quantity = found.groupby(["claim", "case"])["quantity"].transform("nunique") == 1
    found["label"] = np.select([one_quantity, one_case], [cases, quantities], cases + ", " + quantities)
    nothing = found["value"].abs().groupby(found["claim"]).transform("max") == 0
    n_cases = found["claim"].map(found.drop_duplicates(ROW)["claim"].value_counts())
    found["row_label"] = found["label"].mask(nothing, n_cases.map("all {} cases".format))
    rows = found.groupby(["claim", "row_label"], sort=False).ngroup()
    found["row"] = rows + found.groupby("claim", sort=False).ngroup() + 1
    return found.assign(passes=found["value"] <= found["tolerance"])


def ratios(table: pd.DataFrame) -> pd.DataFrame:
    """The mean over all masks relative to the whole layer by probability: columns case, p, probability, value."""
    found = table.loc[table["quantity"] == RATIO, ["claim", "case", "p", "quantity", "value"]]
    return found.assign(probability=found["p"].astype(float)).sort_values("probability")


def identities(tables: Tables) -> Exhibit | None:
    """Errors of all identities, and the mean behind a ReLU layer; None where no claim was weighed."""
    if tables.identities.empty:
        return None
    data, behind = errors(tables.identities), ratios(tables.identities)
    figure = Figure(figsize=(WIDTH, HEIGHT * (data["row"].max() + 1) + MARGIN))
    grid = figure.add_gridspec(2, 2, width_ratios=[1.75, 1], height_ratios=[1.5, 1])
    left, right, key = (figure.add_subplot(place) for place in (grid[:, 0], grid[0, 1], grid[1, 1]))
    _errors(left, data)
    _ratios(right, behind)
    key.set_axis_off()
    key.legend(handles=[handle(style, **_mark(style)) for style in (PASSES, ZERO, FAILS, TOLERANCE)], loc="upper left")
    drawn = pd.concat([data, behind]).drop(columns=["row", "row_label", "probability"])
    rows = data.groupby(ROW, sort=False).agg(label=("label", "first"), passes=("passes", "all"))
    means = list(zip(behind["probability"], behind["value"], strict=True))
    facts = {
        "n": len(rows),
        "failing": list(rows.loc[~rows["passes"], "label"]),
        "largest_passing": data.loc[data["passes"], "value"].max(),
        "smallest_failing": data.loc[~data["passes"], "value"].min(),
        "ends": [means[0], means[-1]] if len(means) > 1 else means,
        "exact": EXACT,
        "n_rows": data["row"].nunique(),
        "n_claims": data["claim"].nunique(),
    }
    return Exhibit(figure, facts, drawn.reset_index(drop=True))


def _mark(style: Look) -> dict[str, Any]:
    """A look's marker: that of an exact zero is open."""
    if style is TOLERANCE:
        return {"markersize": 8, "markeredgewidth": 1}
    return {
        "markersize": 5.6 if style is FAILS else 4.2,
        "markerfacecolor": PAPER if style is ZERO else style.colour,
        "markeredgewidth": 0.9 if style is ZERO else 0.4,
    }


def _errors(axis: Axes, data: pd.DataFrame) -> None:
    """A row a case, and its claim's name above the first."""
    zero = data["value"] == 0
    for style, own, column in (
        (TOLERANCE, data.drop_duplicates(ROW), "tolerance"),
        (PASSES, data[data["passes"] & ~zero], "value"),
        (ZERO, data[data["passes"] & zero], "value"),
        (FAILS, data[~data["passes"]], "value"),
    ):
        axis.plot(own[column], own["row"], label=style.label, **drawn_as(style), **_mark(style))
    for claim, first in data.groupby("claim")["row"].min().items():
        title = f"{claim}  {TITLES[str(claim)]}" if claim in TITLES else str(claim)
        axis.annotate(title, (0, first - 1), (3, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                      va="center", fontsize=SMALL, fontweight="bold")  # fmt: skip
    rows = data.drop_duplicates("row")
    axis.set_yticks(rows["row"].to_list(), rows["row_label"].to_list(), fontsize=SMALL)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(data["row"].max() + 0.8, -0.6)
    decade_axis(axis, EXACT, max(30 * data["value"].max(), 1.0), zero=True, which="x")
    axis.set(xlabel="largest error", title="errors of the identities")


def _ratios(axis: Axes, behind: pd.DataFrame) -> None:
    """The mean over masks by p, and where it would be the whole layer's."""
    axis.plot(behind["probability"], behind["value"], color=FAILS.colour, marker=FAILS.marker, markersize=5,
              markeredgewidth=0.4, label="ReLU layer")  # fmt: skip
    marked_line(axis, 1, "the whole layer", which="y", end="right", below=True)
    axis.set_xlim(0, 1)
    low, high = np.nanmin([1, *behind["value"]]), np.nanmax([1, *behind["value"]])
    axis.set_ylim(low - 0.2 * max(high - low, 0.1), high + 0.1 * max(high - low, 0.1))
    axis.set(xlabel="dropout probability p", ylabel="mean over masks\nrelative to whole", title="behind a ReLU layer")
