"""The claims about weight decay (c01–c14) on studies whose answer is known: each can be supported and refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from claims import failed, measured, number, verdict
from claims.studies import constraint, large_truth, linear, path, risks, smooth, theory, with_account
from regularization.claims.chapter.c14_decay_is_harmless_for_large_truth import minimisers_increase
from regularization.methods.adamw import AdamW
from regularization.methods.l2_penalty import L2Penalty

Cell = tuple[str, str, float]  # setting, method, λ
NONE, THREE = ("textbook", "none", 0.0), ("textbook", "l2_penalty", 3.0)


def test_weights_that_are_no_numbers_and_lucky_means_do_not_hold(tmp_path):
    zero = {("zero_init", "none", 0.0): 10.0, ("zero_init", "l2_penalty", 3.0): 9.999}
    assert failed("c03", risks({NONE: 100, THREE: 1, **zero}, noise=1)) == [
        "λ = 3 lowers the mean risk in zero init too"
    ]
    cells = path({1.0: (1, 0.1), 3: (3, 0.1), 10: (2, 0.2)})
    cells["textbook", "l2_penalty", 3.0]["validation_loss"] = 0.5
    assert verdict("c07", linear(cells)) == "contradicted", "only test data would choose λ = 1"
    study = constraint(tmp_path, 1.0)
    file = tmp_path / "predictions_linear_regression.parquet"
    weights = pd.read_parquet(file)
    weights.loc[weights["run_id"] == weights["run_id"].iloc[0], "weight"] = np.nan
    weights.to_parquet(file)
    assert measured("c08", study).effect == np.inf


def test_the_account_says_where_the_gain_comes_from_and_what_goes_with_noise_and_initial_weights():
    study = with_account(
        risks({NONE: 10, THREE: 2}),
        {NONE: {"initialisation": 8, "signal_error": 2}, THREE: {"initialisation": 2, "signal_error": 3}},
    )
    share = number(measured("c03", study), "part_removed", part="initialisation", setting="textbook")
    assert share == pytest.approx((8 - 2) / (10 - 5))
    cells = {(name, "none", 0.0): 0.0 for name in ("textbook", "textbook_noise_0", "zero_init")}
    parts = dict(
        zip(
            cells,
            (
                {"initialisation": 6, "fitted_noise": 1, "signal_error": 1},
                {"initialisation": 6, "signal_error": 1},
                {"fitted_noise": 1, "signal_error": 1},
            ),
            strict=True,
        )
    )
    found = measured("c02", with_account(risks(cells), parts))
    assert number(found, "gone", setting="textbook_noise_0") == pytest.approx(1 / 8)
    assert number(found, "gone", setting="zero_init") == pytest.approx(6 / 8)


def test_no_harm_with_20_samples_is_qualified_by_the_harm_with_500_which_is_scikit_learns_ridges():
    setting = "zero_init_large_weights"
    constants = theory(**{setting: {"mean_predictor_risk": 2.01, "noise_floor": 0.01}})
    settings = pd.DataFrame({"experiment": ["linear_regression"], "setting": [setting], "n_features": [200]})
    study = large_truth(1.81, 1.83, theory=constants, settings=settings)
    assert failed("c14", study) == ["with 500 samples too (minimiser, closed form)"]
    assert number(measured("c14", study), "lost") == pytest.approx(0.1, rel=0.05)
    noise_only = theory(**{setting: {"mean_predictor_risk": 100.02, "noise_floor": 100.0}})
    assert verdict("c14", large_truth(1.81, 1.83, theory=noise_only, settings=settings)) == "supported", (
        "here decay is right to shrink"
    )
    rng = np.random.default_rng(0)
    n, d, sigma, truth = 500, 200, 0.1, np.full(200, 0.1)
    increases = []
    for _ in range(5):
        x = rng.standard_normal((n, d))
        y = x @ truth + sigma * rng.standard_normal(n)
        fits = [Ridge(alpha=alpha).fit(x, y) for alpha in (1e-9, 3.0 * n)]
        none, decay = (sigma**2 + ((fit.coef_ - truth) ** 2).sum() + fit.intercept_**2 for fit in fits)
        increases.append(decay / none - 1)
    assert minimisers_increase(d, 2.0, 0.01, np.random.default_rng(1)) == pytest.approx(np.mean(increases), rel=0.15)


@pytest.mark.arithmetic
def test_constraint_and_penalty_are_as_far_apart_as_their_weights(tmp_path):
    found = measured("c08", constraint(tmp_path, 1.1, turned=1e-3))
    assert found.effect == number(found, "distance", lam=3)
    assert found.effect == pytest.approx(2 * np.sin(0.5e-3))
    assert number(found, "relative_risk") == pytest.approx(0.1)


@pytest.mark.arithmetic
def test_a_step_is_a_decay_and_the_usual_step_but_not_for_adam_with_l2_nor_a_rescaled_adamw(monkeypatch):
    assert failed("c09", risks({NONE: 1.0})) == ["Adam with an L2 penalty decays them by 1 − ηλ too"]
    monkeypatch.setattr(AdamW, "shrinkage", lambda self, learning_rate: 1.0)
    monkeypatch.setattr(AdamW, "penalty_gradient", L2Penalty.penalty_gradient)
    assert "AdamW's weights decay by 1 − ηλ beside Adam's step" in failed("c09", risks({NONE: 1.0}))


@pytest.mark.arithmetic
@pytest.mark.parametrize(
    ("broken", "wrong"),
    [
        ("regularization.methods.l2_penalty.L2Penalty.penalty_gradient", lambda self, w: 2 * self.lam * w),
        ("regularization.methods.weight_decay.WeightDecay.shrinkage", lambda self, learning_rate: 1 - self.lam),
        ("regularization.textbook.linear_regression.l2_penalty", lambda w: w.abs().sum()),
    ],
)
def test_any_one_wrong_step_contradicts(monkeypatch, broken, wrong):
    monkeypatch.setattr(broken, wrong)
    assert verdict("c09", risks({NONE: 1.0})) == "contradicted"


@pytest.mark.parametrize(
    ("given", "effect"),
    [({}, np.log(1 / 0.7)), ({"loss": 0.11, "shorter": 0.9}, np.log(0.9 / 0.7)), ({"shorter": 0.9}, np.log(1 / 0.7))],
)
def test_smoothness_is_compared_at_equal_training_loss(given, effect):
    assert measured("c12", smooth(0.7, **given)).effect == pytest.approx(effect, abs=0.002)
