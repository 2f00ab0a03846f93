"""What if the true weights are large? The change of the risk against λ, relative to the risk without a penalty."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regularization.analysis.tables import CHAPTER_LAM, Estimate, Tables, as_estimate, estimate
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, lambda_axis, log_axis, panels, scaled
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, Look
from regularization.reporting.words import plain
from regularization.theory.asymptotic import asymptotic_ridge_risk

METHOD = "l2_penalty"
MANY = 500  # samples: more than there are features


class Line(NamedTuple):
    """A setting and how its line is drawn."""

    setting: str
    style: Look


LARGE = Line("zero_init_large_weights", Look("large true weights", COLOURS["blue"][0], "-", "s"))
SMALL = Line("zero_init_noise_0.1", Look("the chapter's", COLOURS["orange"][0], (0, (5, 1.5)), "o"))
AT_RANDOM = Line("large_weights", Look("from N(0, 1)", COLOURS["purple"][0], (0, (1, 1)), "D"))
FROM_ZERO = LARGE._replace(style=Look("from zero", COLOURS["blue"][0], "-", "s"))
MINIMISER = Look(f"minimiser, n = {MANY}", INK, (0, (3, 1.2, 1, 1.2)), "none")


def changes(tables: Tables, setting: str) -> pd.DataFrame:
    """Risk at λ minus the same seed's at λ = 0, relative to the mean risk at λ = 0.

    Columns setting, lam, mean, ci_low, ci_high (95 % t), n, n_diverged; the first row is λ = 0, where it is 0.
    """
    return _by_lambda(tables, setting, lambda risk, start: (risk - start) / start.mean())


def ratios(tables: Tables, setting: str) -> pd.DataFrame:
    """Risks over those at λ = 0, by seed: geometric means, t intervals of the logarithm; columns as in `changes`."""
    logs = _by_lambda(tables, setting, lambda risk, start: np.log(risk / start))
    return logs.assign(**{name: np.exp(logs[name]) for name in ("mean", "ci_low", "ci_high")})


def _by_lambda(tables: Tables, setting: str, compare: Callable[[pd.Series, pd.Series], pd.Series]) -> pd.DataFrame:
    """Means over seeds of `compare(risk at λ, risk at λ = 0)`, by λ."""
    none = tables.baseline("linear_regression", setting)
    start = tables.by_seed(none, "risk")
    rows = []
    for lam in tables.path(setting, METHOD, "risk")["lam"]:
        key = none if lam == 0 else Key("linear_regression", setting, METHOD, float(lam), none.p)
        compared = compare(tables.by_seed(key, "risk"), start).dropna()
        lost = len(tables.select(key)) - len(tables.ok(key))
        rows.append((setting, lam, *vars(estimate(compared, lost)).values()))
    return pd.DataFrame(rows, columns=["setting", "lam", "mean", "ci_low", "ci_high", "n", "n_diverged"])


def minimiser(tables: Tables, lams: np.ndarray) -> pd.DataFrame:
    """The ratio of ridge with `MANY` samples, from its risk as n and d grow together: columns setting, lam, mean."""
    task = tables.setting("linear_regression", LARGE.setting)
    d = int(task["n_features"])
    norm_squared = d * float(task["true_weight"]) ** 2
    risk = asymptotic_ridge_risk(MANY, d, norm_squared, float(task["noise_std"]), np.concatenate([[0.0], lams]))
    return pd.DataFrame({"setting": f"minimiser, {MANY} samples, theory", "lam": lams, "mean": risk[1:] / risk[0]})


def weight_decay_large_weights(tables: Tables) -> Exhibit | None:
    """Two panels: large true weights beside the chapter's, and large ones elsewhere; None where none were trained."""
    near = {line: changes(tables, line.setting) for line in (LARGE, SMALL) if _trained(tables, line.setting)}
    if LARGE not in near:
        return None
    far = {line: ratios(tables, line.setting) for line in (FROM_ZERO, AT_RANDOM) if _trained(tables, line.setting)}
    lams = near[LARGE]["lam"].to_numpy(dtype=float)
    theory = minimiser(tables, lams)
    figure, ((left, right),) = panels(3.0, columns=2)
    task = tables.setting("linear_regression", LARGE.setting)
    _near(left, near)
    left.set_title(f"started at zero, n = {plain(task['n_train'])}")
    _far(right, far, theory)
    right.set_title("large true weights")
    shown = {line.setting for line in near}
    measured = [*near.values(), *(data for line, data in far.items() if line.setting not in shown)]
    facts = {
        "lam": CHAPTER_LAM,
        "large": _at(near[LARGE]),
        "small": _at(near[SMALL]) if SMALL in near else None,
        "at_random": _at(far[AT_RANDOM]) if AT_RANDOM in far else None,
        "minimiser": next(iter(theory.loc[np.isclose(theory["lam"], CHAPTER_LAM), "mean"]), None),
        "true_weight": task["true_weight"],
        "noise_std": task["noise_std"],
        "many": MANY,
        "lams": [lams.min(), lams.max()],
        "left": [line.style.label for line in near],
        "right": [*(line.style.label for line in far), MINIMISER.label],
        **counted(pd.concat(measured)),
    }
    drawn = [data.assign(quantity="change of the risk") for data in near.values()]
    drawn += [data.assign(quantity="ratio of risks") for data in (*far.values(), theory)]
    return Exhibit(figure, facts, pd.concat(drawn, ignore_index=True))


def _trained(tables: Tables, setting: str) -> bool:
    """Whether the setting has a run without a penalty and one with it."""
    lams = tables.path(setting, METHOD, "risk")["lam"]
    return bool((lams == 0).any() and (lams > 0).any())


def _near(axis: Axes, lines: dict[Line, pd.DataFrame]) -> None:
    """Changes in per cent on a linear axis; of two lines the lower one is named below its lowest mark."""
    axis.axhline(0, color=MUTED, linewidth=0.8)
    ends = {line: _end(data)["mean"] for line, data in lines.items()}
    for line, data in lines.items():
        change = scaled(data, 100)
        cells_line(axis, change, "lam", line.style)
        if len(lines) > 1 and ends[line] == min(ends.values()):
            _name(axis, change.loc[change["mean"].idxmin()], line.style, ha="center", below=True)
        else:
            _name(axis, _end(change), line.style)
    axis.margins(y=0.15)
    lambda_axis(axis, np.concatenate([data["lam"] for data in lines.values()]), most_ticks=7)
    axis.set_ylabel("change of the risk, %")


def _far(axis: Axes, lines: dict[Line, pd.DataFrame], theory: pd.DataFrame) -> None:
    """Ratios on a logarithmic axis."""
    axis.axhline(1, color=MUTED, linewidth=0.8)
    for line, data in lines.items():
        cells_line(axis, data, "lam", line.style)
        _name(axis, _end(data), line.style)
    cells_line(axis, theory.assign(ci_low=np.nan), "lam", MINIMISER)
    _name(axis, _end(theory), MINIMISER, below=True)
    lambda_axis(axis, theory["lam"], most_ticks=7)
    log_axis(axis)
    axis.set_ylabel("risk, relative to that at λ = 0")


def _end(data: pd.DataFrame) -> pd.Series:
    """The last λ that has a mean."""
    return data.dropna(subset=["mean"]).iloc[-1]


def _name(axis: Axes, mark: pd.Series, style: Look, ha: str = "right", *, below: bool = False) -> None:
    """A line's own name over one of its marks or below it."""
    axis.annotate(style.label, (mark["lam"], mark["mean"]), (2, -8 if below else 6), textcoords="offset points",
                  ha=ha, va="top" if below else "bottom", color=style.colour)  # fmt: skip


def _at(data: pd.DataFrame) -> Estimate | None:
    """The row at the chapter's λ."""
    return as_estimate(data[np.isclose(data["lam"].astype(float), CHAPTER_LAM)])
