"""The account of trained linear models' risk: its parts are the run's own, and they add up, run by run."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import shared
from cohorts import train, trained
from regularization.analysis.theory_table import batch_orders, training_inputs
from regularization.columns import ACCOUNT_COLUMNS as COLUMNS
from regularization.columns import CROSS_TERMS, PARTS
from regularization.methods import method_class
from regularization.reporting.drawing import style
from regularization.settings import LinearRegressionSetting
from regularization.streams import generator
from regularization.study import plan
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.study.reading import validated
from regularization.theory.null_space import null_space_norm
from regularization.theory.ridge_risk import ridge_risk
from regularization.theory.sgd_risk import SgdMoments, sgd_moments
from regularization.theory.trajectory import contraction
from regularization.training.responses import responses
from regularization.training.risk_account import AccountError, account_table, check_sums
from studies import entry, raw, study

SMALL = {"n_train": 12, "n_features": 30, "epochs": 25, "learning_rate": 0.01}  # minibatches of 5, 5 and 2
SETTINGS = {name: {**SMALL, **own} for name, own in shared.cases(__file__).items()}
METHODS = ("none", "l2_penalty", "weight_decay", "input_noise", "dropout", "early_stopping", "ridge")
LAM, P = [0.5, 8, 40], [0.1, 0.6]
MANY_LAM, N_MANY = (0.0, 0.1, 0.3, 1.0, 3.0, 8.0, 20.0, 60.0), 480
LIKELY = 0.999  # how often chance alone passes a test of intervals


def account_entry(**changes):
    return entry("linear_regression", **{"settings": list(SETTINGS), "seeds": 4, "account": True, **changes})


def studied(*entries, **settings) -> Configuration:
    catalogue = {"linear_regression": {"textbook": {}, **SETTINGS, **settings}, "fashion_mnist": {"textbook": {}}}
    return study(*entries, settings=catalogue)


STUDY = studied(
    account_entry(methods=["none"]),
    account_entry(methods=["l2_penalty", "weight_decay", "input_noise", "early_stopping"], lam=LAM),
    account_entry(methods=["ridge"], lam=[0, *LAM]),
    account_entry(methods=["dropout"], p=P),
    entry("linear_regression", settings=["textbook"], methods=["none"], seeds=2),
)


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return trained(STUDY)


def account_of(configuration: Configuration, runs: pd.DataFrame) -> pd.DataFrame:
    """The account of the runs that the configuration asks it of."""
    planned = plan.runs(plan.cohorts(configuration))
    asked = runs[runs["run_id"].isin(planned.loc[planned["account"], "run_id"])]
    dtype = configuration.execution["linear_regression"].dtype
    return account_table(asked, configuration.settings["linear_regression"], dtype)


@pytest.fixture(scope="module")
def account(runs) -> pd.DataFrame:
    return account_of(STUDY, runs)


def test_every_affine_method_is_tried_and_every_run_asked_for_has_one_row_and_diverged_ones_none(account, runs):
    linear = {name for name in style.METHODS if "linear_regression" in method_class(name).experiments}
    assert set(METHODS) == {name for name in linear if method_class(name).affine} - {"dropout_weight_decay"}
    assert list(account.columns) == COLUMNS
    asked = runs[runs["setting"] != "textbook"]
    assert (asked["status"] == "diverged").any()
    assert account["run_id"].tolist() == asked.loc[asked["status"] == "ok", "run_id"].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_the_parts_add_up_to_the_risk_of_every_run_to_rounding(account, method):
    """Minibatches in the run's own order, its masks and its input noise: a path of its own for every run."""
    chosen = account[account["method"] == method]
    assert len(chosen) >= 4 * len(SETTINGS)
    np.testing.assert_allclose(chosen[list(PARTS)].sum(axis=1), chosen["risk"], rtol=1e-12)


@pytest.mark.arithmetic
def test_parts_depend_on_the_other_cells_by_rounding_only(account, runs):
    """A method's cells are columns of one program here, in however many columns there are."""
    few = studied(
        account_entry(methods=["weight_decay", "input_noise", "ridge"], lam=[8]),
        account_entry(methods=["dropout"], p=[0.6]),
    )
    found = account_of(few, runs).set_index("run_id")[list(PARTS)]
    whole = account.set_index("run_id").loc[found.index, list(PARTS)]
    largest = whole.abs().max(axis=1).to_numpy()[:, None]
    assert (np.abs(found - whole) <= 1e-9 * largest).to_numpy().all()
    assert 0 < len(found) < len(account)


def test_parts_are_nothing_where_there_is_nothing_to_leave_them(account):
    from_zero, noiseless = account[account["setting"] == "from_zero"], account[account["setting"] == "noiseless"]
    assert (from_zero[["initialisation", "initialisation_signal", "initialisation_noise"]] == 0).all(axis=None)
    assert (noiseless[["fitted_noise", "initialisation_noise", "signal_noise", "noise_floor"]] == 0).all(axis=None)
    assert (from_zero["fitted_noise"] > 0).all()
    assert (noiseless.loc[noiseless["method"] != "ridge", "initialisation"] > 0).all()
    assert (account.loc[account["method"] == "ridge", "initialisation"] == 0).all()


@pytest.mark.parametrize("method", ["l2_penalty", "dropout", "early_stopping"])
@pytest.mark.parametrize("name", ["noisy", "concise"])
def test_scaling_unit_responses_is_the_same_as_training_every_part_of_a_setting(account, method, name):
    """The direct way: the setting itself with two of the three switched off, trained from its own numbers."""
    setting = STUDY.settings["linear_regression"][name]
    alone = {
        "initialisation": {"true_weight": 0.0, "true_bias": 0.0, "noise_std": 0.0},
        "signal": {"init_std": 0.0, "bias_init_std": 0.0, "noise_std": 0.0},
        "noise": {"init_std": 0.0, "bias_init_std": 0.0, "true_weight": 0.0, "true_bias": 0.0},
    }
    catalogue = {part: replace(setting, **changes) for part, changes in alone.items()}
    keyed = {"p": P} if method == "dropout" else {"lam": LAM}
    parts = studied(
        entry("linear_regression", settings=list(alone), methods=[method], seeds=4, predictions=True, **keyed),
        **{part: asdict(task) for part, task in catalogue.items()},
    )
    result = train(plan.runs(plan.cohorts(parts)), dict(parts.settings["linear_regression"]))
    weights = result.predictions[result.predictions["item"] < setting.n_features].merge(
        result.runs[["run_id", "setting", "lam", "p", "seed"]], on="run_id"
    )
    cube = weights.pivot_table(index=["lam", "p", "seed", "item"], columns="setting", values="weight")
    i, s, n = (cube[part] for part in alone)
    s = s - setting.true_weight
    products = {
        "initialisation": i * i,
        "signal_error": s * s,
        "fitted_noise": n * n,
        "initialisation_signal": 2 * i * s,
        "initialisation_noise": 2 * i * n,
        "signal_noise": 2 * s * n,
    }
    chosen = account[(account["method"] == method) & (account["setting"] == name)].set_index(["lam", "p", "seed"])
    for part, product in products.items():
        direct = product.groupby(level=["lam", "p", "seed"]).sum()[chosen.index]
        np.testing.assert_allclose(chosen[part], direct, rtol=1e-9, atol=1e-13, err_msg=part)


def test_at_lam_0_what_the_data_cannot_see_of_the_initialisation_stays_and_the_rest_is_on_top(account, runs):
    joined = account.merge(runs[["run_id", "null_space_norm"]], on="run_id")
    for method, lam in (("none", 0.0), ("l2_penalty", 8.0)):
        chosen = joined[(joined["method"] == method) & (joined["lam"] == lam) & (joined["setting"] == "noisy")]
        assert len(chosen) == 4
        assert (chosen["initialisation"] > chosen["null_space_norm"] ** 2).all()
        setting = STUDY.settings["linear_regression"]["noisy"]
        keys = pd.DataFrame({"lam": [lam] * 4, "p": ["0"] * 4, "seed": range(4), "data_seed": range(4)})
        (unit,) = responses(keys, method, setting, [{"init_std": 1.0}])
        for seed in range(4):
            x = generator("data", seed, part=0).standard_normal((12, 30))
            start = generator("init", seed, part=0).standard_normal(30)
            invisible = np.linalg.svd(x)[2][12:]
            left = contraction(lam, setting.learning_rate, 25 * 3)
            np.testing.assert_allclose(invisible @ unit[seed, :-1], left * (invisible @ start), rtol=1e-9, atol=1e-12)
            norm = null_space_norm(x[None], unit[seed, None, :-1, None])[0, 0]
            own = chosen.loc[chosen["seed"] == seed, "null_space_norm"].item()
            assert own == pytest.approx(norm, rel=1e-9)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    methods = ["none", "l2_penalty", "ridge"]
    configuration = studied(account_entry(settings=["noisy"], methods=methods, lam=list(MANY_LAM), seeds=N_MANY))
    return account_of(configuration, trained(configuration))


def test_cross_terms_are_zero_on_average(many):
    """Initial weights and noise are independent and have mean zero: 4 standard errors."""
    for (method, _), cell in many.groupby(["method", "lam"]):
        for term in CROSS_TERMS if method != "ridge" else ["signal_noise"]:
            assert abs(cell[term].mean()) < 4 * cell[term].std() / N_MANY**0.5
            assert cell[term].std() > 0


@pytest.fixture(scope="module")
def expected() -> dict[str, np.ndarray]:
    """What theory expects of each of the many seeds' signal_error, fitted_noise and initialisation, (seeds, λ)."""
    setting, lam = STUDY.settings["linear_regression"]["noisy"], np.array(MANY_LAM)
    x = np.stack(list(training_inputs(setting.n_train, setting.n_features, N_MANY)))
    rates = np.full((len(lam), setting.epochs * setting.steps_per_epoch), setting.learning_rate)
    sgd = SgdMoments.joined(
        [
            sgd_moments(one, batch_orders(setting.n_train, setting.epochs, seed), setting.batch_size, rates, lam)
            for seed, one in enumerate(x)
        ]
    ).risk(setting)
    ridge = ridge_risk(x, np.full(setting.n_features, setting.true_weight), setting.noise_std, lam)
    return {
        "sgd signal_error": sgd.signal,
        "sgd fitted_noise": sgd.noise,
        "sgd initialisation": sgd.initialisation,
        "ridge signal_error": ridge.bias_squared,
        "ridge fitted_noise": ridge.variance,
    }


def by_seed(many: pd.DataFrame, kind: str, part: str) -> np.ndarray:
    """A part of ridge's or of SGD's account, shape (seeds, λ)."""
    chosen = many[(many["method"] == "ridge") == (kind == "ridge")]
    return chosen.pivot_table(index="seed", columns="lam", values=part).to_numpy()


@pytest.mark.parametrize("kind", ["ridge", "sgd"])
def test_signal_error_is_theory_s_squared_bias_of_every_seed_and_the_variance_averages_to_it(many, expected, kind):
    """Given the inputs and the batches nothing of it is random."""
    found = by_seed(many, kind, "signal_error")
    np.testing.assert_allclose(found, expected[f"{kind} signal_error"], rtol=1e-11, atol=1e-15)
    assert outside(many, expected, kind) <= allowed(kind)


PARTS_AND_THEORY = {"ridge": ["ridge fitted_noise"], "sgd": ["sgd fitted_noise", "sgd initialisation"]}


def outside(many: pd.DataFrame, expected: dict[str, np.ndarray], kind: str, wrong: float = 1.0) -> int:
    """How many 95 % intervals of measured minus expected means are without 0.

    Every λ has seeds of its own (and noise and initial weights are independent), so that intervals are independent.
    """
    found = 0
    for part in PARTS_AND_THEORY[kind]:
        difference = by_seed(many, *part.split()) - wrong * expected[part]
        for i in range(len(MANY_LAM)):
            own = difference[i :: len(MANY_LAM), i]
            found += bool(abs(own.mean()) > stats.t.ppf(0.975, len(own) - 1) * stats.sem(own))
    return found


def allowed(kind: str) -> int:
    """The most intervals without 0 that chance allows."""
    return int(stats.binom.ppf(LIKELY, len(PARTS_AND_THEORY[kind]) * len(MANY_LAM), 0.05))


@pytest.mark.parametrize("kind", ["ridge", "sgd"])
@pytest.mark.parametrize("wrong", [0.75, 1.25])
def test_a_variance_a_quarter_off_is_found_out(many, expected, kind, wrong):
    assert outside(many, expected, kind, wrong) > allowed(kind)


def test_ridge_s_variance_is_not_what_sgd_fits_of_the_noise(many, expected):
    """After 75 steps, and at λ that forget a batch at the next: the two theories are told apart."""
    swapped = expected | {"ridge fitted_noise": expected["sgd fitted_noise"]}
    assert outside(many, swapped, "ridge") > allowed("ridge")


def test_runs_that_grow_without_limit_add_up_to_the_digits_of_their_largest_part():
    """Close to the boundary, where runs end finite and far above their start but do not count as diverged yet."""
    part = account_entry(
        settings=["growing"], methods=["l2_penalty", "weight_decay"], lam=[185, 190, 193, 196, 200], seeds=10
    )
    configuration = studied(part, growing={**SMALL, "noise_std": 0.3, "epochs": 40})
    runs = trained(configuration)
    table = account_of(configuration, runs)
    assert runs.loc[runs["status"] == "ok", "weight_norm"].max() > 5 * 30**0.5 * 0.5
    assert (runs["status"] == "diverged").any()
    largest = table[list(PARTS)].abs().max(axis=1)
    np.testing.assert_array_less((table[list(PARTS)].sum(axis=1) - table["risk"]).abs(), 1e-11 * largest)


def test_sums_are_held_to_the_largest_part_and_in_single_precision_to_its_digits():
    """Two parts of a million that cancel leave nine digits after the point, not fifteen."""
    row = dict.fromkeys(PARTS, 0.0) | {"initialisation": 1e6, "fitted_noise": 1e6, "initialisation_noise": -2e6 + 1}
    account = pd.DataFrame([{"run_id": "run", **row, "risk": 1 + 1e-4}])
    check_sums(account, 1e-9)
    with pytest.raises(AccountError, match="run: parts 1, recorded"):
        check_sums(account, 1e-11)
    config = raw(account_entry(methods=["none", "l2_penalty"], lam=[8]))
    config["settings"] = {"linear_regression": SETTINGS, "fashion_mnist": {"textbook": {}}}
    config["execution"]["linear_regression"]["dtype"] = "float32"
    single = validated(config, check_machine=False)
    table = account_of(single, trained(single, "float32"))
    error = (table[list(PARTS)].sum(axis=1) / table["risk"] - 1).abs()
    assert 1e-9 < error.max() < 1e-4


def test_runs_trained_otherwise_or_missing_and_wrong_parts_are_found_out(runs, monkeypatch):
    """A minibatch size, a learning rate, a σ or a risk that is not the runs': the sums do not come out."""
    part = account_entry(methods=["l2_penalty"], lam=LAM)
    for changes in ({"batch_size": 4}, {"learning_rate": 0.0101}, {"noise_std": 0.31}, {"epochs": 24}):
        other = studied(part, noisy={**SETTINGS["noisy"], **changes})
        message = r"do not add up .* linear_regression:noisy:.*affine = True"
        with pytest.raises(AccountError, match=message):
            account_of(other, runs)
    tampered = runs.copy()
    chosen = (tampered["setting"] == "noisy") & (tampered["method"] == "l2_penalty") & (tampered["status"] == "ok")
    row = tampered.index[chosen][2]
    tampered.loc[row, "risk"] *= 1 + 1e-8
    with pytest.raises(AccountError, match="the parts of 1 of") as error:
        account_of(studied(part), tampered)
    assert tampered.loc[row, "run_id"] in str(error.value)
    assert f"{tampered.loc[row, 'risk']:.17g}" in str(error.value)
    # What the noise leads to, from another method's training.
    noise = {"noise_std": 1.0}

    def wrong(keys, method, setting, sources):
        found = responses(keys, method, setting, sources)
        if noise in sources and method == "l2_penalty":
            found[sources.index(noise)] = responses(keys, "none", setting, [noise])[0]
        return found

    monkeypatch.setattr("regularization.training.risk_account.responses", wrong)
    with pytest.raises(AccountError, match=r"l2_penalty:lam="):
        account_of(STUDY, runs)


def test_nothing_has_an_account_of_nothing_and_a_norm_constraint_has_none():
    zeros = {"init_std": 0.0, "noise_std": 0.0, "true_weight": 0.0, "true_bias": 0.0}
    configuration = studied(account_entry(settings=["nothing"], seeds=2), nothing={**SMALL, **zeros})
    table = account_of(configuration, trained(configuration))
    assert (table[[*PARTS, "risk"]] == 0).all(axis=None)
    keys = pd.DataFrame({"lam": [1.0], "p": ["0"], "seed": [0], "data_seed": [0]})
    with pytest.raises(ValueError, match="norm_constraint is not affine"):
        responses(keys, "norm_constraint", LinearRegressionSetting(), [{"noise_std": 1.0}])
    with pytest.raises(ConfigurationError, match="norm_constraint is not affine"):
        studied(account_entry(methods=["norm_constraint"], lam=[1]))


def test_a_cohort_has_the_account_that_its_entries_ask_for_and_else_an_empty_one(account):
    tables = []
    for asked in (True, False):
        configuration = studied(account_entry(settings=["noisy"], methods=["none"], account=asked))
        runs = plan.runs(plan.cohorts(configuration))
        tables.append(train(runs, configuration.settings["linear_regression"]).account)
    of_cohort, empty = tables
    expected = account[(account["setting"] == "noisy") & (account["method"] == "none")].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_cohort, expected, rtol=1e-12)
    assert len(empty) == 0
    assert list(empty.columns) == COLUMNS
    assert empty.dtypes.to_dict() == of_cohort.dtypes.to_dict()
