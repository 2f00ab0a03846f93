"""The shipped table of theory against cells trained by the batched trainer, at every λ of the textbook's range.

A seed's risk minus its exact expectation given its inputs and the order of its batches is noise with mean zero. The
cells of a setting share their seeds, so one test asks whether the largest of their studentised means is due to chance.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import shared
from cohorts import trained
from regularization.analysis import theory_table as module
from regularization.analysis.theory_table import batch_orders, theory_table, training_inputs
from regularization.settings import LinearRegressionSetting
from regularization.theory.expected_risk import diagonalised, gradient_descent_risk
from regularization.theory.ridge_risk import ridge_risk
from regularization.theory.sgd_risk import SgdMoments, sgd_moments
from studies import entry, study

LAM = np.array([0, 0.1, 0.3, 1, 3, 10, 30, 100, 300], dtype=float)
CONVERGED_LAM = np.array([0, 0.1, 0.3, 1, 2, 3, 5, 10], dtype=float)  # the rate of `converged` is too large for others
MANY_LAM = np.array([0, 3], dtype=float)  # with many samples
N_SEEDS, N_SEEDS_OF_MANY = 80, 12
LEVEL = 0.001  # a setting fails by chance once in a thousand times; the seeds are fixed, so it does always or never

MINIBATCHES = ("textbook_noise_0.1", "small_init", "zero_init_noise_0.1")
MANY = ("many", "many_zero_init_noise_0.1")
FULL_BATCHES = ("full_batch", "full_batch_cosine")
SETTINGS = shared.cases(__file__)
STUDY = study(
    *(
        entry("linear_regression", settings=settings, methods=methods, lam=lam.tolist(), seeds=seeds)
        for settings, methods, lam, seeds in (
            ([*MINIBATCHES, *FULL_BATCHES], ["none", "l2_penalty", "ridge"], LAM, N_SEEDS),
            (["converged"], ["none", "l2_penalty"], CONVERGED_LAM, N_SEEDS),
            (list(MANY), ["none", "l2_penalty"], MANY_LAM, N_SEEDS_OF_MANY),
        )
    ),
    settings={"linear_regression": SETTINGS, "fashion_mnist": {"textbook": {}}},
)


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return trained(STUDY)


@pytest.fixture(scope="module")
def theory() -> pd.DataFrame:
    """The shipped table, over all the seeds that are trained here, at the trained λ."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEW", N_SEEDS_OF_MANY)
        patch.setattr(module, "LINE", ())  # no lines are drawn
        return theory_table(STUDY)


@pytest.fixture(scope="module")
def moments() -> dict[str, SgdMoments]:
    """The same seed by seed; settings that differ in noise and initialisation only share them."""
    found = {}
    for names, lam, n_seeds in ((MINIBATCHES, LAM, N_SEEDS), (MANY, MANY_LAM, N_SEEDS_OF_MANY)):
        task = _setting(names[0])
        rates = np.full((len(lam), steps(task)), task.learning_rate)
        by_seed = [
            sgd_moments(x, batch_orders(task.n_train, task.epochs, seed), 5, rates, lam)
            for seed, x in enumerate(training_inputs(task.n_train, 200, n_seeds))
        ]
        found |= dict.fromkeys(names, SgdMoments.joined(by_seed))
    return found


@pytest.fixture(scope="module")
def off_by(runs, theory, moments) -> Callable[..., np.ndarray]:
    """A setting's measured minus expected risk, shape (seeds, λ); `wrong` scales the expectation."""

    def off(name: str, wrong: float = 1.0) -> np.ndarray:
        lam = lam_of(name)
        by_seed = moments[name].risk(_setting(name)).total if name in moments else closed_form(name, lam)
        return apart(measured(runs, name), wrong * shipped(theory, name, "sgd_risk", lam), by_seed)

    return off


def lam_of(name: str) -> np.ndarray:
    return MANY_LAM if name in MANY else CONVERGED_LAM if name == "converged" else LAM


def _setting(name: str) -> LinearRegressionSetting:
    setting = STUDY.settings["linear_regression"][name]
    assert isinstance(setting, LinearRegressionSetting)
    return setting


def steps(setting: LinearRegressionSetting) -> int:
    return setting.epochs * setting.steps_per_epoch


def inputs(n_train: int = 20, n_seeds: int = N_SEEDS) -> np.ndarray:
    return np.stack(list(training_inputs(n_train, 200, n_seeds)))


def closed_form(name: str, lam: np.ndarray) -> np.ndarray:
    """Gradient descent's expected risk in full batches given each seed's inputs, shape (seeds, λ)."""
    setting = _setting(name)
    x = inputs(500, N_SEEDS_OF_MANY) if name in MANY else inputs()
    return gradient_descent_risk(diagonalised(x, lam), setting, steps(setting)).total[:, 0]


def measured(runs: pd.DataFrame, setting: str, ridge: bool = False) -> np.ndarray:
    """Risk of every seed at every λ, shape (seeds, λ), of the runs that cells are means of."""
    chosen = runs[(runs["setting"] == setting) & ((runs["method"] == "ridge") == ridge) & (runs["status"] == "ok")]
    return chosen.pivot_table(index="seed", columns="lam", values="risk").to_numpy()


def shipped(theory: pd.DataFrame, setting: str, quantity: str, lam: np.ndarray) -> np.ndarray:
    """A column of the table at the measured λ, shape (number of λ,)."""
    chosen = theory[(theory["setting"] == setting) & (theory["quantity"] == quantity)].set_index("lam")["value"]
    return chosen[lam].to_numpy()


def apart(measurement: np.ndarray, mean: np.ndarray, by_seed: np.ndarray) -> np.ndarray:
    """Measured (seeds, λ) minus expected: a seed's (seeds, λ) as far as they scatter, the table's (λ,) on the mean."""
    return measurement - by_seed - (mean - by_seed.mean(axis=0))


def studentised(difference: np.ndarray) -> np.ndarray:
    """Mean over its standard error, over the first axis (seeds)."""
    return difference.mean(axis=0) / stats.sem(difference, axis=0)


def p_value(difference: np.ndarray) -> float:
    """Chance of a largest |studentised mean| like this one's if the means are zero: a wild bootstrap.

    Every seed's deviations, measured minus expected in shape (seeds, λ), get one random sign for all λ, which keeps how
    the λ go together.
    """
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(20_000, len(difference)))
    centred = difference - difference.mean(axis=0)
    largest = np.abs(signs @ centred / len(difference) / stats.sem(difference, axis=0)).max(axis=1)
    return float((1 + (largest >= np.abs(studentised(difference)).max()).sum()) / (1 + len(signs)))


def outside(difference: np.ndarray) -> int:
    """How many λ have a 95 % interval without 0."""
    return int((np.abs(studentised(difference)) > stats.t.ppf(0.975, len(difference) - 1)).sum())


def most_outside(differences: list[np.ndarray]) -> float:
    """How many cells may lie outside their 95 % interval by chance, in dependent groups, each of shape (seeds, λ).

    The 99.9 % quantile of a binomial with as many trials as the cells are worth: their correlation over λ leaves about
    (Σ eigenvalues)²/Σ eigenvalues² independent ones.
    """
    worth = 0.0
    for difference in differences:
        eigenvalues = np.linalg.eigvalsh(np.corrcoef(difference.T))
        worth += eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    share = stats.binom.ppf(0.999, round(worth), 0.05) / round(worth)
    return float(share * sum(difference.shape[1] for difference in differences))


def test_every_run_up_to_300_has_the_status_ok_and_few_cells_lie_outside_their_interval(runs, off_by):
    """Else the means below would be of a selection: a run that ends by chance a little above its start counts."""
    assert (runs["status"] == "ok").all()
    # Every trained cell of five settings; 45 cells in five dependent groups, of which 5 % are expected outside.
    differences = [off_by(name) for name in (*MINIBATCHES, *FULL_BATCHES)]
    assert sum(map(outside, differences)) <= most_outside(differences)


@pytest.mark.parametrize("name", [*MINIBATCHES, *MANY, *FULL_BATCHES, "converged"])
def test_trained_cells_have_the_tabulated_risk(off_by, name):
    assert p_value(off_by(name)) > LEVEL


@pytest.mark.parametrize("name", [*MINIBATCHES, *FULL_BATCHES])
def test_solved_cells_have_ridge_s_exact_risk(runs, theory, name):
    setting = _setting(name)
    by_seed = ridge_risk(inputs(), np.full(200, setting.true_weight), setting.noise_std, LAM).total
    assert p_value(apart(measured(runs, name, ridge=True), shipped(theory, name, "ridge_risk", LAM), by_seed)) > LEVEL


@pytest.mark.parametrize("wrong", [0.97, 1.03])
def test_a_theory_three_per_cent_off_is_found_out_in_every_setting(off_by, wrong):
    for name in (*MINIBATCHES, *FULL_BATCHES, *MANY):
        assert p_value(off_by(name, wrong)) < LEVEL, name


@pytest.mark.parametrize("name", [*MINIBATCHES, *MANY])
def test_the_table_is_the_mean_over_seeds_part_by_part(theory, moments, name):
    parts = moments[name].risk(_setting(name))
    columns = {
        "sgd_risk": parts.total,
        "sgd_initialisation": parts.initialisation,
        "sgd_signal": parts.signal,
        "sgd_noise": parts.noise,
        "sgd_bias_term": parts.bias_term,
    }
    for quantity, by_seed in columns.items():
        found = shipped(theory, name, quantity, lam_of(name))
        np.testing.assert_allclose(found, by_seed.mean(axis=0), rtol=1e-12, err_msg=quantity)


@pytest.mark.parametrize("name", MINIBATCHES)
def test_with_twenty_samples_minibatches_move_the_expected_risk_by_less_than_half_a_per_cent(theory, name):
    """So the closed form of full batches is good to that along the chapter's learning curves."""
    exact, full = shipped(theory, name, "sgd_risk", LAM), closed_form(name, LAM).mean(axis=0)
    np.testing.assert_allclose(full, exact, rtol=5e-3)
    assert np.abs(full / exact - 1).max() > 2e-4  # it is not nothing


def test_full_batches_are_no_stand_in_with_many_samples_nor_where_decay_leaves_hardly_any_noise(runs, theory):
    exact, full = shipped(theory, "many", "sgd_risk", MANY_LAM), closed_form("many", MANY_LAM)
    assert abs(full.mean(axis=0)[0] / exact[0] - 1) > 0.2
    assert p_value(measured(runs, "many") - full) < LEVEL
    # Each step forgets the last at large ηλ, so the weights follow five samples' noise instead of twenty's.
    setting, lam = _setting("zero_init_noise_0.1"), LAM[[0, 5, 8]]
    exact = shipped(theory, "zero_init_noise_0.1", "sgd_noise", lam)
    full = gradient_descent_risk(diagonalised(inputs(), lam), setting, 400).noise[:, 0].mean(axis=0)
    none, ten, three_hundred = exact / full
    assert none == pytest.approx(1, abs=0.02)
    assert ten == pytest.approx(1, abs=0.1)
    assert 2 < three_hundred < 4
