"""The theory table: what is drawn over the measurements agrees with measurements made on the spot."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import Ridge

from regularization.analysis import theory_table as module
from regularization.analysis.theory_table import COLUMNS, theory_table, training_inputs
from regularization.study.configuration import Configuration
from regularization.theory.equivalences import input_dropout_weights
from regularization.theory.ridge_risk import ridge_risk
from regularization.theory.stability import stability_boundary
from regularization.training.tasks.linear_regression import LinearRegression
from studies import entry, program, study


def linear(settings: str | list[str], methods: str | list[str], seeds: int, **changes) -> dict:
    """An entry of the study; names in one text are separated by spaces."""
    settings, methods = (names.split() if isinstance(names, str) else names for names in (settings, methods))
    return entry("linear_regression", settings=settings, methods=methods, seeds=seeds, **changes)


SETTINGS = ["textbook", "textbook_noise_0.1", "concise_mapped", "samples_100"]
STUDY = study(
    linear(SETTINGS, "none l2_penalty ridge", 8, lam=[0, 0.7, 3, 6], optimal_lam=True),
    linear("zero_init_noise_0.1", "early_stopping", 8, lam=[1, 3, 30]),
    linear("zero_init_noise_0.1", "dropout", 5, p=[0.3, 0.5]),
    linear("zero_init_noise_0.1 concise_mapped", "input_noise norm_constraint", 3, lam=[1, 3]),
    linear("converged_cosine", "input_noise", 2, lam=[1, 3]),
    linear("samples_50 small_init_noise_0.1", "ridge", 3, lam=[0, 3]),
)
PARTS = {
    "sgd_risk": ["sgd_initialisation", "sgd_signal", "sgd_noise", "sgd_bias_term"],
    "ridge_risk": ["ridge_bias_squared", "ridge_variance", "ridge_intercept_error"],
}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return theory_table(STUDY)


def catalogue(**settings: dict) -> dict:
    return {"linear_regression": {"textbook": {}, **settings}, "fashion_mnist": {"textbook": {}}}


def values(table: pd.DataFrame, setting: str, quantity: str) -> pd.Series:
    chosen = table[(table["setting"] == setting) & (table["quantity"] == quantity)]
    return chosen.set_index("lam")["value"]


def test_every_setting_has_every_quantity_at_its_own_lam_and_the_chapter_s_landmarks(table):
    assert list(table.columns) == COLUMNS
    assert (table["experiment"] == "linear_regression").all()
    assert not table.duplicated(["setting", "quantity", "lam"]).any()
    for setting, optimum in zip(SETTINGS, (0.05, 5, 0.05, 1), strict=True):
        for quantity in ("ridge_risk", "asymptotic_ridge_risk", "null_space_norm"):
            assert {0, 0.7, 3, 6, optimum} <= set(values(table, setting, quantity).index)
        for quantity in ("optimal_lam", "noise_floor", "mean_predictor_risk", "stability_boundary"):
            assert len(values(table, setting, quantity)) == 1
    assert set(table.loc[table["setting"] == "samples_100", "n_train"]) == {100}
    # The floor σ², the mean predictor at σ² + ‖w*‖², divergence near 650, 13.4 in the null space at λ = 0.
    noisy = {name: values(table, "textbook_noise_0.1", name) for name in set(table["quantity"])}
    assert noisy["noise_floor"].item() == pytest.approx(0.01)
    assert noisy["mean_predictor_risk"].item() == pytest.approx(0.03)
    assert noisy["stability_boundary"].item() == pytest.approx(650, abs=3)
    assert noisy["null_space_norm"][0] == pytest.approx(180**0.5)
    assert noisy["null_space_norm"][3] == pytest.approx(180**0.5 * (1 - 0.003 * 3) ** 400)
    best = noisy["ridge_risk"].idxmin()
    assert 2 < best < 12
    assert noisy["ridge_risk"].min() > 0.028  # even the best λ hardly beats predicting the mean


@pytest.mark.parametrize("parts", PARTS)
def test_the_parts_of_a_risk_add_up(table, parts):
    for setting in SETTINGS:
        total = sum(values(table, setting, part) for part in PARTS[parts])
        total = total + values(table, setting, "noise_floor").iloc[0]
        np.testing.assert_allclose(total, values(table, setting, parts), rtol=1e-12)


def mean_risk(fitted, n_seeds, draws):
    """Of what is fitted to the seeds' inputs with as many draws of the noise each: 5 standard errors of the noise."""
    rng, risks = np.random.default_rng(0), []
    for x in training_inputs(20, 200, n_seeds):
        y = 0.05 + x.sum(axis=1, keepdims=True) * 0.01 + 0.1 * rng.standard_normal((20, draws))
        weights, intercepts = fitted(x, y)
        risks.append(0.01 + ((weights - 0.01) ** 2).sum(axis=0) + (intercepts - 0.05) ** 2)
    return pytest.approx(np.mean(risks), abs=5 * (np.var(risks, axis=1).mean() / np.size(risks)) ** 0.5)


def test_scikit_learn_s_ridge_on_the_same_inputs_with_fresh_noise_has_the_tabulated_risk(table):
    """400 noise draws for each of the eight training sets of σ = 0.1, λ = 3."""

    def fitted(x, y):
        fit = Ridge(alpha=20 * 3).fit(x, y)
        return fit.coef_.T, fit.intercept_

    assert values(table, "textbook_noise_0.1", "ridge_risk")[3] == mean_risk(fitted, 8, 400)


def test_descending_the_squared_error_without_the_half_needs_twice_the_lam_for_the_same_minimiser(table):
    """And half the learning rate for the same path: then η·λ, and with it the boundary relative to λ, stays."""
    for quantity in ("ridge_risk", "asymptotic_ridge_risk", "null_space_norm"):
        assert values(table, "concise_mapped", quantity)[6] == pytest.approx(values(table, "textbook", quantity)[3])
    for quantity in ("optimal_lam", "stability_boundary"):
        mapped, own = (values(table, setting, quantity).item() for setting in ("concise_mapped", "textbook"))
        assert mapped == pytest.approx(2 * own)


def test_intervals_and_the_stability_boundary_belong_to_what_was_averaged_over_training_sets(table):
    exact = ["asymptotic_ridge_risk", "null_space_norm", "optimal_lam", "noise_floor", "mean_predictor_risk"]
    averaged = ~table["quantity"].isin(exact)
    inside = table[averaged]
    assert ((inside["ci_low"] <= inside["value"]) & (inside["value"] <= inside["ci_high"])).all()
    assert table.loc[~averaged, ["ci_low", "ci_high"]].isna().all(axis=None)
    x = np.stack(list(training_inputs(20, 200, 8)))
    exact = stability_boundary(x, 0.003).mean()
    assert values(table, "textbook", "stability_boundary").item() == pytest.approx(exact, rel=1e-9)


def test_what_is_trained_and_its_references_stand_at_the_very_strengths(table):
    assert set(values(table, "samples_100", "sgd_risk").index) == {0, 0.7, 1, 3, 6}
    for quantity in (*PARTS["sgd_risk"], "sgd_risk", "stability_boundary"):
        assert values(table, "samples_50", quantity).empty
    assert set(table.loc[table["quantity"] == "early_stopping_risk", "setting"]) == {"zero_init_noise_0.1"}
    assert set(values(table, "zero_init_noise_0.1", "early_stopping_risk").index) == {1, 3, 30}
    assert values(table, "zero_init_noise_0.1", "sgd_risk").empty  # no plain SGD there
    # Dropout at p/(1 − p); trained runs where their steps are not too many.
    named = {"input_noise": {1, 3}, "norm_constraint": {1, 3}, "dropout": {0.3 / 0.7, 1}}
    for method, strengths in named.items():
        assert set(values(table, "zero_init_noise_0.1", f"{method}_minimiser_risk").index) == strengths
    for method in ("input_noise", "dropout"):
        assert set(values(table, "zero_init_noise_0.1", f"{method}_risk").index) == named[method]
    assert values(table, "converged_cosine", "input_noise_risk").empty
    assert set(values(table, "converged_cosine", "input_noise_minimiser_risk").index) == {1, 3}
    assert not table["quantity"].isin(["norm_constraint_risk"]).any()


def test_sgd_is_followed_through_the_batches_of_few_seeds_where_samples_are_many(table, monkeypatch):
    """Three of eight here; the intervals say how few they are."""
    monkeypatch.setattr(module, "FOLLOWED", {50: 200, 100: 3})
    assert [module.n_followed(n) for n in (20, 50, 51, 100, 101, 500)] == [200, 200, 3, 3, module.FEW, module.FEW]
    tables = (theory_table(study(linear("samples_100", "none", seeds))) for seeds in (8, 3))
    few, fewer, all_eight = (values(one, "samples_100", "sgd_risk")[0] for one in (*tables, table))
    assert few == fewer != all_eight


def test_minimisers_under_noise_constraint_and_dropout_have_the_tabulated_risk(table):
    """Over the three seeds of their cells; SGD without the ½ has the same minimiser under the same noise."""
    x = np.stack(list(training_inputs(20, 200, 3)))
    for setting, noise_std in (("zero_init_noise_0.1", 0.1), ("concise_mapped", 0.01)):
        exact = ridge_risk(x, np.full(200, 0.01), noise_std, np.array([1.0, 3.0])).total.mean(axis=0)
        for method in ("input_noise", "norm_constraint"):
            np.testing.assert_allclose(values(table, setting, f"{method}_minimiser_risk"), exact, rtol=1e-12)
    # The minimisers of five data sets with 2,000 draws of the labels' noise each.

    def fitted(x, y):
        weights, intercepts = input_dropout_weights(x[None], y[None], 0.3)
        return weights[0], intercepts[0, 0]

    assert values(table, "zero_init_noise_0.1", "dropout_minimiser_risk")[0.3 / 0.7] == mean_risk(fitted, 5, 2000)


def test_early_stopping_s_risk_is_that_of_as_many_steps_and_in_full_batches_the_closed_form(table):
    """λ = 1/(8·0.003), for which training stops after two epochs of four batches: a setting of two epochs."""
    lam = 1 / (8 * 0.003)
    setting = asdict(replace(STUDY.settings["linear_regression"]["zero_init_noise_0.1"], epochs=2))
    stopped = theory_table(study(linear("zero_init_noise_0.1", "early_stopping", 8, lam=[1, lam])))
    short = theory_table(study(linear("short", "none", 8), settings=catalogue(short=setting)))
    found = values(stopped, "zero_init_noise_0.1", "early_stopping_risk")
    assert found[lam] == pytest.approx(values(short, "short", "sgd_risk")[0], rel=1e-12)
    assert found[1] == pytest.approx(values(table, "zero_init_noise_0.1", "early_stopping_risk")[1], rel=1e-12)
    # Ali et al. 2019: the excess risk at t = 1/λ is at most 1.69 times ridge's (there without intercept).
    stopped = values(table, "zero_init_noise_0.1", "early_stopping_risk") - 0.01
    ridge = (values(table, "zero_init_noise_0.1", "ridge_risk") - 0.01)[stopped.index]
    assert (stopped / ridge).between(0.85, 1.69).all()
    # λ = 3 stops after 111 steps: a setting of 111 epochs of one step.
    long, short = ({"batch_size": 20, "noise_std": 0.1, "epochs": epochs} for epochs in (200, 111))
    entries = (linear("long", "early_stopping", 4, lam=[3]), linear("short", "none", 4))
    both = theory_table(study(*entries, settings=catalogue(long=long, short=short)))
    assert values(both, "long", "early_stopping_risk")[3] == pytest.approx(values(both, "short", "sgd_risk")[0])


def test_what_is_averaged_is_averaged_over_the_very_inputs_that_the_setting_s_runs_see(table):
    """Three seeds in two settings (one shares its n with settings that have eight); at most as many as asked for."""
    for setting, n in (("small_init_noise_0.1", 20), ("samples_50", 50)):
        x = np.stack(list(training_inputs(n, 200, 3)))
        exact = ridge_risk(x, np.full(200, 0.01), 0.1, np.array([3.0])).total[:, 0]
        row = table[(table["setting"] == setting) & (table["quantity"] == "ridge_risk") & (table["lam"] == 3)]
        assert row["value"].item() == pytest.approx(exact.mean(), rel=1e-12)
        half = stats.t.ppf(0.975, 2) * exact.std(ddof=1) / 3**0.5
        assert row["ci_high"].item() - row["value"].item() == pytest.approx(half, rel=1e-9)
    fewer = theory_table(STUDY, max_seeds=2)
    assert values(fewer, "samples_50", "ridge_risk")[3] == pytest.approx(exact[:2].mean(), rel=1e-12)
    cells = pd.DataFrame({"setting": ["samples_50"], "lam": [0.0], "p": [0.0]})
    runs = cells.merge(pd.DataFrame({"seed": [0, 1, 2], "data_seed": [0, 1, 2]}), how="cross")
    settings = {"samples_50": STUDY.settings["linear_regression"]["samples_50"]}
    run = LinearRegression(cells, settings, runs)
    np.testing.assert_array_equal(run.inputs(), x)


def test_a_single_seed_has_no_interval_divergence_is_infinite_and_without_linear_regression_nothing_is():
    lonely = theory_table(study(linear("converged", "none l2_penalty", 1, lam=[1000])))
    risk = lonely[lonely["quantity"] == "sgd_risk"]
    assert risk.loc[risk["lam"] == 0, "value"].item() == pytest.approx(0.03, abs=0.02)
    assert risk["ci_low"].isna().all()
    assert np.isinf(risk["value"].max())
    assert not risk["value"].isna().any()
    empty = theory_table(study(entry("fashion_mnist")))
    assert len(empty) == 0
    assert list(empty.columns) == COLUMNS


def test_the_script_writes_parquet_and_csv(tmp_path):
    small = study(linear("textbook", "ridge", 2, lam=[0, 3]))
    config, output = tmp_path / "config.json", tmp_path / "tables" / "theory.parquet"
    config.write_text(small.as_json(), encoding="utf-8")
    assert Configuration.from_json(small.as_json()) == small
    program("make_theory", "--config", config, "--output", output).check_returncode()
    written = pd.read_parquet(output)
    pd.testing.assert_frame_equal(written, pd.read_csv(output.with_suffix(".csv")), check_dtype=False)
    assert {0, 3} <= set(written["lam"])
