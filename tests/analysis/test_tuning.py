"""Tuning: random search by combinatorics is what enumerating all draws gives; choosing on test data only flatters."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regularization.analysis import tuning
from regularization.reporting.facts import facts
from synthetic import cell, runs, tables

MEANS = {0: 1.0, 1: 0.99, 2: 0.8, 3: 0.6, 4: 0.7, 5: 1.2}  # test loss by strength


def made(validation: np.ndarray, test: np.ndarray, accuracy: np.ndarray | None = None) -> tuning.Grid:
    """A grid of strengths 0, 1, … from arrays (seeds, strengths)."""
    parts = {"validation_loss": validation, "validation_accuracy": 1 - validation, "test_loss": test}
    parts["test_accuracy"] = 1 - test if accuracy is None else accuracy
    return tuning.Grid(pd.concat({name: pd.DataFrame(values) for name, values in parts.items()}, axis=1))


@pytest.fixture
def found() -> tuning.Grid:
    """Strengths that differ as in MEANS on average, and by their own noise in every seed."""
    noise = np.random.default_rng(0).standard_normal((2, 12, 6))
    noise -= noise.mean(axis=1, keepdims=True)
    test = np.array(list(MEANS.values())) + 0.05 * noise[0]
    return made(test + 0.1 * noise[1], test)


@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_the_best_of_k_is_the_mean_over_all_ways_to_draw_k_strengths(k):
    validation, test = np.random.default_rng(1).standard_normal((2, 12, 6))
    expected = [
        np.mean([reported[min(drawn, key=lambda i: loss[i])] for drawn in combinations(range(6), k)])
        for loss, reported in zip(validation, test, strict=True)
    ]
    np.testing.assert_allclose(tuning.best_of(k, validation, test), expected, rtol=1e-12)
    with pytest.raises(ValueError, match="k is from 1 to 6"):
        tuning.best_of(7, validation, test)


def test_the_effective_range_leaves_out_what_does_nothing_and_what_only_harms(found):
    assert found.effective.tolist() == [False, False, True, True, True, False]
    losses = found.losses("validation_loss") + np.arange(6.0)
    assert not made(losses, losses).effective.any(), "where nothing helps there is no range to tune in"


@pytest.mark.arithmetic
def test_the_effective_range_is_found_without_looking_at_test_data(found):
    other = made(found.losses("validation_loss"), np.random.default_rng(2).random((12, 6)))
    np.testing.assert_array_equal(other.effective, found.effective)


@pytest.mark.arithmetic
def test_choosing_on_test_data_only_flatters(found):
    assert (tuning.optimism(found, "test_loss") >= 0).all()
    assert tuning.optimism(found, "test_loss").mean() > 0
    same = made(found.losses("test_loss"), found.losses("test_loss"))
    np.testing.assert_array_equal(tuning.optimism(same, "test_loss"), 0)
    np.testing.assert_allclose(tuning.optimism(found, "test_accuracy"), tuning.optimism(found, "test_loss"), atol=1e-12)


def test_accuracy_is_chosen_by_accuracy_and_loss_by_loss():
    """Validation loss prefers strength 1, validation accuracy strength 2; test loss strength 2, test accuracy 0."""
    values = {
        "validation_loss": [3.0, 1.0, 2.0],
        "validation_accuracy": [0.7, 0.7, 0.8],
        "test_loss": [3.0, 2.0, 1.0],
        "test_accuracy": [0.9, 0.8, 0.75],
    }
    found = tuning.Grid(pd.concat({name: pd.DataFrame([row]) for name, row in values.items()}, axis=1))
    np.testing.assert_allclose(tuning.optimism(found, "test_loss"), 2.0 - 1.0)
    np.testing.assert_allclose(tuning.optimism(found, "test_accuracy"), 0.9 - 0.75)
    np.testing.assert_allclose(tuning.choices(found, "test_accuracy"), [[-0.9], [-0.75]])


GRIDS = st.integers(2, 6).flatmap(
    lambda m: st.tuples(*[arrays(float, (3, m), elements=st.integers(-3, 3).map(lambda x: x / 2))] * 3)
)


@given(GRIDS)
def test_optimism_is_never_negative_and_more_tries_never_look_worse(grids):
    """Few values, so that ties are common."""
    validation, test, accuracy = grids
    found = made(validation, test, accuracy)
    assert (tuning.optimism(found, "test_loss") >= 0).all()
    assert (tuning.optimism(found, "test_accuracy") >= 0).all()
    # More tries never look worse on the data that choose.
    for losses in grids:
        best = [tuning.best_of(k, losses, losses) for k in range(1, losses.shape[1] + 1)]
        assert (np.diff(best, axis=0) <= 1e-12).all()


def test_on_pure_noise_optimism_is_the_expected_minimum_of_as_many_draws():
    """Validation says nothing, so its choice is any one; the least of 5 normal draws is 1.163 below their mean."""
    validation, test = np.random.default_rng(3).standard_normal((2, 20_000, 5))
    assert tuning.optimism(made(validation, test), "test_loss").mean() == pytest.approx(1.163, abs=0.03)


def test_more_tries_regret_less_from_the_mean_of_one_to_plain_validation_of_all(found):
    expected = found.losses("test_loss")[:, 2:5].mean(axis=1)
    np.testing.assert_allclose(tuning.search(found, "test_loss", 1), expected)
    np.testing.assert_allclose(
        tuning.regret_of_search(found, "test_loss", 1), expected - found.losses("test_loss")[:, 3], atol=1e-12
    )
    regrets = [tuning.regret_of_search(found, "test_loss", k).mean() for k in (1, 2, 3)]
    assert regrets[0] > regrets[1] > regrets[2]
    inside = found.effective
    np.testing.assert_allclose(
        tuning.search(found, "test_loss", 3),
        tuning.chosen(found.losses("validation_loss")[:, inside], found.losses("test_loss")[:, inside]),
    )


def network(method: str, lam: float, p: str, rng: np.random.Generator, accuracy: float, **more) -> pd.DataFrame:
    """Runs at 500 images; validation and test loss are 1.8 − accuracy."""
    means = dict.fromkeys(("validation_accuracy", "test_accuracy"), accuracy)
    means |= dict.fromkeys(("validation_loss", "test_loss"), 1.8 - accuracy)
    return cell("fashion_mnist", "samples_500", method, lam, p, rng, **means, **more)


def decay(rng: np.random.Generator, accuracies: dict[float, float], **more) -> list[pd.DataFrame]:
    return [
        network("weight_decay" if lam else "none", lam, "0/0", rng, accuracy, **more)
        for lam, accuracy in accuracies.items()
    ]


ACCURACIES = {0: 0.78, 0.001: 0.79, 0.01: 0.80, 0.1: 0.75}


def test_regret_is_positive_where_worse_and_close_is_five_per_cent_or_half_a_point():
    table = tuning.tuning_table(runs(*decay(np.random.default_rng(1), ACCURACIES)))
    for metric in ("test_loss", "test_accuracy"):
        values = table[table["metric"] == metric].set_index(["quantity", "strength"])["value"]
        assert values["regret", 0.01] == 0
        assert values["regret", 0.1] == pytest.approx(0.05, abs=0.01)
        assert values["regret", 0] == pytest.approx(0.02, abs=0.01)
        assert values["effective"].to_dict() == {0: 0, 0.001: 1, 0.01: 1, 0.1: 0}
    best = table[(table["metric"] == "test_accuracy") & (table["quantity"] == "best_of_k")]
    assert best["value"].between(0.79, 0.81).all(), "shown as the accuracy it is"
    assert best["k"].tolist() == [1, 2], "no more tries than effective strengths"
    loss = np.tile([1.0, 0.52, 0.5, 0.53], (3, 1))
    accuracy = np.tile([0.7, 0.796, 0.8, 0.794], (3, 1))
    found = made(loss, loss, accuracy)
    np.testing.assert_allclose(tuning.share_close(found, "test_loss"), 2 / 3)
    np.testing.assert_allclose(tuning.share_close(found, "test_accuracy"), 2 / 3)


def test_a_diverged_strength_and_methods_without_one_number_are_left_out():
    rng = np.random.default_rng(2)
    cells = decay(rng, {**ACCURACIES, 1.0: 0.9})
    cells[-1].loc[3, "status"] = "diverged"
    found = tuning.grid(runs(*cells), "fashion_mnist", "samples_500", "weight_decay")
    assert found is not None
    assert found.strengths.tolist() == [0, 0.001, 0.01, 0.1]
    assert len(found.values) == 12
    rng = np.random.default_rng(3)
    both = [
        network("dropout_weight_decay", lam, p, rng, 0.8) for lam in (0.001, 0.01, 0.1) for p in ("0.2/0.2", "0.5/0.5")
    ]
    uneven = [network("dropout", 0, p, rng, 0.8) for p in ("0.2/0.5", "0.2/0.2", "0.5/0.5")]
    study = runs(*decay(rng, {0: 0.8}), *both, *uneven)
    assert tuning.grid(study, "fashion_mnist", "samples_500", "dropout_weight_decay") is None
    assert tuning.grid(study, "fashion_mnist", "samples_500", "dropout") is None, "0.2/0.5 is no third p"
    assert tuning.tuning_table(study).empty


def test_ridge_is_compared_with_its_own_zero():
    rng = np.random.default_rng(4)
    cells = [
        cell("linear_regression", "textbook", method, lam, "0", rng, risk=risk, validation_loss=risk, test_loss=risk)
        for method, lam, risk in (("none", 0, 100), *(("ridge", *one) for one in ((0, 3), (1, 2), (3, 1), (10, 5))))
    ]
    found = tuning.grid(runs(*cells), "linear_regression", "textbook", "ridge")
    assert found is not None
    assert found.losses("risk").mean(axis=0) == pytest.approx([3, 2, 1, 5], abs=0.01)


def test_optimism_is_one_number_here_and_in_the_report_for_every_method_and_metric():
    rng = np.random.default_rng(5)
    study = tables(*decay(rng, ACCURACIES, noise=0.02))
    found = tuning.grid(study.runs, "fashion_mnist", "samples_500", "weight_decay")
    told = facts.tuning(study, "fashion_mnist", "samples_500", ["weight_decay", "dropout"])
    assert found is not None
    assert [(one["method"], one["metric"]) for one in told] == [("weight decay", "loss"), ("weight decay", "accuracy")]
    table = tuning.tuning_table(study.runs).query("quantity == 'optimism'").set_index("metric")["value"]
    for one, metric in zip(told, ("test_loss", "test_accuracy"), strict=True):
        assert one["optimism"].mean == pytest.approx(tuning.optimism(found, metric).mean())
        assert one["optimism"].mean == pytest.approx(table[metric])
        assert one["optimism"].mean == pytest.approx(abs(one["by_test"].mean - one["by_validation"].mean))
        assert one["optimism"].mean > 0
    assert 0.7 < told[1]["by_test"].mean < 0.9, "shown as the accuracy it is"
    rng = np.random.default_rng(6)
    p = [network("dropout", 0, f"{p}/{p}", rng, 0.8, noise=0.02) for p in (0.2, 0.5, 0.8)]
    both = tables(*decay(rng, ACCURACIES, noise=0.02), *p)
    told = facts.tuning(both, "fashion_mnist", "samples_500", ["weight_decay", "dropout"])
    assert [one["method"] for one in told] == ["weight decay", "weight decay", "dropout", "dropout"]
    table = tuning.tuning_table(both.runs).query("quantity == 'optimism'")
    assert set(zip(table["method"], table["metric"], strict=True)) == {
        (method, metric) for method in ("weight_decay", "dropout") for metric in ("test_loss", "test_accuracy")
    }
    assert (table["value"] > 0).all()
