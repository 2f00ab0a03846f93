"""Is the concise version the one from scratch? As published, and mapped onto it: half the learning rate, twice λ."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, decade_axis, lambda_axis, log_axis, log_limits, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, INK, Look

EXACT = 1e-17  # below the spacing of floating-point numbers: from here down the axis is linear, to 0


class Version(NamedTuple):
    """An implementation, and its λ for one unit of the scratch version's."""

    setting: str
    method: str
    factor: float
    style: Look


SCRATCH = Version("textbook", "l2_penalty", 1, Look("from scratch", INK, "-", "o"))
_AS_PUBLISHED = Look("concise, as published", COLOURS["vermillion"][0], (0, (5, 1.5)), "^")
_AS_MAPPED = Look("concise, mapped (η/2, 2λ)", COLOURS["blue"][0], (0, (1, 1)), "s")
PUBLISHED = Version("concise_published", "weight_decay", 1, _AS_PUBLISHED)
MAPPED = Version("concise_mapped", "weight_decay", 2, _AS_MAPPED)
VERSIONS = (SCRATCH, PUBLISHED, MAPPED)


def risks(tables: Tables) -> pd.DataFrame:
    """Mean risk by the scratch version's λ, as far as concise ones go: version, lam, mean, ci_low, …, n_diverged."""
    parts = []
    for version in VERSIONS:
        path = tables.path(version.setting, version.method, "risk")
        parts.append(path.assign(version=version.style.label, lam=path["lam"] / version.factor))
    found = pd.concat(parts, ignore_index=True)[["version", "lam", "mean", "ci_low", "ci_high", "n", "n_diverged"]]
    concise = found[found["version"] != SCRATCH.style.label]
    return found[found["lam"] <= concise["lam"].max()]


def differences(tables: Tables) -> pd.DataFrame:
    """A concise run's risk over its seed's from scratch, minus 1: version, lam, seed, data_seed, difference."""
    parts = []
    for version in (PUBLISHED, MAPPED):
        path = tables.path(version.setting, version.method, "risk")
        for lam in path["lam"]:
            concise, scratch = (_risk(tables, one, lam / version.factor) for one in (version, SCRATCH))
            paired = (concise / scratch[scratch > 0] - 1).dropna().rename("difference").reset_index()
            parts.append(paired.assign(version=version.style.label, lam=lam / version.factor))
    columns = ["version", "lam", "seed", "data_seed", "difference"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _risk(tables: Tables, version: Version, lam: float) -> pd.Series:
    """Risk of a version's runs at the scratch version's λ, by seed."""
    method = version.method if lam else "none"
    key = Key("linear_regression", version.setting, method, lam * version.factor, "0")
    return tables.by_seed(key, "risk")


def weight_decay_implementations(tables: Tables) -> Exhibit | None:
    """Risk by λ for the three versions, and differences by seed; None unless a concise version can be compared."""
    means, apart = risks(tables), differences(tables)
    if apart.empty:
        return None
    figure, ((left, right),) = panels(2.9, columns=2)
    _means(left, means)
    drawn = _differences(right, apart)
    data = pd.concat([means.assign(quantity="risk"), drawn.assign(quantity="relative difference of risk")])
    published, mapped = (
        apart.loc[apart["version"] == version.style.label].set_index("lam")["difference"]
        for version in (PUBLISHED, MAPPED)
    )
    published = published[np.isclose(published.index, CHAPTER_LAM)]
    facts = {
        "lam": CHAPTER_LAM,
        "published": published.mean() if len(published) else None,
        "n_higher": int((published > 0).sum()),
        "n_published": len(published),
        "mapped": mapped.abs().max() if len(mapped) else None,
        "n_differences": len(apart),
        "n_exact": int((apart["difference"] == 0).sum()),
        **counted(means),
    }
    return Exhibit(figure, facts, data.reset_index(drop=True))


def _means(axis: Axes, means: pd.DataFrame) -> None:
    for version in VERSIONS:
        own = means[means["version"] == version.style.label]
        open_marks = {"markerfacecolor": "none", "markersize": 7, "zorder": 4} if version is MAPPED else {}
        cells_line(axis, own, "lam", version.style, label=version.style.label, **open_marks)
    lambda_axis(axis, means["lam"], "λ of the version from scratch", most_ticks=6)
    log_axis(axis)
    axis.set(ylabel="exact risk, squared error", title="risk")
    log_limits(axis, means["mean"].min() / 1.5, means["mean"].max() * 1.6)
    for version, place in ((SCRATCH, (0.97, 0.93)), (PUBLISHED, (0.97, 0.84)), (MAPPED, (0.97, 0.75))):
        if (means["version"] == version.style.label).any():
            axis.text(*place, version.style.label, transform=axis.transAxes, ha="right", color=version.style.colour)


def _differences(axis: Axes, apart: pd.DataFrame) -> pd.DataFrame:
    """Draw medians and ranges over seeds of the absolute difference; returns version, lam, mean …: what was drawn."""
    sizes = apart.assign(size=apart["difference"].abs()).groupby(["version", "lam"])["size"]
    table = sizes.agg(["median", "min", "max", "count"]).reset_index()
    for version in (PUBLISHED, MAPPED):
        style = version.style
        own = table[table["version"] == style.label]
        axis.plot(own["lam"], own["median"], color=style.colour, linestyle=style.line,
                  marker=style.marker, markersize=3.6, label=style.label)  # fmt: skip
        axis.vlines(own["lam"], own["min"], own["max"], color=style.colour)
        if len(own):
            above = max(own["max"].max(), EXACT)
            axis.annotate(style.label, (1, above), (-2, 5), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                          textcoords="offset points", color=style.colour)  # fmt: skip
    lambda_axis(axis, table["lam"], "λ of the version from scratch", most_ticks=6)
    decade_axis(axis, EXACT, max(1e3 * table["max"].max(), 1.0), zero=True)
    axis.set_title("relative difference from scratch")
    return table.rename(columns={"median": "mean", "min": "ci_low", "max": "ci_high", "count": "n"})
