"""What if the true weights are large? The risk against λ, relative to the risk without a penalty, by samples."""

import numpy as np
import pandas as pd

from regularization.analysis.tables import CHAPTER_LAM, Tables, estimate
from regularization.naming import Key
from regularization.reporting.drawing.axes import cells_line, lambda_axis, log_axis, name_line, panels
from regularization.reporting.drawing.exhibit import Exhibit, counted
from regularization.reporting.drawing.style import COLOURS, MUTED, Look
from regularization.reporting.words import plain
from regularization.theory.asymptotic import asymptotic_ridge_risk

METHOD = "l2_penalty"
FEW, MANY = "zero_init_large_weights", "large_weights_500"
N_MANY = 500  # samples: more than there are features
LOOKS = {FEW: Look("", COLOURS["blue"][0], "-", "s"), MANY: Look("", COLOURS["vermillion"][0], "none", "o")}
MINIMISER = Look("", COLOURS["vermillion"][0], (0, (5, 1.5)), "none")


def ratios(tables: Tables, setting: str) -> pd.DataFrame:
    """Risks over those at λ = 0, by seed: geometric means, t intervals of the logarithm.

    Columns setting, lam, mean, ci_low, ci_high (95 %), n, n_diverged; the first row is λ = 0, where it is 1.
    """
    none = tables.baseline("linear_regression", setting)
    start = tables.by_seed(none, "risk")
    rows = []
    for lam in tables.path(setting, METHOD, "risk")["lam"]:
        key = none if lam == 0 else Key("linear_regression", setting, METHOD, float(lam), none.p)
        compared = np.log(tables.by_seed(key, "risk") / start).dropna()
        lost = len(tables.select(key)) - len(tables.ok(key))
        rows.append((setting, lam, *vars(estimate(compared, lost)).values()))
    found = pd.DataFrame(rows, columns=["setting", "lam", "mean", "ci_low", "ci_high", "n", "n_diverged"])
    return found.assign(**{name: np.exp(found[name]) for name in ("mean", "ci_low", "ci_high")})


def minimiser(tables: Tables, lams: np.ndarray) -> pd.DataFrame:
    """The ratio of ridge with `N_MANY` samples, from its risk as n and d grow together: columns setting, lam, mean."""
    task = tables.setting("linear_regression", FEW)
    d = int(task["n_features"])
    norm_squared = d * float(task["true_weight"]) ** 2
    risk = asymptotic_ridge_risk(N_MANY, d, norm_squared, float(task["noise_std"]), np.concatenate([[0.0], lams]))
    return pd.DataFrame({"setting": f"minimiser, {N_MANY} samples, theory", "lam": lams, "mean": risk[1:] / risk[0]})


def weight_decay_large_weights(tables: Tables) -> Exhibit | None:
    """The ratio by λ for few samples and for many; None where few were not trained with both λ."""
    found = {name: ratios(tables, name) for name in tables.studied("linear_regression", (FEW, MANY))}
    kept = {name: data.dropna(subset=["mean"])["lam"] for name, data in found.items()}
    found = {name: data for name, data in found.items() if kept[name].min() == 0 < kept[name].max()}
    if FEW not in found:
        return None
    task = tables.setting("linear_regression", FEW)
    lams = found[FEW]["lam"].to_numpy(dtype=float)
    theory = minimiser(tables, lams)
    figure, ((axis,),) = panels(2.8)
    axis.axhline(1, color=MUTED, linewidth=0.8)
    for name, data in found.items():
        cells_line(axis, data, "lam", LOOKS[name])
    cells_line(axis, theory.assign(ci_low=np.nan), "lam", MINIMISER)
    lambda_axis(axis, lams)
    log_axis(axis)
    axis.set_ylabel("error, relative to that at λ = 0")
    few = found[FEW].dropna(subset=["mean"])
    for place, words, look in ((few.iloc[len(few) // 2], f"{plain(task['n_train'])} examples", LOOKS[FEW]),
                               (theory.iloc[min(3, len(theory) - 1)],
                                f"{N_MANY} examples: theory, trained (circles)", LOOKS[MANY])):  # fmt: skip
        named = Look(words, look.colour, "-", "")
        name_line(axis, place, "lam", named, "above" if look is LOOKS[FEW] else "right")
    at = {name: data.loc[np.isclose(data["lam"], CHAPTER_LAM), "mean"] for name, data in found.items()}
    facts = {
        "lam": CHAPTER_LAM,
        "few": next(iter(at[FEW]), None),
        "many": next(iter(at.get(MANY, [])), None),
        "minimiser": next(iter(theory.loc[np.isclose(theory["lam"], CHAPTER_LAM), "mean"]), None),
        "sizes": (task["n_train"], N_MANY),
        "true_weight": task["true_weight"],
        "noise_std": task["noise_std"],
        "lams": [lams.min(), lams.max()],
        **counted(pd.concat(found.values())),
    }
    return Exhibit(figure, facts, pd.concat([*found.values(), theory], ignore_index=True))
