"""Calibration: known temperatures are found, known scores are met, and a run's numbers are its own."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from cohorts import TINY, made_up_images, rows, settings_of, train
from regularization.columns import CALIBRATION_COLUMNS
from regularization.training.calibration import BINS, HOTTEST, cross_entropy, fit_temperature, scores

CLASSES = 10


def predictions(n: int, scale: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose labels are drawn from softmax(logits/scale): that many times too large."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((n, CLASSES))
    labels = (softmax(logits, axis=1).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return scale * logits, np.minimum(labels, CLASSES - 1)


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0, 20.0])
def test_the_factor_that_logits_were_scaled_by_is_their_temperature(scale: float) -> None:
    logits, labels = predictions(100_000, scale)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(scale, rel=0.02)
    assert found == pytest.approx(scale * fit_temperature(logits / scale, labels), rel=1e-6)
    best = minimize_scalar(lambda log: cross_entropy(logits, labels, np.exp(log)), bounds=(-5, 5), method="bounded")
    assert cross_entropy(logits, labels, found) <= best.fun + 1e-12
    assert found == pytest.approx(np.exp(best.x), rel=1e-4)


def test_one_temperature_undoes_overconfidence_and_changes_no_prediction() -> None:
    logits, labels = predictions(20_000, 4.0)
    temperature = fit_temperature(*predictions(20_000, 4.0, seed=1))
    before, after = scores(logits, labels), scores(logits / temperature, labels)
    assert after["accuracy"] == before["accuracy"]
    assert before["confidence"] - before["accuracy"] > 0.1
    assert after["confidence"] == pytest.approx(after["accuracy"], abs=0.01)
    assert cross_entropy(logits, labels, temperature) == pytest.approx(after["loss"], rel=1e-12)
    assert after["loss"] < 0.6 * before["loss"]


def test_where_every_image_is_right_or_wrong_the_loss_falls_up_to_a_bound() -> None:
    labels, logits = np.arange(CLASSES), np.eye(CLASSES)
    assert 1 / HOTTEST <= fit_temperature(logits, labels) < 2 / HOTTEST
    assert cross_entropy(logits, labels, fit_temperature(logits, labels)) == 0
    assert fit_temperature(-logits, labels) == pytest.approx(HOTTEST)


def test_logits_that_say_nothing_or_are_no_numbers_have_an_answer() -> None:
    labels = np.arange(CLASSES)
    assert fit_temperature(np.zeros((CLASSES, CLASSES)), labels) == 1
    logits = np.zeros((CLASSES, CLASSES))
    logits[3, 4] = np.nan
    assert np.isnan(fit_temperature(logits, labels))
    assert np.isnan(scores(logits, labels)["loss"])


def test_scores_are_what_their_formulas_say() -> None:
    logits, labels = predictions(3_000, 2.0)
    p, y = softmax(logits, axis=1), np.eye(CLASSES)[labels]
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    bins = [(confidence >= low / BINS) & (confidence < (low + 1) / BINS) for low in range(BINS)]
    expected = {
        "accuracy": right.mean(),
        "confidence": confidence.mean(),
        "loss": -log_softmax(logits, axis=1)[y == 1].mean(),
        "brier": ((p - y) ** 2).sum(axis=1).mean(),
        "ece": sum(abs(right[b].mean() - confidence[b].mean()) * b.mean() for b in bins if b.any()),
    }
    assert scores(logits, labels) == pytest.approx(expected, rel=1e-12)
    assert expected["ece"] > 0.1


def test_calibrated_predictions_have_no_calibration_error_and_certain_ones_fall_into_the_last_bin() -> None:
    assert scores(*predictions(200_000))["ece"] < 0.005
    certain = scores(1_000 * np.eye(CLASSES), np.arange(CLASSES))
    assert certain == {"accuracy": 1, "confidence": 1, "loss": 0, "brier": 0, "ece": 0}


def test_every_network_run_has_its_own_calibration_whatever_else_is_in_the_cohort() -> None:
    runs = rows("fashion_mnist", "s", "none", [(0.0, "0/0")], [2, 0, 1])
    settings, images = settings_of("fashion_mnist", s=TINY), made_up_images()
    whole = train(runs, settings, images)
    table = whole.calibration
    assert list(table) == CALIBRATION_COLUMNS
    assert table["run_id"].tolist() == runs["run_id"].tolist()
    np.testing.assert_allclose(table["loss"], whole.runs["test_loss"], rtol=1e-12)
    assert table["accuracy"].tolist() == whole.runs["test_accuracy"].tolist()
    logits = np.log(whole.predictions.filter(regex=r"p\d").to_numpy())  # of the one run whose predictions are kept
    tempered = cross_entropy(logits, images.test_labels, table["temperature"].iloc[2])
    assert table["tempered_loss"].iloc[2] == pytest.approx(tempered, rel=1e-5)
    alone = train(runs.iloc[[1]], settings, images).calibration
    pd.testing.assert_frame_equal(alone, table.iloc[[1]].reset_index(drop=True), check_exact=True)


def test_without_validation_images_there_is_no_temperature_and_a_linear_model_has_no_calibration() -> None:
    runs = rows("fashion_mnist", "s", "none", [(0.0, "0/0")], [0])
    table = train(runs, settings_of("fashion_mnist", s={**TINY, "images": "all"}), made_up_images()).calibration
    assert table[["temperature", "tempered_loss"]].isna().all(axis=None)
    assert table.drop(columns=["temperature", "tempered_loss"]).notna().all(axis=None)
    linear = train(rows("linear_regression", "s", "ridge", [(1.0, "0")], [0]), settings_of("linear_regression", s={}))
    assert list(linear.calibration) == CALIBRATION_COLUMNS
    assert linear.calibration.empty
