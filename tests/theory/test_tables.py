"""The theory table: what is drawn over the measurements agrees with measurements made on the spot."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from regularization.configuration import Configuration
from regularization.textbook.runs import train_linear
from regularization.theory.tables import COLUMNS, theory_table
from studies import ROOT, entry, study

STUDY = study(
    entry(
        "weight_decay",
        settings=["textbook", "textbook_noise_0.1", "concise_mapped", "samples_100"],
        methods=["none", "l2_penalty", "ridge"],
        lam=[0, 0.7, 3, 6],
        optimal_lam=True,
    )
)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return theory_table(STUDY, n_seeds=8)


def values(table: pd.DataFrame, setting: str, quantity: str) -> pd.Series:
    chosen = table[(table["setting"] == setting) & (table["quantity"] == quantity)]
    return chosen.set_index("lam")["value"]


def test_every_setting_has_every_quantity_at_the_study_s_own_lam(table):
    assert list(table.columns) == COLUMNS
    assert (table["experiment"] == "weight_decay").all()
    assert not table.duplicated(["setting", "quantity", "lam"]).any()
    for setting, optimum in {
        "textbook": 0.05,
        "textbook_noise_0.1": 5,
        "concise_mapped": 0.05,
        "samples_100": 1,
    }.items():
        for quantity in ("ridge_risk", "asymptotic_ridge_risk", "null_space_norm"):
            assert {0, 0.7, 3, 6, optimum} <= set(values(table, setting, quantity).index)
        for quantity in ("optimal_lam", "noise_floor", "mean_predictor_risk", "stability_boundary"):
            assert len(values(table, setting, quantity)) == 1
    assert set(table.loc[table["setting"] == "samples_100", "n_train"]) == {100}


def test_the_parts_of_ridge_s_risk_add_up(table):
    parts = ["ridge_bias_squared", "ridge_variance", "ridge_intercept_error"]
    for setting in STUDY.study[0].settings:
        total = sum(values(table, setting, part) for part in parts) + values(table, setting, "noise_floor").iloc[0]
        np.testing.assert_allclose(total, values(table, setting, "ridge_risk"), rtol=1e-12)


def test_scikit_learn_s_ridge_on_the_same_inputs_with_fresh_noise_has_the_tabulated_risk(table):
    """400 noise draws for each of the eight training sets of σ = 0.1, λ = 3; 5 standard errors of the noise."""
    rng = np.random.default_rng(0)
    from regularization.theory.tables import training_inputs

    risks = []
    for x in training_inputs(20, 200, 8):
        y = 0.05 + x.sum(axis=1, keepdims=True) * 0.01 + 0.1 * rng.standard_normal((20, 400))
        fit = Ridge(alpha=20 * 3).fit(x, y)
        risks.append(0.01 + ((fit.coef_ - 0.01) ** 2).sum(axis=1) + (fit.intercept_ - 0.05) ** 2)
    standard_error = (np.var(risks, axis=1).mean() / (8 * 400)) ** 0.5
    assert values(table, "textbook_noise_0.1", "ridge_risk")[3] == pytest.approx(np.mean(risks), abs=5 * standard_error)


@pytest.mark.parametrize(
    ("setting", "method", "lam"), [("textbook", "l2_penalty", 3), ("concise_mapped", "weight_decay", 6)]
)
def test_plain_loops_leave_the_tabulated_norm_in_the_null_space(table, setting, method, lam):
    """Root mean square over ten seeds, each a χ with 180 degrees of freedom: 5 standard errors are 8 %."""
    task = STUDY.settings["weight_decay"][setting]
    norms = [train_linear(task, method, lam=lam, seed=seed)["null_space_norm"] for seed in range(10)]
    assert np.mean(np.square(norms)) ** 0.5 == pytest.approx(values(table, setting, "null_space_norm")[lam], rel=0.09)


def test_descending_the_squared_error_without_the_half_needs_twice_the_lam_for_the_same_minimiser(table):
    """And half the learning rate for the same path: then η·λ, and with it the boundary relative to λ, stays."""
    for quantity in ("ridge_risk", "asymptotic_ridge_risk", "null_space_norm"):
        assert values(table, "concise_mapped", quantity)[6] == pytest.approx(values(table, "textbook", quantity)[3])
    for quantity in ("optimal_lam", "stability_boundary"):
        assert values(table, "concise_mapped", quantity).item() == pytest.approx(
            2 * values(table, "textbook", quantity).item()
        )


def test_the_chapter_s_landmarks(table):
    """The floor σ², the mean predictor at σ² + ‖w*‖², divergence near 650, 13.4 in the null space at λ = 0."""
    noisy = {name: values(table, "textbook_noise_0.1", name) for name in set(table["quantity"])}
    assert noisy["noise_floor"].item() == pytest.approx(0.01)
    assert noisy["mean_predictor_risk"].item() == pytest.approx(0.03)
    assert noisy["stability_boundary"].item() == pytest.approx(650, abs=3)
    assert noisy["null_space_norm"][0] == pytest.approx(180**0.5)
    best = noisy["ridge_risk"].idxmin()
    assert 2 < best < 12
    assert noisy["ridge_risk"].min() > 0.028  # even the best λ hardly beats predicting the mean


def test_intervals_belong_to_what_was_averaged_over_training_sets(table):
    averaged = table["quantity"].str.startswith("ridge_") | (table["quantity"] == "stability_boundary")
    inside = table[averaged]
    assert ((inside["ci_low"] <= inside["value"]) & (inside["value"] <= inside["ci_high"])).all()
    assert table.loc[~averaged, ["ci_low", "ci_high"]].isna().all(axis=None)


def test_a_study_without_linear_regression_has_an_empty_table_of_the_same_columns():
    empty = theory_table(study(entry("dropout")))
    assert len(empty) == 0
    assert list(empty.columns) == COLUMNS


def test_the_script_writes_parquet_and_csv(tmp_path):
    small = study(entry("weight_decay", settings=["textbook"], methods=["ridge"], lam=[0, 3]))
    config, output = tmp_path / "config.json", tmp_path / "tables" / "theory.parquet"
    config.write_text(small.as_json(), encoding="utf-8")
    assert Configuration.from_json(small.as_json()) == small
    command = [sys.executable, "scripts/make_theory.py", "--config", str(config), "--output", str(output)]
    subprocess.run(command, cwd=ROOT, check=True)
    written = pd.read_parquet(output)
    pd.testing.assert_frame_equal(written, pd.read_csv(output.with_suffix(".csv")), check_dtype=False)
    assert {0, 3} <= set(written["lam"])
