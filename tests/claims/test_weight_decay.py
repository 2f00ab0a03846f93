"""The claims about weight decay (c01–c14) on studies whose answer is known: each can be supported and refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from claims import failed, judged, measured, number, verdict
from regularization.analysis.tables import Tables
from regularization.claims.chapter.c14_decay_is_harmless_for_large_truth import minimisers_increase
from regularization.methods.adamw import AdamW
from regularization.methods.l2_penalty import L2Penalty
from synthetic import cell, tables

Cell = tuple[str, str, float]  # setting, method, λ
NONE, THREE = ("textbook", "none", 0.0), ("textbook", "l2_penalty", 3.0)


def linear(metrics: Mapping[Cell, Mapping[str, float]], *, n: int = 12, noise: float = 0.001, **others) -> Tables:
    """Cells of the linear experiment by setting, method and λ."""
    rng = np.random.default_rng(0)
    cells = [
        cell("linear_regression", setting, method, lam, "0", rng, n=n, noise=noise, **means)
        for (setting, method, lam), means in metrics.items()
    ]
    return tables(*cells, **others)


def risks(values: Mapping[Cell, float], train_loss: float = 0.0, **others) -> Tables:
    return linear({key: {"risk": risk, "train_loss": train_loss} for key, risk in values.items()}, **others)


def with_account(study: Tables, parts: Mapping[Cell, Mapping[str, float]]) -> Tables:
    """The study with an account of its risks: what is not in `parts` is 0, and σ² too."""
    names = ("initialisation", "signal_error", "fitted_noise", "bias_term_error", "noise_floor")
    account = study.runs[["run_id", "setting", "method", "lam", "seed", "data_seed"]].copy()
    keys = list(account[["setting", "method", "lam"]].itertuples(index=False, name=None))
    for name in names:
        account[name] = [parts[key].get(name, 0.0) for key in keys]
    return study.replace(account=account.assign(risk=account[list(names)].sum(axis=1)))


def theory(**constants: Mapping[str, float]) -> pd.DataFrame:
    """Constants by setting."""
    rows = [
        ("linear_regression", setting, quantity, np.nan, value)
        for setting, quantities in constants.items()
        for quantity, value in quantities.items()
    ]
    return pd.DataFrame(rows, columns=["experiment", "setting", "quantity", "lam", "value"])


# --- overfitting at λ = 0 and at λ = 3 (c01–c04) --------------------------------------------------------------


def overfitting(risk: float, train_loss: float, noise: float = 0.001, **others: tuple[float, float]) -> Tables:
    """The textbook without weight decay, and other settings: (risk, training loss)."""
    cells = {"textbook": (risk, train_loss), **{name.replace("noise_01", "noise_0.1"): v for name, v in others.items()}}
    return linear({(name, "none", 0.0): {"risk": r, "train_loss": t} for name, (r, t) in cells.items()}, noise=noise)


def test_without_weight_decay_the_gap_decides_and_must_be_large_and_everywhere():
    assert verdict("c01", overfitting(3, 1)) == "supported"
    assert failed("c01", overfitting(3, 2)) == ["the gap is at least half of the risk in every seed"]
    assert failed("c01", overfitting(3, 1, zero_init=(1, 1.5))) == ["in zero init too, in every seed"]
    assert failed("c01", overfitting(3, 1, zero_init=(2, 1), zero_init_noise_01=(1, 1))) == [
        "in zero init noise 0.1 too, in every seed"
    ]
    assert verdict("c01", overfitting(1, 3)) == "contradicted"
    assert verdict("c01", overfitting(1, 1, noise=1)) == "inconclusive"


def test_fitted_noise_is_the_cause_only_if_most_of_the_excess_is_fitted_noise():
    def study(**parts: float) -> Tables:
        return with_account(risks({NONE: 0.0}), {NONE: {"noise_floor": 5.0, **parts}})  # σ² explains nothing

    assert verdict("c02", study(fitted_noise=2, initialisation=1)) == "supported"
    assert verdict("c02", study(fitted_noise=1, initialisation=1, signal_error=1)) == "contradicted"
    assert measured("c02", study(fitted_noise=3, signal_error=1)).effect == pytest.approx(0.75 - 0.5)
    assert judged("c02", risks({NONE: 1.0})).measured is None, "no account"


def test_what_goes_with_the_noise_and_with_the_initial_weights():
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


def test_decay_lowers_the_error_and_must_do_so_where_there_is_nothing_to_erase():
    zero = {("zero_init_noise_0.1", "none", 0.0): 1.0, ("zero_init_noise_0.1", "l2_penalty", 3.0): 0.9}
    worse = {**zero, ("zero_init_noise_0.1", "l2_penalty", 3.0): 1.1}
    assert verdict("c03", risks({NONE: 3, THREE: 1, **zero})) == "supported"
    assert verdict("c03", risks({NONE: 3, THREE: 1, **worse})) == "qualified"
    assert verdict("c03", risks({NONE: 1, THREE: 3, **zero})) == "contradicted"
    assert verdict("c03", risks({NONE: 1, THREE: 1}, noise=1)) == "inconclusive"


def test_a_lucky_mean_is_no_condition_that_holds():
    zero = {("zero_init", "none", 0.0): 10.0, ("zero_init", "l2_penalty", 3.0): 9.999}
    assert failed("c03", risks({NONE: 100, THREE: 1, **zero}, noise=1)) == [
        "λ = 3 lowers the mean risk in zero init too"
    ]


def test_the_account_says_where_the_gain_comes_from():
    study = with_account(
        risks({NONE: 10, THREE: 2}),
        {NONE: {"initialisation": 8, "signal_error": 2}, THREE: {"initialisation": 2, "signal_error": 3}},
    )
    share = number(measured("c03", study), "part_removed", part="initialisation", setting="textbook")
    assert share == pytest.approx((8 - 2) / (10 - 5))


def test_some_overfitting_remains_only_if_it_is_worth_the_word():
    assert verdict("c04", risks({THREE: 1.0}, train_loss=0.5)) == "supported"
    assert verdict("c04", risks({THREE: 1.0}, train_loss=0.97)) == "qualified", "3 % of the risk"
    assert verdict("c04", risks({THREE: 1.0}, train_loss=1.2)) == "contradicted"
    assert verdict("c04", risks({THREE: 3.0}, train_loss=2.7, noise=1)) == "inconclusive"
    erased = {THREE: 1.0, ("zero_init", "l2_penalty", 3.0): 0.51}  # a gap of 2 %
    assert failed("c04", risks(erased, train_loss=0.5)) == ["in zero init the share is at least 5 % too"]


# --- ‖w‖ against λ (c05, c06) ---------------------------------------------------------------------------------


def norms(values: Mapping[float, float], n: int = 100, diverged: float | None = None) -> Tables:
    """‖w‖ by λ; at λ = `diverged` one run diverged."""
    cells = {("textbook", "l2_penalty" if lam else "none", lam): {"weight_norm": w} for lam, w in values.items()}
    study = linear(cells, n=n, noise=1e-5)
    hit = study.runs.index[study.runs["lam"] == diverged][:1]
    return study.replace(runs=study.runs.assign(status=study.runs["status"].where(~study.runs.index.isin(hit), "bad")))


def test_weights_shrink_in_every_seed_up_to_100_and_a_diverged_run_counts():
    falling = {0.0: 4, 1: 3, 10: 2, 100: 1}
    assert verdict("c05", norms(falling)) == "supported"
    assert verdict("c05", norms({**falling, 300: 9})) == "supported", "beyond 100 is another matter"
    assert verdict("c05", norms(falling, n=200, diverged=10)) == "qualified"
    assert verdict("c05", norms({**falling, 10: 3.5})) == "contradicted"
    assert verdict("c05", norms(falling, n=12)) == "inconclusive", "twelve seeds are not every seed"


def test_weights_vanish_only_if_training_survives_the_largest_lam():
    def study(values: Mapping[float, float], diverged: float | None = None, boundary: float = 650) -> Tables:
        constants = theory(textbook={"stability_boundary": boundary})
        return norms(values, diverged=diverged).replace(theory=constants)

    assert verdict("c06", study({0.0: 4, 100: 0.1, 800: 0.01})) == "supported"
    assert verdict("c06", study({0.0: 4, 100: 0.01, 800: 0.1})) == "contradicted"
    assert verdict("c06", study({0.0: 4, 100: 0.1, 800: 0.01}, diverged=800)) == "inconclusive", "99 of 100"
    short = judged("c06", study({0.0: 4, 100: 0.1, 600: 0.01}))
    assert short.measured is None, "the verdict would depend on where the grid ends"
    assert "beyond the stability boundary, λ = 650" in short.reason
    assert verdict("c06", study({0.0: 4, 100: 0.1, 600: 0.01}, boundary=500)) == "supported"
    assert judged("c06", norms({0.0: 4, 800: 0.01})).measured is None, "no theory, no boundary"
    exploded = study({0.0: 4, 800: 0.01})
    assert verdict("c06", exploded.replace(runs=exploded.runs.assign(status="ok", weight_norm=4.0))) == "contradicted"


# --- too much (c07, c14) --------------------------------------------------------------------------------------


def path(values: Mapping[float, tuple[float, float]], setting: str = "textbook") -> dict[Cell, dict[str, float]]:
    """Risk (and validation loss) and training loss by λ."""
    return {
        (setting, "l2_penalty" if lam else "none", lam): {"risk": risk, "validation_loss": risk, "train_loss": train}
        for lam, (risk, train) in values.items()
    }


def test_underfitting_is_worse_than_a_smaller_lam_on_new_and_on_training_data():
    best_at_3 = {0.0: (3, 0), 3: (1, 0.1), 10: (2, 0.2)}
    assert verdict("c07", linear(path(best_at_3))) == "supported"
    assert verdict("c07", linear(path({**best_at_3, 10: (2, 0.05)}))) == "qualified", "it fits better in training"
    assert verdict("c07", linear(path({**best_at_3, 10: (0.5, 0.2)}))) == "contradicted"
    assert verdict("c07", linear(path({**best_at_3, 10: (1, 0.2)}), noise=0.5)) == "inconclusive"
    larger = linear(path({**best_at_3, 100: (0.5, 0.5)}))
    assert verdict("c07", larger) == "supported", "λ = 100 may do better still"


def test_underfitting_is_measured_against_what_validation_chooses():
    cells = path({1.0: (1, 0.1), 3: (3, 0.1), 10: (2, 0.2)})
    cells["textbook", "l2_penalty", 3.0]["validation_loss"] = 0.5
    assert verdict("c07", linear(cells)) == "contradicted", "only test data would choose λ = 1"


def test_underfitting_with_more_noise_is_a_condition():
    noisy = path({3: (2, 0.1), 10: (1, 0.2)}, "textbook_noise_0.1")
    assert failed("c07", linear({**path({3: (1, 0.1), 10: (2, 0.2)}), **noisy})) == [
        "the risk is higher in textbook noise 0.1 too"
    ]


def large_truth(none: float, decay: float, **others) -> Tables:
    setting = "zero_init_large_weights"
    return risks({(setting, "none", 0.0): none, (setting, "l2_penalty", 3.0): decay}, **others)


def test_no_harm_is_at_most_5_percent_more_risk():
    assert verdict("c14", large_truth(1, 0.5)) == "supported"
    assert verdict("c14", large_truth(1, 1.045)) == "supported", "a small harm is none"
    assert verdict("c14", large_truth(1, 1.1)) == "contradicted"
    assert verdict("c14", large_truth(1, 1.05, noise=0.1)) == "inconclusive"


def test_no_harm_with_20_samples_is_qualified_by_the_harm_with_500():
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


def test_the_harm_with_many_samples_is_that_of_scikit_learns_ridge():
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


# --- the same thing in other words (c08–c10) ------------------------------------------------------------------


def constraint(
    folder: Path, ball: float, *, noise: float = 0.0, turned: float = 0.0, kept: bool = True, lams=(3.0,)
) -> Tables:
    """Constraint (risk `ball`) and penalty (risk 1); the constraint's weights are turned by an angle."""
    keys = [("converged", method, lam) for method in ("norm_constraint", "l2_penalty") for lam in lams]
    study = linear({key: {"risk": ball if key[1] == "norm_constraint" else 1.0} for key in keys}, noise=noise)
    if not kept:
        return study
    angle = np.where(study.runs["method"] == "norm_constraint", turned, 0.0)
    weights = [
        pd.DataFrame({"run_id": study.runs["run_id"], "item": item, "weight": values})
        for item, values in enumerate((np.cos(angle), np.sin(angle)))
    ]
    pd.concat(weights).to_parquet(folder / "predictions_linear_regression.parquet")
    return study.replace(folder=folder)


@pytest.mark.arithmetic
def test_constraint_and_penalty_must_have_the_same_weights_in_every_run_at_every_lam(tmp_path):
    assert verdict("c08", constraint(tmp_path, 1.0)) == "supported"
    assert verdict("c08", constraint(tmp_path, 1.0, turned=1e-8)) == "supported", "not quite converged"
    assert verdict("c08", constraint(tmp_path, 1.0, turned=1e-3)) == "contradicted", "as large, but elsewhere"
    assert verdict("c08", constraint(tmp_path, 1.0, turned=1e-3, lams=(3.0, 10.0))) == "contradicted"
    assert judged("c08", constraint(tmp_path, 1.0, kept=False)).measured is None, "risks alone cannot fail"
    assert judged("c08", constraint(tmp_path, 1.0, lams=(1.0, 10.0))).measured is None, "not at the chapter's λ"
    found = measured("c08", constraint(tmp_path, 1.1, turned=1e-3))
    assert found.effect == number(found, "distance", lam=3)
    assert found.effect == pytest.approx(2 * np.sin(0.5e-3))
    assert number(found, "relative_risk") == pytest.approx(0.1)


def test_weights_that_are_no_numbers_are_not_the_same(tmp_path):
    study = constraint(tmp_path, 1.0)
    path = tmp_path / "predictions_linear_regression.parquet"
    weights = pd.read_parquet(path)
    weights.loc[weights["run_id"] == weights["run_id"].iloc[0], "weight"] = np.nan
    weights.to_parquet(path)
    assert measured("c08", study).effect == np.inf


@pytest.mark.arithmetic
def test_a_step_is_a_decay_and_the_usual_step_but_not_for_adam_with_l2():
    assert failed("c09", risks({NONE: 1.0})) == ["Adam with an L2 penalty decays them by 1 − ηλ too"]


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


@pytest.mark.arithmetic
def test_an_adamw_that_rescales_its_decay_is_named(monkeypatch):
    monkeypatch.setattr(AdamW, "shrinkage", lambda self, learning_rate: 1.0)
    monkeypatch.setattr(AdamW, "penalty_gradient", L2Penalty.penalty_gradient)
    assert "AdamW's weights decay by 1 − ηλ beside Adam's step" in failed("c09", risks({NONE: 1.0}))


def concise(published: float, mapped: float | None = None, noise: float = 0.0) -> Tables:
    cells = {THREE: 1.0, ("concise_published", "weight_decay", 3.0): published}
    if mapped is not None:
        cells["concise_mapped", "weight_decay", 6.0] = mapped
    return risks(cells, noise=noise)


def test_concise_and_from_scratch_are_judged_as_published_and_must_be_identical_when_mapped():
    assert verdict("c10", concise(1.02, mapped=1.0)) == "supported"
    assert verdict("c10", concise(1.02, mapped=1.0 + 1e-6)) == "qualified", "rounding is smaller than that"
    assert verdict("c10", concise(1.2, mapped=1.0)) == "contradicted", "the mapping does not save it"
    assert verdict("c10", concise(1.0, noise=0.2)) == "inconclusive"


# --- what large and small weights do (c11, c12) ---------------------------------------------------------------


def sizes(large_init: float, zero: float, *, truths: tuple[float, float] | None = None, noise: float = 0.001) -> Tables:
    """Gaps from large and from zero initial weights, and with small and with large true weights."""
    gaps = {"textbook": large_init, "zero_init": zero}
    if truths is not None:
        gaps |= dict(zip(("zero_init_noise_0.1", "zero_init_large_weights"), truths, strict=True))
    variance = {"zero_init_noise_0.1": 0.03, "zero_init_large_weights": 2.01}
    return linear(
        {
            (name, "none", 0.0): {"risk": gap + 1, "train_loss": 1, "weight_norm": 1, "null_space_norm": 1}
            for name, gap in gaps.items()
        },
        noise=noise,
        theory=theory(**{name: {"mean_predictor_risk": value} for name, value in variance.items()}),
    )


def test_large_weights_overfit_only_if_it_does_not_matter_why_they_are_large():
    assert verdict("c11", sizes(5, 1)) == "supported"
    assert verdict("c11", sizes(5, 1, truths=(0.01, 2))) == "supported", "a third and all of the variance"
    assert verdict("c11", sizes(5, 1, truths=(0.03, 1.8))) == "qualified", "a larger gap, but not for its variance"
    assert verdict("c11", sizes(1, 5)) == "contradicted"
    assert verdict("c11", sizes(1, 1, noise=1)) == "inconclusive"


def smooth(
    decayed: float,
    *,
    logits: float = 0.5,
    norm: float = 1.0,
    accuracy: float = 1.0,
    loss: float = 0.1,
    noise: float = 0.001,
    shorter: float | None = None,
) -> Tables:
    """Jacobian norms: 1 without weight decay, `decayed` at λ = 0.01, 0.1 where images are not fitted any more.

    `shorter`: the norm without weight decay after fewer epochs, where the training loss is 0.11.
    """
    rng = np.random.default_rng(0)
    values = {
        ("samples_500", "none", 0.0): (1.0, 1.0, 2.0, 1.0, 0.1),
        ("samples_500", "weight_decay", 0.01): (decayed, logits, norm, accuracy, loss),
        ("samples_500", "weight_decay", 0.1): (0.1, 0.1, 0.5, 0.8, loss),
    }
    if shorter is not None:
        values["fewer_epochs", "none", 0.0] = (shorter, 1.0, 2.0, 1.0, 0.11)
        values["another_rate", "none", 0.0] = (0.0001, 1.0, 2.0, 1.0, 0.11)
    cells, rows = [], []
    for (setting, method, lam), (jacobian, of_logits, weights, fitted, train_loss) in values.items():
        means = {"weight_norm": weights, "train_accuracy": fitted, "train_loss": train_loss}
        cells.append(cell("fashion_mnist", setting, method, lam, "0/0", rng, **means))
        for name, value in (("jacobian_norm", jacobian), ("logit_jacobian_norm", of_logits)):
            scattered = value * np.exp(noise * rng.standard_normal(len(cells[-1])))
            rows += [(run, name, np.nan, one) for run, one in zip(cells[-1]["run_id"], scattered, strict=True)]
    settings = pd.DataFrame(
        [("samples_500", 120, 0.2), ("fewer_epochs", 80, 0.2), ("another_rate", 80, 0.1)],
        columns=["setting", "epochs", "learning_rate"],
    ).assign(experiment="fashion_mnist", n_features=np.nan)
    return tables(*cells, probes=pd.DataFrame(rows, columns=["run_id", "probe", "level", "value"]), settings=settings)


def test_smoothness_is_compared_where_the_training_images_are_fitted():
    assert verdict("c12", smooth(0.7)) == "supported"
    assert measured("c12", smooth(0.7)).effect == pytest.approx(np.log(1 / 0.7), abs=0.002)
    assert verdict("c12", smooth(1.3)) == "contradicted", "although λ = 0.1, which does not fit, is smooth"
    assert verdict("c12", smooth(1.0, noise=0.2)) == "inconclusive"
    assert failed("c12", smooth(0.7, norm=2.5)) == ["the weights are smaller in every seed"]
    assert failed("c12", smooth(0.7, logits=1.2)) == ["the logits' Jacobian is smaller too"]
    assert judged("c12", smooth(0.7, accuracy=0.9)).measured is None, "no λ fits the training images"


def test_smoothness_is_compared_at_equal_training_loss_or_not_at_all():
    unmatched = judged("c12", smooth(0.7, loss=0.11))
    assert unmatched.verdict == "inconclusive"
    assert "at matched training loss, to 5 % (0.1 without and 0.11 with weight decay)" in unmatched.reason
    assert measured("c12", smooth(0.7, loss=0.11, shorter=0.9)).effect == pytest.approx(np.log(0.9 / 0.7), abs=0.002)
    assert verdict("c12", smooth(0.7, loss=0.11, shorter=0.9)) == "supported"
    assert verdict("c12", smooth(0.7, loss=0.11, shorter=0.5)) == "contradicted", "smoother than after as many epochs"
    assert measured("c12", smooth(0.7, shorter=0.9)).effect == pytest.approx(np.log(1 / 0.7), abs=0.002)


# --- a network with the usual λ (c13) -------------------------------------------------------------------------


def usual(accuracy: float, other: float = 0.8, loss: float = 1.0, noise: float = 0.0005) -> Tables:
    """Accuracy at λ = 0.001 and 0.01 against 0.8 without; cross-entropy at 0.01 against 1."""
    rng = np.random.default_rng(0)
    values = {0.0: (0.8, 1.0), 0.001: (accuracy, 1.0), 0.01: (other, loss)}
    return tables(
        *(
            cell(
                *("fashion_mnist", "samples_500", "weight_decay" if lam else "none", lam, "0/0", rng),
                noise=noise,
                test_accuracy=accuracy_,
                test_loss=loss_,
            )
            for lam, (accuracy_, loss_) in values.items()
        )
    )


def test_only_a_little_is_0_3_points_at_both_lam_and_5_percent_of_the_cross_entropy():
    assert verdict("c13", usual(0.8)) == "supported"
    assert verdict("c13", usual(0.802)) == "supported", "0.2 points are a little"
    assert failed("c13", usual(0.8, other=0.81)) == ["accuracy at λ = 0.01 too"]
    assert failed("c13", usual(0.8, loss=0.7)) == ["cross-entropy at λ = 0.01 within 5 %"]
    assert verdict("c13", usual(0.81)) == "contradicted"
    assert verdict("c13", usual(0.8, noise=0.02)) == "inconclusive"
