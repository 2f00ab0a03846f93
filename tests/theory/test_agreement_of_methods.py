"""Theory against measurement, as in `test_agreement`, for early stopping, decoupled decay and perturbed inputs.

Each on the half squared error and on the squared error without the ½, which the concise version descends. Few features,
so that dropout's theory, which needs them all, is quick.
"""

import numpy as np
import pandas as pd
import pytest

from cohorts import trained
from regularization.analysis import theory_table as module
from regularization.analysis.theory_table import theory_table
from regularization.settings import LinearRegressionSetting
from regularization.theory.data import batch_orders, training_inputs
from regularization.theory.equivalences import early_stopping_steps
from regularization.theory.expected_risk import learning_rates, loss_factor
from regularization.theory.perturbed_sgd import PerturbedMoments, masked_moments, noisy_moments
from regularization.theory.sgd_risk import SgdMoments, sgd_moments
from studies import entry, study
from theory.test_agreement import LEVEL, apart, most_outside, outside, p_value

N_SEEDS, N_FEATURES = 40, 40
LAM = np.array([1.0, 3, 10])
P = np.array([0.2, 0.5, 0.8])
STRENGTHS = {"lam": LAM.tolist(), "p": P.tolist()}
COMMON = {"n_features": N_FEATURES, "noise_std": 0.1, "init_std": 0.01, "epochs": 60}
SETTINGS = {
    "half": {**COMMON, "learning_rate": 0.01},
    "squared": {**COMMON, "learning_rate": 0.005, "loss": "squared_error", "bias_init_std": 0.01},
}
QUANTITIES = {
    "early_stopping": "early_stopping_risk",
    "weight_decay": "sgd_risk",
    "input_noise": "input_noise_risk",
    "dropout": "dropout_risk",
}
STUDY = study(
    entry("linear_regression", settings=list(SETTINGS), methods=list(QUANTITIES), seeds=N_SEEDS, **STRENGTHS),
    settings={"linear_regression": {"textbook": {}, **SETTINGS}, "fashion_mnist": {"textbook": {}}},
)
CELLS = [(name, method) for name in SETTINGS for method in QUANTITIES]


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return trained(STUDY)


@pytest.fixture(scope="module")
def compared(runs: pd.DataFrame) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By setting and method the arguments of `apart`: measured, the table's, and expected of each seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PERTURBED", dict.fromkeys(module.PERTURBED, N_SEEDS))
        patch.setattr(module, "LINE", ())  # no lines are drawn
        theory = theory_table(STUDY)
    found = {}
    for name, method in CELLS:
        rows = theory[(theory["setting"] == name) & (theory["quantity"] == QUANTITIES[method])].sort_values("lam")
        cells = runs[(runs["setting"] == name) & (runs["method"] == method)]
        cells = cells.assign(p=cells["p"].astype(float))
        measured = cells.pivot_table(index="seed", columns=["lam", "p"], values="risk").sort_index(axis=1).to_numpy()
        found[name, method] = (measured, rows["value"].to_numpy(), expected(name, method))
    return found


def expected(name: str, method: str) -> np.ndarray:
    """Of each seed, shape (seeds, strengths)."""
    setting = STUDY.settings["linear_regression"][name]
    assert isinstance(setting, LinearRegressionSetting)
    steps = setting.epochs * setting.steps_per_epoch
    rate = learning_rates(setting)
    data = [
        (x, batch_orders(setting.n_train, setting.epochs, seed), setting.batch_size)
        for seed, x in enumerate(training_inputs(setting.n_train, N_FEATURES, N_SEEDS))
    ]
    if method in ("input_noise", "dropout"):
        moments_of, strengths = (noisy_moments, LAM) if method == "input_noise" else (masked_moments, P)
        perturbed = [moments_of(*one, np.full(steps, rate), strengths) for one in data]
        return PerturbedMoments.joined(perturbed).risk(setting)
    rates, lam = np.full((len(LAM), steps), rate), LAM / loss_factor(setting)
    if method == "early_stopping":
        stops = np.array([early_stopping_steps(setting.learning_rate, lam) for lam in LAM])
        rates, lam = rates * (np.arange(steps) < stops[:, None]), np.zeros(len(LAM))
    return SgdMoments.joined([sgd_moments(*one, rates, lam) for one in data]).risk(setting).total


@pytest.mark.parametrize(("name", "method"), CELLS)
def test_cells_have_the_tabulated_risk(runs, compared, name, method):
    assert (runs["status"] == "ok").all()
    assert p_value(apart(*compared[name, method])) > LEVEL


def test_no_more_cells_than_chance_allows_lie_outside_their_interval(compared):
    """24 cells in eight dependent groups."""
    differences = [apart(*one) for one in compared.values()]
    assert sum(map(outside, differences)) <= most_outside(differences)


@pytest.mark.parametrize("wrong", [0.9, 1.1])
def test_a_theory_ten_per_cent_off_is_found_out(compared, wrong):
    """In every setting and method, and by the number of cells outside their interval."""
    off = {cell: apart(one, wrong * mean, by_seed) for cell, (one, mean, by_seed) in compared.items()}
    assert [cell for cell, difference in off.items() if p_value(difference) > LEVEL] == []
    assert sum(map(outside, off.values())) > most_outside(list(off.values()))
