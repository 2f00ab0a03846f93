"""Which trained linear runs have no account of their risk, and why."""

from typing import NamedTuple

from regularization.analysis.tables import Tables
from regularization.methods import method_class
from regularization.reporting.drawing.style import look


class NotAsked(NamedTuple):
    """Methods of a setting that could have been accounted for; labels."""

    setting: str
    methods: tuple[str, ...]
    steps: int | None  # of noise on the inputs that an account would draw once more; None if they draw none


class Unaccounted(NamedTuple):
    """Trained methods without an account."""

    not_affine: tuple[str, ...]  # labels
    not_asked: tuple[NotAsked, ...]


def unaccounted(tables: Tables) -> Unaccounted:
    """The methods of a setting none of whose runs is in the account; not those solved in closed form."""
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
                labels = tuple(look(name).label for name in sorted(own))
                task = tables.setting("linear_regression", str(setting))
                steps = int(task["epochs"]) * -(-int(task["n_train"]) // int(task["batch_size"]))
                not_asked.append(NotAsked(str(setting), labels, steps if perturbs else None))
    kinds = sorted(missing.loc[~affine, "method"].unique())
    return Unaccounted(tuple(look(name).label for name in kinds), tuple(not_asked))
