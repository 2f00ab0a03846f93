"""What the study costs: core-seconds by experiment, and what one run of each method costs in its cohort."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from regularization import settings
from regularization.analysis.tables import Tables
from regularization.reporting.drawing.axes import log_axis, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, PAPER, look
from regularization.reporting.words import duration, plain

STAGES = {  # column: (words, colour)
    "start_up": ("starting up", COLOURS["muted"][0]),
    "training": ("training", COLOURS["blue"][0]),
    "evaluation": ("evaluating", COLOURS["orange"][0]),
    "writing": ("writing", COLOURS["purple"][0]),
}
ROW = 0.16  # inches
EXPERIMENTS = {name: settings.setting_class(name).title for name in settings.EXPERIMENTS}


def cohorts(tables: Tables) -> pd.DataFrame:
    """What each cohort cost, one row a cohort.

    Columns experiment, cohort, method, n_runs, and in core-seconds (wall time of the job times its threads) start_up,
    training, evaluation, writing (what is left), core_seconds (all of it) and per_run. On a GPU the core that feeds it
    is counted.
    """
    jobs = tables.provenance
    stages = jobs[["start_up_seconds", "training_seconds", "evaluation_seconds"]].mul(jobs["threads"], axis=0)
    stages.columns = ["start_up", "training", "evaluation"]
    core_seconds = jobs["wall_seconds"] * jobs["threads"]
    methods = tables.runs.drop_duplicates(["experiment", "cohort"])[["experiment", "cohort", "method"]]
    found = jobs[["experiment", "cohort", "n_runs"]].join(stages)
    found = found.assign(
        writing=(core_seconds - stages.sum(axis=1)).clip(lower=0),
        core_seconds=core_seconds,
        per_run=core_seconds / jobs["n_runs"],
    )
    return methods.merge(found, on=["experiment", "cohort"]).sort_values(["experiment", "method", "cohort"])


def study_cost(tables: Tables) -> Exhibit | None:
    """Bars by experiment above, a mark a cohort below; None where no provenance was recorded."""
    if tables.provenance.empty:
        return None
    data = cohorts(tables)
    names = [name for name in EXPERIMENTS if (data["experiment"] == name).any()]
    costs = {name: _means(data[data["experiment"] == name]).sort_values(kind="stable") for name in names}
    methods = {name: [str(method) for method in means.index] for name, means in costs.items()}  # the cheapest first
    heights = (0.75 + 0.26 * len(names), 0.5 + ROW * sum(len(own) + 1 for own in methods.values()))
    figure, ((upper,), (lower,)) = panels(sum(heights), rows=2, height_ratios=(heights[0] - 0.7, heights[1] - 0.4))
    _bars(upper, data, names)
    _per_run(lower, data, methods)
    whole = _sums(data, ["experiment"])
    facts = {
        "experiments": [
            {"title": EXPERIMENTS[name], "n_methods": len(methods[name]), **own}
            for name, own in whole.set_index("experiment", drop=False).loc[names].to_dict("index").items()
        ],
        "stages": [*_present(data).values()],
        "n_cohorts": len(data),
        "images": tables.images,
    }
    shown = pd.concat([data.assign(of="cohort"), _sums(data, ["experiment", "method"]), whole])
    return Exhibit(figure, facts, shown)


def _sums(data: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """What all cohorts of an experiment, or of its method, cost together; `of` says which of the two."""
    sums = data.groupby(by)[["n_runs", *STAGES, "core_seconds"]].sum().reset_index()
    return sums.assign(per_run=sums["core_seconds"] / sums["n_runs"], of=by[-1])


def _means(own: pd.DataFrame) -> pd.Series:
    """Core-seconds a run, over all of a method's runs."""
    sums = own.groupby("method")[["core_seconds", "n_runs"]].sum()
    return sums["core_seconds"] / sums["n_runs"]


def _present(data: pd.DataFrame) -> dict[str, str]:
    """The stages that took any time, in words."""
    return {stage: words for stage, (words, _) in STAGES.items() if data[stage].sum() > 0}


def _bars(axis: Axes, data: pd.DataFrame, names: Sequence[str]) -> None:
    sums = data.groupby("experiment")[list(STAGES)].sum().reindex(names)
    left = np.zeros(len(names))
    for stage in _present(data):
        width = sums[stage].to_numpy()
        axis.barh(range(len(names)), width, 0.66, left, color=STAGES[stage][1], edgecolor=PAPER, linewidth=0.4)
        left += width
    for height, whole in enumerate(left):
        axis.annotate(duration(whole), (whole, height), (4, 0), textcoords="offset points", va="center")
    axis.set_yticks(range(len(names)), [EXPERIMENTS[name] for name in names])
    axis.set(ylim=(len(names) - 0.5, -0.5), xlim=(0, 1.12 * left.max()))
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("core-seconds")
    keys = [Patch(facecolor=STAGES[stage][1], label=words) for stage, words in _present(data).items()]
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.figure.legend(handles=keys, loc="outside upper left", ncols=len(keys), handlelength=1.2, columnspacing=1.2)


def _per_run(axis: Axes, data: pd.DataFrame, methods: dict[str, list[str]]) -> None:
    """A mark a cohort and a tick for the mean, a row a method, below a heading for each experiment."""
    rows: dict[float, str] = {}
    top = 0.0
    for experiment, names in methods.items():
        axis.annotate(EXPERIMENTS[experiment], (0, top), (-4, 0), xycoords=("axes fraction", "data"), ha="right",
                      va="center", textcoords="offset points", fontweight="bold")  # fmt: skip
        own = data[data["experiment"] == experiment]
        means = _means(own)
        for row, method in enumerate(names, start=1):
            style, cost = look(method), own.loc[own["method"] == method, "per_run"]
            rows[top + row] = style.label
            axis.plot(cost, [top + row] * len(cost), linestyle="none", marker=style.marker, color=style.colour,
                      markersize=4, alpha=0.75, markeredgewidth=0)  # fmt: skip
            axis.plot(means[method], top + row, marker="|", color=style.colour, markersize=9, markeredgewidth=1.3)
        top += len(names) + 1.4
    axis.set_yticks([*rows], [*rows.values()])
    axis.set_ylim(top - 0.8, -0.7)
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(data["per_run"].min() / 2, data["per_run"].max() * 2)
    log_axis(axis, "x")
    axis.set_xlabel("core-seconds a run")
