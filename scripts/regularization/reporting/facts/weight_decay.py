"""What the sections on the linear experiment and the first screen say; None where the study lacks the data."""

from math import ceil
from typing import Any

import numpy as np

from regularization.analysis.tables import CHAPTER_LAM, CHAPTER_P, Estimate, Tables
from regularization.naming import Key
from regularization.reporting.figures.weight_decay.account import parts
from regularization.reporting.figures.weight_decay.samples import sample_sizes

LINEAR = "linear_regression"
NETWORK = "fashion_mnist"
HALF = "0.5/0.5"  # dropout where the number of images varies
Facts = dict[str, Any]


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


def error(tables: Tables) -> Facts | None:
    """What the chapter's risk is made of without weight decay and with it, from its start and from zero."""
    means = parts(tables).set_index(["setting", "lam", "part"])["mean"].sort_index()

    def split(setting: str, lam: float) -> Facts | None:
        return means[setting, lam].to_dict() if (setting, lam) in means.index else None

    before, after = split("textbook", 0.0), split("textbook", CHAPTER_LAM)
    if before is None:
        return None
    task = tables.setting(LINEAR, "textbook")
    steps = int(task["epochs"]) * ceil(task["n_train"] / task["batch_size"])
    at_start = {
        tables.setting(LINEAR, name)["noise_std"]: split(name, 0.0)
        for name in tables.studied(LINEAR, ("textbook_noise_0", "textbook", "textbook_noise_0.1"))
    }
    law = tables.reference("textbook", "null_space_norm")
    printed = [tables.cell(key, "risk") for key in _pair("textbook_2023")]
    none, decayed = _pair("textbook")
    paired = tables.paired(decayed, none, "risk")
    return {
        "n": task["n_train"],
        "d": task["n_features"],
        "unseen": task["n_features"] - task["n_train"],
        "rate": task["learning_rate"],
        "lam": CHAPTER_LAM,
        "before": before,
        "after": after,
        "zero": split("zero_init", 0.0),
        "zero_after": split("zero_init", CHAPTER_LAM),
        "share": before["initialisation"] / before["risk"],
        "kept": abs(1 - task["learning_rate"] * CHAPTER_LAM) ** steps,
        "steps": steps,
        "predicted": next(iter(law.loc[law["lam"] == 0, "value"] ** 2), None),
        "mean_predictor": tables.constant("textbook", "mean_predictor_risk"),
        "by_noise": {noise: one["risk"] for noise, one in at_start.items() if one},
        "printed": [one.mean for one in printed if one],
        "init_std": task["init_std"],
        "printed_init_std": tables.setting(LINEAR, "textbook_2023")["init_std"] if all(printed) else None,
        "n_seeds": len(tables.ok(tables.baseline(LINEAR, "textbook"))),
        "n_lower": paired.n_lower if paired else None,
        "n_paired": paired.difference.n if paired else None,
    }


def _pair(setting: str) -> tuple[Key, Key]:
    """The cells of a setting without weight decay, and with the chapter's."""
    return Key(LINEAR, setting, "none", 0.0, "0"), Key(LINEAR, setting, "l2_penalty", CHAPTER_LAM, "0")


def samples(tables: Tables) -> Facts | None:
    """Fully trained models by the number of samples: without a penalty, with the chapter's λ and with the best one."""
    data = sample_sizes(tables)
    table = data[data["method"] == "ridge"].pivot_table(index="n_train", columns="rule", values="mean")
    if len(table) < 3 or not {"0", "chapter", "best"} <= set(table):
        return None
    free = table["0"]
    turns = np.flatnonzero(np.diff(np.sign(np.diff(free)))) + 1  # where the risk stops falling or rising
    ends = {"first": table.index[0], "peak": free.idxmax(), "last": table.index[-1]}
    return {
        "d": data["n_features"].iloc[0],
        "inside": ends["peak"] not in (ends["first"], ends["last"]),
        "n_turns": len(turns),
        "lam": CHAPTER_LAM,
        "best_always_falls": bool((table["best"].dropna().diff().dropna() <= 0).all()),
        "harm_from": next(iter(table.index[(table["chapter"] > table["0"]) & (table.index > ends["peak"])]), None),
        **{name: {"n": n, **table.loc[n].to_dict()} for name, n in ends.items()},
    }


def large_truth(tables: Tables) -> Facts | None:
    """What the chapter's λ does where the true weights are large: risk with it over risk without, by samples."""
    found = []
    for setting in tables.studied(LINEAR, ("zero_init_large_weights", "large_weights_500")):
        without, with_it = (tables.cell(key, "risk") for key in _pair(setting))
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


def honest(tables: Tables) -> Facts | None:
    """Dropout on the fewest images: accuracy and confidence without it and with it, and what of its gain is confidence.

    Pairs are (without, with dropout), means over seeds; `tempered` is the cross-entropy with one temperature a run.
    """
    for setting in tables.series(NETWORK):
        none = tables.baseline(NETWORK, setting)
        keys = (none, none._replace(method="dropout", p=HALF))
        runs = [tables.calibrated(key) for key in keys]
        paired = tables.paired(keys[1], keys[0], "test_accuracy")
        if paired and all(len(one) for one in runs):
            means = {name: [float(one[name].mean()) for one in runs] for name in ("accuracy", "confidence", "loss")}
            tempered = [float(one["tempered_loss"].mean()) for one in runs]
            gain, left = means["loss"][0] - means["loss"][1], tempered[0] - tempered[1]
            return {**means, "n": tables.setting(NETWORK, setting)["n_train"], "change": paired.difference,
                    "by_confidence": 1 - left / gain if gain > 0 and np.isfinite(left) else None,
                    "seeds": paired.difference.n}  # fmt: skip
    return None


def plenty(tables: Tables) -> list[Facts]:
    """What dropout does to accuracy, by the number of images; the chapter's own run, on all of them, last."""
    found = []
    for setting in [*tables.series(NETWORK), *tables.studied(NETWORK, ("textbook",))]:
        none = tables.baseline(NETWORK, setting)
        key = none._replace(method="dropout", p=CHAPTER_P if setting == "textbook" else HALF)
        paired = tables.paired(key, none, "test_accuracy")
        if paired:
            runs = [tables.select(one) for one in (none, key)]
            lost = [(int((one["status"] != "ok").sum()), len(one)) for one in runs]
            tempered = [float(tables.calibrated(one)["tempered_loss"].mean()) for one in (none, key)]
            found.append({"n": tables.setting(NETWORK, setting)["n_train"], "chapter": setting == "textbook",
                          "change": paired.difference, "sign": sign(paired.difference), "lost": lost,
                          "tempered": tempered if np.isfinite(tempered).all() else None})  # fmt: skip
    return found


def sign(change: Estimate) -> int:
    """Which way a difference goes: 1 or −1, 0 where its interval leaves it open."""
    return int(change.low > 0) - int(change.high < 0)
