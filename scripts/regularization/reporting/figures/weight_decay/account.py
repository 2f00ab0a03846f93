"""What the risk is made of, exactly: initialisation left over, signal not learnt, noise learnt, intercept, noise."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from regularization.analysis.tables import CHAPTER_LAM, Tables, estimates
from regularization.columns import CROSS_TERMS
from regularization.reporting.drawing.axes import (
    cells_line,
    cut_at,
    decade_axis,
    lambda_axis,
    legend_above,
    log_axis,
    log_limits,
    panels,
)
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, Look
from regularization.reporting.words import number, plain, setting_title

SETTINGS = (
    *("textbook_noise_0.1", "textbook", "textbook_noise_0"),
    *("small_init_noise_0.1", "small_init", "small_init_noise_0"),
    *("zero_init_noise_0.1", "zero_init", "zero_init_noise_0"),
)
STARTS = ("textbook", "zero_init")
PATHS = ("textbook_noise_0.1", "zero_init_noise_0.1")  # the settings shown over all λ
METHODS = ("none", "l2_penalty")
PARTS = {
    "initialisation": Look("random start, left over", COLOURS["vermillion"][0], "-", "s"),
    "signal_error": Look("signal not learnt", COLOURS["blue"][0], (0, (5, 1.5)), "o"),
    "fitted_noise": Look("noise that was fitted", COLOURS["orange"][0], (0, (3, 1.2, 1, 1.2)), "^"),
    "bias_term_error": Look("intercept", COLOURS["purple"][0], (0, (1, 1)), "D"),
    "noise_floor": Look("noise of the new data", MUTED, (0, (2, 1)), "none"),
}
THEORY = {
    "initialisation": "sgd_initialisation",
    "signal_error": "sgd_signal",
    "fitted_noise": "sgd_noise",
    "bias_term_error": "sgd_bias_term",
}
PATH = ["setting", "part", "lam"]
NOTHING = 1e-9  # a squared error below this is not drawn on a logarithmic axis


def parts(tables: Tables, settings: Sequence[str] = SETTINGS) -> pd.DataFrame:
    """Mean of every part of the risk, by setting and λ.

    Columns: setting, init_std, noise_std, lam, part (`PARTS`, cross_terms, risk), mean, ci_low, ci_high, n, n_diverged;
    all in squared error. Empty where the account was not made.
    """
    columns = ["setting", "init_std", "noise_std", "lam", "part", "mean", "ci_low", "ci_high", "n", "n_diverged"]
    account = tables.account
    if account.empty:
        return pd.DataFrame(columns=columns)
    chosen = account[account["setting"].isin(settings) & account["method"].isin(METHODS)]
    chosen = chosen.assign(cross_terms=chosen[list(CROSS_TERMS)].sum(axis=1))
    long = chosen.melt(["setting", "lam"], [*PARTS, "cross_terms", "risk"], var_name="part")
    means = estimates(long, ["setting", "lam", "part"], "value")
    runs = tables.runs[(tables.runs["status"] != "ok") & tables.runs["method"].isin(METHODS)]
    lost = runs[runs["experiment"] == "linear_regression"].groupby(["setting", "lam"]).size().rename("n_diverged")
    task = tables.settings[tables.settings["experiment"] == "linear_regression"][["setting", "init_std", "noise_std"]]
    means = means.merge(lost.reset_index(), on=["setting", "lam"], how="left").merge(task, on="setting")
    means["n_diverged"] = means["n_diverged"].fillna(0).astype(int)
    order = pd.DataFrame({"setting": settings, "order": range(len(settings))})
    means = means.merge(order, on="setting").sort_values(["order", "lam"], kind="stable")
    return means[columns].reset_index(drop=True)


def weight_decay_account(tables: Tables) -> Exhibit | None:
    """The account without weight decay and with the chapter's, by start; None where nothing was accounted for."""
    data = parts(tables, STARTS)
    data = data[data["lam"].isin([0.0, CHAPTER_LAM])]
    return None if data.empty else _bars(data)


def weight_decay_account_path(tables: Tables) -> Exhibit | None:
    """The account over all λ; None where fewer than three were accounted for."""
    data = parts(tables, PATHS)
    data = data[data["lam"] <= data.groupby("setting")["lam"].max().min()]  # larger λ belong to the boundary
    return _paths(tables, data) if data["lam"].nunique() > 2 else None


def _bars(data: pd.DataFrame) -> Exhibit:
    """A panel a start; in it every part's mean as a bar for each λ, on one logarithmic axis."""
    names = [name for name in STARTS if name in set(data["setting"])]
    rows = {"risk": "all of it", **{part: style.label for part, style in PARTS.items()}}
    figure, (axes,) = panels(3.3, columns=len(names), sharex=True, sharey=True)
    table = data.pivot_table(index=["setting", "lam"], columns="part", values="mean")
    lowest = table[[*rows]].where(table[[*rows]] > NOTHING).min().min()
    floor = 10.0 ** (np.ceil(np.log10(lowest if lowest > 0 else NOTHING)) - 1)
    looks = {0.0: ("without", "vermillion"), CHAPTER_LAM: (f"λ = {plain(CHAPTER_LAM)}", "blue")}
    for axis, name in zip(axes, names, strict=True):
        for lam, (words, colour) in looks.items():
            if (name, lam) not in table.index:
                continue
            values, side = table.loc[(name, lam), [*rows]].to_numpy(), 0.2 if lam else -0.2
            places = np.arange(len(rows)) + side
            axis.barh(places, np.where(values > floor, values - floor, 0), 0.36, floor, color=COLOURS[colour][0])
            for place, value in zip(places, values, strict=True):
                told = f"{number(value, 3 if value >= 1 else 2)}{f' {words}' if place == side else ''}"
                axis.annotate(told, (max(value, floor), place), (3, 0), textcoords="offset points", va="center")
        task = data[data["setting"] == name].iloc[0]
        axis.set_title(f"started at random, N(0, {plain(task['init_std'])})" if task["init_std"] else "started at zero")
        decade_axis(axis, floor, 1e3 * table["risk"].max(), which="x", most_ticks=6)
        axis.set_xlabel("squared error on new data")
        axis.grid(visible=False)
        axis.tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(rows)), list(rows.values()))
    axes[0].set_ylim(len(rows) - 0.5, -0.6)
    facts = {
        "lam": CHAPTER_LAM,
        "ends": [
            table.loc[one].to_dict() if one in table.index else None
            for one in ((names[0], 0.0), (names[0], CHAPTER_LAM))
        ],
        "at_random": bool(data["init_std"].iloc[0]),
        "starts": [*map(setting_title, names)],
        "cross_terms": float((table["cross_terms"] / table["risk"]).abs().max()),
        **counted(_once(data)),
    }
    return Exhibit(figure, facts, data)


def _paths(tables: Tables, data: pd.DataFrame) -> Exhibit:
    names = list(dict.fromkeys(data["setting"]))
    figure, (axes,) = panels(3.1, columns=len(names), sharey=True)
    expected = []
    for axis, name in zip(axes, names, strict=True):
        one = data[data["setting"] == name]
        for part, style in PARTS.items():
            line = one[(one["part"] == part) & (one["mean"] > NOTHING)]
            cells_line(axis, cut_at(line, NOTHING), "lam", style)
            theory = tables.reference(name, THEORY.get(part, ""))
            theory = theory[(theory["lam"] <= one["lam"].max()) & (theory["value"] > NOTHING)]
            if not theory.empty and not line.empty:
                axis.plot(theory["lam"], theory["value"], color=INK, linewidth=0.7, linestyle=(0, (1, 1)), zorder=4)
                expected.append(theory.assign(setting=name, part=part, mean=theory["value"])[[*PATH, "mean"]])
        lambda_axis(axis, one["lam"])
        axis.set_title(setting_title(name))
    shown = data[data["part"].isin(PARTS) & (data["mean"] > NOTHING)]
    log_limits(axes[0], 1e-6, 3 * shown["mean"].max())
    log_axis(axes[0])
    axes[0].set_ylabel("squared error")
    used = [style for part, style in PARTS.items() if (shown["part"] == part).any()]
    extra = [Line2D([], [], color=INK, linewidth=0.7, linestyle=(0, (1, 1)), label="theory")] if expected else []
    legend_above(figure, [*used, *extra], columns=3)
    last = data[data["setting"] == data["setting"].iloc[-1]]
    path = last.pivot_table(index="lam", columns="part", values="mean").reset_index()
    facts = {
        "n_panels": len(names),
        "lams": [data["lam"].min(), data["lam"].max()],
        "first": path.iloc[0].to_dict(),
        "last": path.iloc[-1].to_dict(),
        "from_zero": last["init_std"].iloc[-1] == 0,
        "expected": bool(expected),
        **counted(_once(data)),
    }
    shown = [data.assign(of="runs"), *(frame.assign(of="theory") for frame in expected)]
    return Exhibit(figure, facts, pd.concat(shown, ignore_index=True))


def _once(data: pd.DataFrame) -> pd.DataFrame:
    """The data with diverged runs counted once a cell, although every part repeats them."""
    return data.assign(n_diverged=data["n_diverged"].where(~data.duplicated(["setting", "lam"]), 0))
