"""What probed networks show, with dropout and without: co-adaptation, averaged masks, robustness, smoothness."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from regularization.analysis.matching import at_same_loss, of_other_length
from regularization.analysis.tables import Estimate, Tables, as_estimate, estimate, estimates
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, lambda_axis, legend_above, name_line, panels, scaled
from regularization.reporting.drawing.exhibit import Exhibit
from regularization.reporting.drawing.style import COLOURS, INK, MUTED, Look, look
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


def looks_of(chosen: Sequence[float]) -> dict[float, Look]:
    """A look for each of some p, named after it."""
    return {p: replace(style, label=f"p = {plain(p)}") for p, style in zip(chosen, LOOKS, strict=False)}


def usual(data: pd.DataFrame) -> float:
    """The p that is spoken of: 0.5 if it was trained, else the middle one."""
    present = sorted(p for p in data["probability"].unique() if p > 0)
    return 0.5 if 0.5 in present else present[len(present) // 2]


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


LAYERS = (
    Look("first hidden layer", INK, "-", "o"),
    Look("second hidden layer", INK, (0, (5, 1.5)), "s"),
    Look("third hidden layer", MUTED, (0, (1, 1)), "^"),
    Look("last hidden layer", MUTED, (0, (3, 1.2, 1, 1.2)), "D"),
)
MEASURES = {  # probe: what its panel shows, and by what factor
    "hidden_correlation": ("mean |correlation|", 1.0),
    "participation_ratio": ("participation ratio", 1.0),
    "pair_ablation_interaction": ("interaction, 10⁻³ nats", 1000.0),
}


def co_adaptation(tables: Tables) -> Exhibit | None:
    """A panel a measure against p; None where networks were not probed."""
    data = probed(tables)
    measured = {probe: means(data, probe) for probe in MEASURES}
    measured = {probe: table for probe, table in measured.items() if len(table)}
    if not measured or data["probability"].nunique() < 2:
        return None
    figure, (axes,) = panels(2.6, 1, len(measured))
    levels = sorted({level for table in measured.values() for level in table["level"]})
    layers = dict(zip([*levels[:3], *levels[3:][-1:]], LAYERS, strict=False))
    drawn = []
    for axis, (probe, table) in zip(axes, measured.items(), strict=True):
        title, factor = MEASURES[probe]
        table = scaled(table, factor)
        for level, style in layers.items():
            cells_line(axis, table[table["level"] == level], "probability", style, label="")
        axis.set(title=title, xlabel="dropout probability p")
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_locator(MaxNLocator(5))
        drawn.append(table.assign(probe=title))
    legend_above(figure, [*layers.values()])
    shown = pd.concat(drawn, ignore_index=True)
    facts = facts_of(tables, data, shown, {})
    measures = []  # of every layer, the mean without dropout and with it
    for probe, table in measured.items():
        by_layer = table.pivot_table(index="level", columns="probability", values="mean")
        changes = [*by_layer.reindex(columns=[0.0, facts["p"]]).dropna().itertuples(name=None)]
        measures.append({"probe": probe, "title": MEASURES[probe][0], "changes": changes})
    told = {"measures": measures, "layers": [style.label for style in layers.values()], "n_hidden": len(levels)}
    return Exhibit(figure, facts | told, shown)


def shared_work(tables: Tables) -> dict[str, Any] | None:
    """How much one unit's importance hangs on another's, as a share of what single units matter, without and with p.

    Of each run at its own temperature, so that the scale of the logits is out of it; with the change, paired by seed.
    """
    data = probed(tables)
    names = {"tempered_pair_ablation_interaction": "pair", "tempered_unit_ablation_effect": "unit"}
    wide = data[data["probe"].isin(names)].replace({"probe": names})
    wide = wide.pivot_table(index=[*RUN, "probability"], columns="probe", values="value")
    if wide.empty or not {"pair", "unit"} <= set(wide) or data["probability"].nunique() < 2:
        return None
    wide["share"], p = wide["pair"] / wide["unit"].where(wide["unit"] != 0), usual(data)
    share = wide.pivot_table(index=RUN, columns="probability", values="share")
    if not {0.0, p} <= set(share) or (paired := (share[p] - share[0.0]).dropna()).empty:
        return None
    change = estimate(paired)
    n_train = tables.setting("fashion_mnist", data["setting"].iloc[0])["n_train"]
    return {"p": p, "n_train": n_train, "before": share[0.0].mean(), "after": share[p].mean(), "change": change}


AVERAGED = {  # metric: what its panel shows, and by what factor
    "loss": ("cross-entropy, nats", 1.0),
    "accuracy": ("accuracy, percentage points", 100.0),
}


def averaging(data: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Mean prediction of K sub-networks minus weight scaling, paired: probability, level (K), mean, ci_low, …, n."""
    masks, scaling = (data[data["probe"] == f"{name}_{metric}"] for name in ("mask_average", "weight_scaling"))
    return against(masks, scaling, "probability")


def mask_average(tables: Tables) -> Exhibit | None:
    """A panel a metric, a line a p against the number of sub-networks; None where networks were not probed for it."""
    data = probed(tables)
    tabled = {metric: table for metric in AVERAGED if len(table := averaging(data, metric))}
    if not tabled:
        return None
    first = next(iter(tabled.values()))
    present = sorted(data["probability"].unique())
    chosen = [p for p in SHOWN if p in present]
    looks = looks_of(chosen if len(chosen) > 2 else present[: len(LOOKS)])
    looks = {p: style for p, style in looks.items() if p in set(first["probability"])}
    figure, (axes,) = panels(2.8, 1, len(tabled))
    for axis, (metric, table) in zip(axes, tabled.items(), strict=True):
        title, factor = AVERAGED[metric]
        for p, style in looks.items():
            cells_line(axis, scaled(table[table["probability"] == p], factor), "level", style)
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.set_xscale("log")
        levels = sorted(table["level"].unique())
        axis.set_xticks(levels, [plain(k) for k in levels])
        axis.minorticks_off()
        axis.set(title=title, xlabel="sub-networks averaged, K")
    axes[0].set_ylabel("difference to weight scaling")
    for p, style in looks.items():
        name_line(axes[0], first[first["probability"] == p].iloc[-1], "level", style, "right")
    shown = pd.concat([table.assign(metric=metric) for metric, table in tabled.items()], ignore_index=True)
    facts = facts_of(tables, data[data["probability"] > 0], shown, looks)
    changes = [
        {"metric": metric, "factor": AVERAGED[metric][1], "change": change}
        for metric, table in tabled.items()
        if (change := estimate_at(table, facts["p"], table["level"].max()))
    ]
    own = {"changes": changes, "n_networks": shown["level"].max(), "panels": [AVERAGED[name][0] for name in tabled]}
    return Exhibit(figure, facts | own, shown)


SIDE = 28  # pixels of an image
DISTURBANCES = {  # probe: its panel's title, and how a level is called
    "noise_accuracy": ("noise on every pixel", "σ = {}"),
    "occlusion_accuracy": ("a black square", "{0} × {0}"),
}


def robust(tables: Tables) -> dict[str, dict[str, Any]]:
    """By disturbance the accuracy without dropout and at `p`, and what dropout changes; empty without probes."""
    data = probed(tables)
    if data["probability"].nunique() < 2:
        return {}
    p = usual(data)
    found = {}
    for probe in DISTURBANCES:
        table = means(data[data["probability"].isin([0.0, p])], probe)
        change = against_none(data, probe)
        change = change[change["probability"] == p]
        if len(set(change["level"])) > 1:
            level = change["level"].max()
            before, after = (estimate_at(table, one, level) for one in (0.0, p))
            clean_before, clean_after = (estimate_at(table, one, 0.0) for one in (0.0, p))
            clean = {"clean_before": clean_before, "clean_after": clean_after}
            ends = {"before": before, "after": after, "change": estimate_at(change, p, level)}
            found[probe] = {"table": table, "p": p, "level": level, **ends, **clean}
    return found


def robustness(tables: Tables) -> Exhibit | None:
    """A column a disturbance: an image at each level above, accuracy without and with dropout below."""
    found = robust(tables)
    if not found:
        return None
    data = probed(tables)
    image = _image(tables)
    looks = looks_of([0.0, next(iter(found.values()))["p"]])
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
    facts = facts_of(tables, data, shown, looks)
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


AXES = {"weight_decay": ("lam", "weight decay λ"), "dropout": ("probability", "dropout probability p")}
JACOBIANS = {
    "logit_jacobian_norm": Look("logits", COLOURS["green"][0], "-", "D"),
    "jacobian_norm": Look("probabilities", COLOURS["blue"][0], (0, (5, 1.5)), "s"),
}


def matched(tables: Tables) -> pd.DataFrame:
    """The Jacobian's norm with a regularizer over that without, at the same training loss: a row a cell and output.

    Columns method, lam, p, probability, output, mean (geometric, over seeds), ci_low, ci_high (of the t interval of the
    logarithm), n; only cells that networks without regularization of some length fit as closely as.
    """
    columns = ["method", "lam", "p", "probability", "output", "mean", "ci_low", "ci_high", "n"]
    data = probed(tables)
    if data.empty:
        return pd.DataFrame(columns=columns)
    setting = data["setting"].iloc[0]
    settings = [setting, *of_other_length(tables.settings, setting)]
    cells = uniform_p(tables.of("fashion_mnist", setting, "train_loss"))
    rows = []
    for output in JACOBIANS:
        lengths = [_log(tables, tables.baseline("fashion_mnist", name), output) for name in settings]
        for cell in cells[cells["method"].isin(AXES)].itertuples():
            measured = _log(tables, Key("fashion_mnist", setting, cell.method, cell.lam, cell.p), output)
            ratio = at_same_loss(measured, [one for one in lengths if len(one)])
            if len(ratio):
                log = estimate(-ratio)
                mean = np.exp([log.mean, log.low, log.high])
                rows.append((cell.method, cell.lam, cell.p, cell.probability, output, *mean, log.n))
    return pd.DataFrame(rows, columns=columns).sort_values(["output", "lam", "probability"], kind="stable")


def _log(tables: Tables, key: Key, output: str) -> pd.DataFrame:
    """Log training loss and log norm of a cell's runs, by seed."""
    probes = tables.probes[tables.probes["probe"] == output]
    runs = tables.ok(key).merge(probes[["run_id", "value"]], on="run_id").set_index(RUN)
    return np.log(runs[["train_loss", "value"]])


def changes(table: pd.DataFrame, method: str) -> list[dict[str, Any]]:
    """Of each output of a method: in how many of the matched cells it is smoother or rougher, and the last of them."""
    found = []
    for output, style in JACOBIANS.items():
        own = table[(table["method"] == method) & (table["output"] == output)]
        if len(own):
            ways = {"smoother": int((own["ci_high"] < 1).sum()), "rougher": int((own["ci_low"] > 1).sum())}
            last = {"last": as_estimate(own.tail(1)), "at": float(own[AXES[method][0]].iloc[-1])}
            found.append({"output": style.label, "n": len(own), **ways, **last})
    return found


def smoothness(tables: Tables) -> Exhibit | None:
    """A panel for weight decay and one for dropout; None unless two strengths of weight decay can be matched."""
    table = matched(tables)
    methods = [method for method in AXES if len(set(table.loc[table["method"] == method, AXES[method][0]])) > 1]
    if "weight_decay" not in methods:
        return None
    figure, (axes,) = panels(2.6, 1, len(methods), sharey=True)
    for axis, method in zip(np.atleast_1d(axes), methods, strict=True):
        column, words = AXES[method]
        own = table[table["method"] == method]
        axis.axhline(100, color=MUTED, linewidth=0.8)
        for output, style in JACOBIANS.items():
            cells_line(axis, scaled(own[own["output"] == output], 100), column, style)
        if method == "weight_decay":
            lambda_axis(axis, own[column], words, most_ticks=7)
        axis.set(title=look(method).label, xlabel=words)
    axes[0].set_ylabel("sensitivity, %\nof none at the same loss")
    legend_above(figure, [*JACOBIANS.values()])
    facts = {
        "decay": changes(table, "weight_decay"),
        "dropout": changes(table, "dropout"),
        "panels": [AXES[method][1] for method in methods],
        "n_train": tables.setting("fashion_mnist", probed(tables)["setting"].iloc[0])["n_train"],
        "n": list(table["n"]),
        "n_diverged": [0],
    }
    return Exhibit(figure, facts, table[table["method"].isin(methods)])
