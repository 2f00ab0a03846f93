"""Small cohorts of every method, for the tests of the trainer: their runs, settings and made-up images."""

from functools import cache

import numpy as np
import pandas as pd

import shared
from regularization.columns import METRICS
from regularization.methods import method_class
from regularization.study import plan
from regularization.study.configuration import Configuration
from regularization.system import fashion_mnist
from regularization.training.closed_form import solve_cohort
from regularization.training.loop import train_cohort
from regularization.training.results import CohortResult
from studies import entry, study

CASES = shared.cases(__file__)
LINEAR_METHODS, NETWORK_METHODS, TINY = CASES["linear_methods"], CASES["network_methods"], CASES["tiny"]


@cache
def made_up_images(n_test: int = 10_000) -> fashion_mnist.Images:
    """Made-up images in the shape of Fashion-MNIST: class k is bright in its own band of pixels."""
    rng = np.random.default_rng(0)

    def sample(n):
        labels = rng.integers(0, 10, n).astype(np.uint8)
        pixels = rng.integers(0, 120, (n, 784), dtype=np.uint8)
        for k in range(10):
            pixels[labels == k, 70 * k : 70 * k + 70] += 60
        return pixels, labels

    return fashion_mnist.Images(*sample(60_000), *sample(n_test))


def settings_of(experiment, **catalogue):
    config = study(
        entry("linear_regression"),
        entry("fashion_mnist"),
        settings={"linear_regression": {"textbook": {}}, "fashion_mnist": {"textbook": {}}},
    )
    if not catalogue:
        return dict(config.settings[experiment])
    kind = type(config.settings[experiment]["textbook"])
    return {name: kind(**values) for name, values in catalogue.items()}


def train(runs: pd.DataFrame, settings, images=None, device="cpu", dtype=None):
    """One cohort's result, trained or solved."""
    if method_class(runs["method"].iloc[0]).closed_form:
        return solve_cohort(runs, settings)
    dtype = dtype or ("float64" if runs["experiment"].iloc[0] == "linear_regression" else "float32")
    return train_cohort(runs, settings, dtype=dtype, device=device, images=images)[0]


def trained(configuration: Configuration, dtype: str = "float64") -> pd.DataFrame:
    """The runs of a study of linear regression, from the real trainer and solver."""
    settings = dict(configuration.settings["linear_regression"])
    cohorts = [plan.runs([cohort]) for cohort in plan.cohorts(configuration)]
    return pd.concat([train(runs, settings, dtype=dtype).runs for runs in cohorts], ignore_index=True)


def rows(experiment, setting, method, cells, seeds, data_seeds=None):
    """Planned runs: cells are (λ, p) pairs; each seed with its own data, or crossed with `data_seeds`."""
    return pd.DataFrame(
        [
            {
                "run_id": f"{setting}:{method}:{lam}:{p}:{seed}:{data_seed}",
                **{"experiment": experiment, "setting": setting, "method": method, "lam": float(lam), "p": p},
                **{"seed": seed, "data_seed": data_seed, "cohort": "c"},
                **{"predictions": seed == 1, "probes": False, "account": False},
            }
            for lam, p in cells
            for seed in seeds
            for data_seed in ((seed,) if data_seeds is None else data_seeds)
        ]
    )


def same_bits(one: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> None:
    """The runs that both tables hold agree to the last bit in every metric."""
    joined = one.merge(other, on=keys, suffixes=("", "_other"))
    assert len(joined) > 0
    for metric in METRICS:
        a, b = joined[metric].to_numpy(), joined[metric + "_other"].to_numpy()
        assert np.array_equal(a, b, equal_nan=True), f"{metric} differs by {np.nanmax(np.abs(a - b))}"


def same_numbers(part: CohortResult, whole: CohortResult) -> None:
    """Everything that training leaves of the runs of `part` is, to the last bit, what it is in `whole`."""
    same_bits(part.runs, whole.runs, ["run_id"])
    for name in ("curves", "predictions", "probes", "calibration"):
        one, other = (getattr(result, name) for result in (part, whole))
        one, other = (table.sort_values([*table.columns[:3]], ignore_index=True) for table in (one, other))
        pd.testing.assert_frame_equal(
            one, other[other["run_id"].isin(one["run_id"])].reset_index(drop=True), check_exact=True, obj=name
        )


def linear_cells(method):
    return CASES["linear_cells"].get(method, CASES["linear_cells"]["others"])


def network_cells(method):
    return CASES["network_cells"].get(method, CASES["network_cells"]["others"])
