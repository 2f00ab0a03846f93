"""Are the regularizers equivalent? Each as a path over its strength on one plane: weight norm and risk."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.interpolate import PchipInterpolator

from regularization.analysis.tables import Tables, estimates
from regularization.reporting.drawing.axes import handle, legend_above, panels
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import METHODS, MUTED, look

REFERENCE = "ridge"
STRENGTH = ["method", "lam", "p"]
SEED = ["seed", "data_seed"]
ROUNDING = 1e-9  # relative, of a norm
MOST_RISK = 1.6  # times the lowest risk: cells above leave the picture


PANELS = {  # title: the settings that are drawn together
    "trained to convergence": ("converged", "converged_cosine"),
    "the chapter's budget": ("zero_init_noise_0.1",),
}


def paths(tables: Tables, settings: Sequence[str]) -> pd.DataFrame:
    """Every method's mean norm and risk by strength, and how far its runs are from ridge's path.

    A seed's ridge path is its risk as a function of its norm, between ridge's own λ by monotone interpolation; a run's
    distance is its risk relative to its seed's path at the run's norm, minus 1.

    Columns setting, method, lam, p, norm, mean (of the risk), n, n_diverged, apart, apart_low, apart_high (mean
    distance and its 95 % t interval), n_apart (seeds whose path has such a norm). Distances are NaN where fewer than
    half of the runs have one, and where a run diverged.
    """
    parts = [_paths(tables, setting) for setting in settings]
    return pd.concat(parts, ignore_index=True).drop_duplicates(STRENGTH)  # what two settings share is drawn once


def _paths(tables: Tables, setting: str) -> pd.DataFrame:
    runs = tables.runs
    runs = runs[(runs["experiment"] == "linear_regression") & (runs["setting"] == setting)]
    ok = runs[(runs["status"] == "ok") & runs["risk"].notna()]
    ok = ok.assign(apart=ok["risk"] / _ridge_at_the_norm(ok) - 1)
    means = {"norm": ("weight_norm", "mean"), "mean": ("risk", "mean"), "n": ("risk", "count")}
    cells = ok.groupby(STRENGTH, sort=False).agg(**means)
    lost = runs[runs["status"] != "ok"].groupby(STRENGTH).size().rename("n_diverged")
    cells = cells.join(lost).fillna({"n_diverged": 0}).astype({"n_diverged": int}).reset_index()
    names = {"mean": "apart", "ci_low": "apart_low", "ci_high": "apart_high", "n": "n_apart"}
    distances = estimates(ok, STRENGTH, "apart").rename(columns=names)
    cells = cells.merge(distances, on=STRENGTH, how="left").assign(setting=setting)
    known = (cells["n_diverged"] == 0) & (cells["n_apart"] >= cells["n"] / 2)
    cells.loc[~known, ["apart", "apart_low", "apart_high"]] = np.nan
    return cells[["setting", *cells.columns.drop("setting")]]


def _ridge_at_the_norm(runs: pd.DataFrame) -> pd.Series:
    """Ridge's risk with the same seed at each run's norm; NaN beyond the norms that ridge has."""
    found = pd.Series(np.nan, index=runs.index)
    for _, own in runs.groupby(SEED):
        ridge = own[own["method"] == REFERENCE].sort_values("weight_norm").drop_duplicates("weight_norm")
        if len(ridge) > 1:
            path = PchipInterpolator(ridge["weight_norm"], ridge["risk"], extrapolate=False)
            ends = ridge["weight_norm"].iloc[[0, -1]].to_numpy()
            norms = own["weight_norm"].to_numpy()
            nearest = np.clip(norms, *ends)  # a norm that equals an end's may lie beyond it by rounding
            found[own.index] = path(np.where(np.isclose(norms, nearest, rtol=ROUNDING, atol=0), nearest, norms))
    return found


def weight_decay_equivalences(tables: Tables) -> Exhibit | None:
    """A panel where training converged, one at the chapter's budget; None where no method can be laid beside ridge."""
    found = {title: paths(tables, names) for title, names in PANELS.items()}
    found = {title: data for title, data in found.items() if (data["method"] == REFERENCE).sum() >= 2}
    found = {title: data for title, data in found.items() if set(data["method"]) - {"none", REFERENCE}}
    if not found:
        return None
    figure, grid = panels(4.4, rows=2, columns=len(found), sharex="col", sharey="row", height_ratios=[1.5, 1])
    for (upper, lower), (title, data) in zip(grid.T, found.items(), strict=True):
        _plane(upper, data)
        _distances(lower, data)
        upper.set_title(title)
        lower.set_xlabel("‖w‖ after training")
    grid[0, 0].set_ylabel("exact risk, squared error")
    grid[1, 0].set_ylabel("difference from\nridge's path, %")
    drawn = pd.concat(found.values(), ignore_index=True)
    methods = [name for name in _ordered(drawn) if name != "none"]
    marks = [handle(look(name), **_mark(name)) for name in methods]
    legend_above(figure, [*marks, handle(look("none"), linestyle="none", **_mark("none"))])
    tasks = [tables.setting("linear_regression", name) for name in set(drawn["setting"])]
    facts = {
        "panels": [{"title": title, "apart": _apart(data)} for title, data in found.items()],
        "methods": [look(name).label for name in methods],
        "noises": sorted({float(task["noise_std"]) for task in tasks}),
        "n_outside": sum(int((_stable(own)["mean"] > _top(own)).sum()) for own in found.values()),
        "n": [int(n) for n in _stable(drawn)["n"]],
        "n_lost": int((drawn["n_diverged"] > 0).sum()),
    }
    return Exhibit(figure, facts, drawn)


def _ordered(data: pd.DataFrame) -> list[str]:
    present = set(data["method"])
    return [*(name for name in METHODS if name in present), *sorted(present - set(METHODS))]


def _plane(axis: Axes, data: pd.DataFrame) -> None:
    """Paths of norm and risk."""
    shown = _stable(data)
    shown = shown[shown["mean"] <= _top(data)]
    for method in _ordered(shown):
        style, own = look(method), shown[shown["method"] == method]
        axis.plot(own["norm"], own["mean"], linestyle="none", **_mark(method), zorder=3)
        if method not in ("none", REFERENCE):  # where nothing is regularized every method begins
            own = pd.concat([own, shown[shown["method"] == "none"]])
        own = own.sort_values("norm")
        if method != "none":
            drawing: dict[str, Any] = {"color": style.colour, "linestyle": style.line, "label": style.label}
            axis.plot(own["norm"], own["mean"], linewidth=1, zorder=2, **drawing)
    axis.set_xlim(left=0)


def _distances(axis: Axes, data: pd.DataFrame) -> None:
    """Distance from ridge's path in per cent, with intervals."""
    axis.axhline(0, color=MUTED, linewidth=0.8)
    for method in _ordered(data):
        own = data[(data["method"] == method) & data["apart"].notna()].sort_values("norm")
        if method == REFERENCE or own.empty:
            continue
        style, scaled = look(method), 100 * own[["apart", "apart_low", "apart_high"]]
        line = style.line if method != "none" else "none"
        axis.plot(own["norm"], scaled["apart"], linestyle=line, linewidth=0.8, **_mark(method))
        axis.vlines(own["norm"], scaled["apart_low"], scaled["apart_high"], color=style.colour, linewidth=0.9)


def _mark(method: str) -> dict[str, Any]:
    """Marks are open so that those below show through; ridge, below all of them, is filled."""
    style, filled = look(method), method == REFERENCE
    return {
        "marker": style.marker,
        "color": style.colour,
        "markersize": 3.0 if filled else 4.6,
        "markerfacecolor": style.colour if filled else "none",
        "markeredgewidth": 0.9,
    }


def _stable(data: pd.DataFrame) -> pd.DataFrame:
    """The cells without a diverged run."""
    return data[data["n_diverged"] == 0]


def _top(data: pd.DataFrame) -> float:
    return MOST_RISK * float(_stable(data)["mean"].min())


def _apart(data: pd.DataFrame) -> list[dict[str, Any]]:
    """How far from ridge's path each method gets at any strength, as a share of the risk; the farthest last."""
    others = data[~data["method"].isin(["none", REFERENCE])].dropna(subset=["apart"])
    farthest = others.assign(size=others["apart"].abs()).groupby("method")["size"].max().sort_values()
    return [{"method": look(str(name)).label, "share": share} for name, share in farthest.items()]
