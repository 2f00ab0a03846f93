"""The claims about weight decay (c01–c14) on studies whose answer is known: each can be supported and refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from claims import judged, measured, number, verdict
from claims.studies import constraint, linear_runs, risks, sample_sizes, smooth, theory
from regularization.claims.chapter.c15_few_samples_overfit import turning_points
from regularization.claims.chapter.c35_free_intercept import harm
from regularization.claims.evidence import Evidence
from regularization.claims.evidence import linear as linear_key
from regularization.claims.linear_models import excess_gap
from regularization.methods.adamw import AdamW
from regularization.methods.l2_penalty import L2Penalty
from regularization.settings import LinearRegressionSetting
from regularization.textbook.linear_regression import l1_penalty, train_from_scratch
from regularization.theory.data import training_sets

Cell = tuple[str, str, float]  # setting, method, λ
NONE, THREE = ("textbook", "none", 0.0), ("textbook", "l2_penalty", 3.0)


def test_weights_that_are_no_numbers_are_nowhere_and_choices_rest_on_validation_data(tmp_path):
    def cells(validation: float):
        return [
            ("zero_init_large_weights", "l2_penalty", lam, {"validation_loss": v, "train_loss": 0, "signal_error": e})
            for lam, v, e in ((1.0, 1, 1.5), (3.0, validation, 1.9), (10.0, 2, 1.8))
        ]

    assert measured("c07", linear_runs(cells(2))).effect == pytest.approx(0.3 / 0.5)
    assert measured("c07", linear_runs(cells(0.5))).effect == pytest.approx(-0.1 / 0.1)
    study = constraint(tmp_path, 1.0)
    file = tmp_path / "predictions_linear_regression.parquet"
    weights = pd.read_parquet(file)
    weights.loc[weights["run_id"] == weights["run_id"].iloc[0], "weight"] = np.nan
    weights.to_parquet(file)
    assert measured("c08", study).effect == np.inf


def test_the_account_says_what_goes_with_noise_and_initial_weights():
    parts = {
        "textbook": {"initialisation": 6, "fitted_noise": 1, "signal_error": 1},
        "textbook_noise_0": {"initialisation": 6, "signal_error": 1},
        "zero_init": {"fitted_noise": 1, "signal_error": 1},
    }
    found = measured("c02", linear_runs([(name, "none", 0.0, {"risk": 0.0, **own}) for name, own in parts.items()]))
    assert number(found, "gone", setting="textbook_noise_0") == pytest.approx(1 / 8)
    assert number(found, "gone", setting="zero_init") == pytest.approx(6 / 8)


CHAPTER = LinearRegressionSetting()


def textbook(setting: str = "textbook", n: int = 100):
    return linear_runs([(setting, "none", 0.0, {"train_loss": 1.0, "weight_norm": 1.0})], n=n)


@pytest.mark.arithmetic
def test_harm_of_a_penalised_intercept_is_scikit_learns():
    """Its ridge without an intercept, on inputs with a column of ones, is what penalises the intercept too."""
    x, y = training_sets(CHAPTER, range(2))
    expected = []
    for inputs, targets in zip(x, y[:, :, 0], strict=True):
        free = Ridge(alpha=3.0 * 20).fit(inputs, targets)
        decayed = Ridge(alpha=3.0 * 20, fit_intercept=False).fit(np.c_[inputs, np.ones(20)], targets).coef_
        errors = [
            ((w - 0.01) ** 2).sum() + (b - 0.05) ** 2
            for w, b in ((decayed[:-1], decayed[-1]), (free.coef_, free.intercept_))
        ]
        expected.append(errors[0] - errors[1])
    np.testing.assert_allclose(harm(Evidence(textbook(n=2), np.random.default_rng(0)), "textbook"), expected)


@pytest.mark.arithmetic
@pytest.mark.parametrize(
    ("claim_id", "setting", "broken", "wrong"),
    [
        ("c06", "textbook", "c06_infinite_decay_zero_weights.LAMS", np.zeros(8)),
        (
            "c37",
            "zero_init_noise_0.1",
            "c37_every_radius_has_a_lambda.constraint_multiplier",
            lambda x, y, w: 1 + w[:, 0],
        ),
        ("c46", "textbook", "c46_concise_takes_twice_the_step.CHAPTER_LAM", np.nan),
    ],
)
def test_closed_forms_that_are_broken_on_purpose_contradict(monkeypatch, claim_id, setting, broken, wrong):
    study = textbook(setting).replace(theory=theory(textbook={"stability_boundary": 650.0}))
    cells = [("textbook", "l2_penalty", 640.0, {"weight_norm": 0.001})]
    with_decay = linear_runs(cells, n=100)
    study = study.replace(runs=pd.concat([study.runs, with_decay.runs], ignore_index=True))
    assert verdict(claim_id, study) == "supported"
    monkeypatch.setattr(f"regularization.claims.chapter.{broken}", wrong)
    assert verdict(claim_id, study) in ("contradicted", "inconclusive")
    assert measured(claim_id, study).effect != 1


def test_the_gap_counts_only_beyond_that_of_a_constant():
    """A model that learns no weights has an intercept only: on average its gap is that of the mean of n targets."""
    _, y = training_sets(CHAPTER, range(2_000))
    means = y.mean(axis=1)[:, 0]
    risk = CHAPTER.noise_std**2 + 200 * CHAPTER.true_weight**2 + (means - CHAPTER.true_bias) ** 2
    train = ((y[:, :, 0] - means[:, None]) ** 2).mean(axis=1)
    study = linear_runs([("zero_init", "none", 0.0, {"risk": risk.mean(), "train_loss": train.mean()})], noise=0)
    evidence = Evidence(study, np.random.default_rng(0))
    assert excess_gap(evidence, linear_key(setting="zero_init")).mean() == pytest.approx(0, abs=0.01)


def test_the_way_of_a_risk_turns_where_it_does():
    assert turning_points([(10, 3.0), (20, 2.0), (50, 1.0), (100, 2.0), (200, 6.0), (500, 1.0)]) == [
        (10, 3.0), (50, 1.0), (200, 6.0), (500, 1.0),
    ]  # fmt: skip
    study = sample_sizes(2, 0.1, minimum_norm=(0.5, 0.1, 5, 0.2), noise=1e-9)
    [told] = [one for one in judged("c15", study).numbers if "way" in one]
    assert told.endswith("falling to 0.1 at n = 50, rising to 5 at n = 200, falling to 0.2 at n = 2000")


@pytest.mark.arithmetic
def test_constraint_and_penalty_are_as_far_apart_as_their_weights(tmp_path):
    found = measured("c08", constraint(tmp_path, 1.1, turned=1e-3))
    assert found.effect == number(found, "distance", lam=3)
    assert found.effect == pytest.approx(2 * np.sin(0.5e-3))
    assert number(found, "relative_risk") == pytest.approx(0.1)


@pytest.mark.arithmetic
def test_a_step_is_a_decay_and_the_usual_step_but_not_for_adam_with_l2_nor_a_rescaled_adamw(monkeypatch):
    def decays(optimiser: str) -> bool:
        numbers = measured("c09", risks({NONE: 1.0})).notes.numbers
        return next(
            bool(one.facts["decays"])
            for one in numbers
            if one.facts.get("optimiser") == optimiser and "decays" in one.facts
        )

    assert [decays(name) for name in ("adamw", "adam_l2", "torch.optim.AdamW", "torch.optim.Adam")] == [True, False] * 2
    monkeypatch.setattr(AdamW, "shrinkage", lambda self, learning_rate: 1.0)
    monkeypatch.setattr(AdamW, "penalty_gradient", L2Penalty.penalty_gradient)
    assert not decays("adamw")
    assert verdict("c09", risks({NONE: 1.0})) == "supported", "which speaks of SGD"


@pytest.mark.arithmetic
@pytest.mark.parametrize(
    ("broken", "wrong"),
    [
        ("regularization.methods.l2_penalty.L2Penalty.penalty_gradient", lambda self, w: 2 * self.lam * w),
        ("regularization.methods.weight_decay.WeightDecay.shrinkage", lambda self, learning_rate: 1 - self.lam),
        (
            "regularization.textbook.linear_regression.train_from_scratch.__kwdefaults__",
            {**(train_from_scratch.__kwdefaults__ or {}), "penalty": l1_penalty},
        ),
    ],
)
def test_any_one_wrong_step_contradicts(monkeypatch, broken, wrong):
    monkeypatch.setattr(broken, wrong)
    assert verdict("c09", risks({NONE: 1.0})) == "contradicted"


@pytest.mark.parametrize(
    ("loss", "without"), [(0.1, 1.0), (0.11, 2.0), (np.sqrt(0.1 * 0.11), np.sqrt(2.0)), (0.113, 2.0)]
)
def test_smoothness_is_compared_at_equal_training_loss(loss, without):
    """Between the two lengths of training, the Jacobian without decay is interpolated on the logarithms."""
    study = smooth(0.7, loss=loss, fewer=2.0, noise=1e-6)
    assert measured("c12", study).effect == pytest.approx(np.log(without / 0.7), abs=0.002)
