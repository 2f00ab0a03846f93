"""What the sections on the linear experiment and the first screen say; None where the study lacks the data."""

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM, Tables
from regularization.methods import method_class
from regularization.reporting.drawing.style import look
from regularization.reporting.figures.answers import LINEAR, Facts, error, honest, pair, plenty
from regularization.reporting.figures.weight_decay.samples import sample_sizes


def context(tables: Tables) -> Facts:
    """The facts by the question that they answer."""
    return {
        "error": error(tables),
        "samples": samples(tables),
        "large_truth": large_truth(tables),
        "edge": edge(tables),
        "honest": honest(tables),
        "plenty": plenty(tables),
    }


def samples(tables: Tables) -> Facts | None:
    """Fully trained models by the number of samples: without a penalty, with the chapter's λ and with the best one."""
    data = sample_sizes(tables)
    table = data[data["method"] == "ridge"].pivot_table(index="n_train", columns="rule", values="mean")
    if len(table) < 3 or not {"0", "chapter", "best"} <= set(table):
        return None
    free = table["0"]
    turns = np.flatnonzero(np.diff(np.sign(np.diff(free)))) + 1  # where the risk stops falling or rising
    ends = {"first": table.index[0], "peak": free.idxmax(), "last": table.index[-1]}
    worse = (table["chapter"] > table["0"]) & (table.index > ends["peak"])
    harmed = table.index[worse[::-1].cummin()[::-1]]  # from there on without an exception
    return {
        "d": data["n_features"].iloc[0],
        "inside": ends["peak"] not in (ends["first"], ends["last"]),
        "n_turns": len(turns),
        "lam": CHAPTER_LAM,
        "best_always_falls": bool((table["best"].dropna().diff().dropna() <= 0).all()),
        "harm_from": next(iter(harmed), None),
        **{name: {"n": n, **table.loc[n].to_dict()} for name, n in ends.items()},
    }


def large_truth(tables: Tables) -> Facts | None:
    """What the chapter's λ does where the true weights are large: risk with it over risk without, by samples."""
    found = []
    for setting in tables.studied(LINEAR, ("zero_init_large_weights", "large_weights_500")):
        without, with_it = (tables.cell(key, "risk") for key in pair(setting))
        if without and with_it:
            task = tables.setting(LINEAR, setting)
            found.append({"n": task["n_train"], "before": without.mean, "after": with_it.mean})
    weights = [tables.setting(LINEAR, name)["true_weight"] for name in ("zero_init_large_weights", "textbook")
               if tables.studied(LINEAR, (name,))]  # fmt: skip
    return {"lam": CHAPTER_LAM, "by_n": found, "times": weights[0] / weights[-1]} if found else None


def edge(tables: Tables) -> Facts | None:
    """The λ beyond which the chapter's steps overshoot: in theory, and where its runs diverged."""
    boundary = tables.constant("textbook", "stability_boundary")
    runs = tables.runs[(tables.runs["setting"] == "textbook") & (tables.runs["method"] == "l2_penalty")]
    runs = runs[runs["experiment"] == LINEAR]
    lost = (runs["status"] != "ok").groupby(runs["lam"]).mean()
    if boundary is None or not (lost > 0).any() or not (lost == 0).any():
        return None
    return {"boundary": boundary, "stable": lost.index[lost == 0].max(), "lost": lost.index[lost > 0].min(),
            "share": lost[lost > 0].iloc[0], "rate": tables.setting(LINEAR, "textbook")["learning_rate"]}  # fmt: skip


def unaccounted(tables: Tables) -> Facts:
    """The methods, by their labels, none of whose runs in a setting is in the account; not those in closed form.

    `not_affine`, and `not_asked`: setting, methods that could have been accounted for, and the steps of noise on the
    inputs that an account would draw once more (None if they draw none).
    """
    runs = tables.runs
    trained = runs[(runs["experiment"] == "linear_regression") & (runs["status"] == "ok")]
    known = set(tables.account["run_id"]) if len(tables.account) else set()
    has = trained["run_id"].isin(known).groupby([trained["setting"], trained["method"]]).any()
    missing = has[~has].index.to_frame(index=False)
    missing = missing[~missing["method"].map(lambda method: method_class(method).closed_form).astype(bool)]
    affine = missing["method"].map(lambda method: method_class(method).affine).astype(bool)
    not_asked = []
    for setting, methods in missing[affine].groupby("setting", sort=True)["method"]:
        for perturbs in (True, False):
            own = [name for name in methods if method_class(name).perturbs_inputs == perturbs]
            if own:
                labels = [look(name).label for name in sorted(own)]
                task = tables.setting("linear_regression", str(setting))
                steps = int(task["epochs"]) * -(-int(task["n_train"]) // int(task["batch_size"]))
                not_asked.append({"setting": setting, "methods": labels, "steps": steps if perturbs else None})
    kinds = sorted(missing.loc[~affine, "method"].unique())
    return {"not_affine": [look(name).label for name in kinds], "not_asked": not_asked}
