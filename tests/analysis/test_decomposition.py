"""Bias and variance: the estimators find what synthetic predictors are known to have, and their errors are honest."""

import runpy
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import log_softmax, logsumexp, softmax
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from cohorts import rows
from regularization.analysis import decomposition
from regularization.analysis.decomposition import cross_entropy, crossed, linear_model, one_hot, squared_error, zero_one
from regularization.analysis.decomposition_table import COLUMNS, decomposition_table
from regularization.analysis.intervals import mean_interval
from regularization.columns import LOST, RUN_KEY
from regularization.naming import run_id
from regularization.theory.ridge import ridge_weights
from regularization.theory.ridge_risk import ridge_risk
from studies import ROOT


def z_of(values, truth) -> float:
    """How many standard errors the mean of independent estimates lies from the truth."""
    return float((np.mean(values) - truth) / stats.sem(values))


def jackknife_over_actual(estimates, name) -> float:
    """Root mean square of a component's standard errors over the standard deviation of its estimates."""
    values, errors = np.array([(components[name].value, components[name].se) for components in estimates]).T
    return float(np.sqrt(np.square(errors).mean()) / np.std(values, ddof=1))


def class_probabilities(replicates=6, items=40, classes=4, seed=0, spread=1.5):
    """Softmax of Gaussian logits around the same means for every replicate, and labels drawn apart from them."""
    rng = np.random.default_rng(seed)
    logits = rng.standard_normal((items, classes)) + spread * rng.standard_normal((replicates, items, classes))
    return softmax(logits, axis=2), rng.integers(0, classes, items)


@pytest.fixture(scope="module")
def repeated():
    """What predictors p = μ + A·g are known to have, and its estimates from 600 independent sets of 6 replicates."""
    rng, items = np.random.default_rng(1), 30
    mean, targets = rng.standard_normal((2, items, 3))
    scale = rng.uniform(0.2, 2, mean.shape)
    truth = {"noise": 0.25, "bias": np.square(mean - targets).sum() / items, "variance": np.square(scale).sum() / items}
    sets = (mean + scale * rng.standard_normal((6, *mean.shape)) for _ in range(600))
    return truth | {"risk": sum(truth.values())}, [squared_error(p, targets, noise=0.25) for p in sets]


def test_bias_and_variance_are_unbiased_with_honest_intervals_and_would_not_be_uncorrected(repeated):
    truth, estimates = repeated
    for name in ("bias", "variance", "risk"):
        values = [components[name].value for components in estimates]
        assert abs(z_of(values, truth[name])) < 3.5, name
    # Otherwise the correction by variance/R would not be needed, and the test above could not notice its absence.
    truth, estimates = repeated
    naive = [components["bias"].value + components["variance"].value / 6 for components in estimates]
    assert z_of(naive, truth["bias"]) > 10
    for name in ("bias", "variance"):
        covered = np.mean([c[name].ci_low <= truth[name] <= c[name].ci_high for c in estimates])
        assert 0.9 < covered < 0.99, name


@pytest.mark.parametrize("name", ["bias", "variance", "risk"])
def test_the_jackknife_gives_the_estimates_standard_deviation(repeated, name):
    # For a variance of 6 Gaussian replicates √(5/4) is expected.
    assert 0.93 < jackknife_over_actual(repeated[1], name) < 1.2


ESTIMATORS = {
    "squared_error": lambda p, labels: squared_error(p, one_hot(labels, p.shape[2])),
    "cross_entropy": cross_entropy,
    "zero_one": zero_one,
}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_standard_error_is_the_delete_one_jackknifes_in_any_order_and_0_for_equal_replicates(estimator):
    p, labels = class_probabilities()
    found = ESTIMATORS[estimator](p, labels)
    without = [ESTIMATORS[estimator](np.delete(p, r, axis=0), labels) for r in range(len(p))]
    for name, component in found.items():
        values = np.array([one[name].value for one in without])
        se = np.sqrt((len(p) - 1) / len(p) * np.square(values - values.mean()).sum())
        assert component.se == pytest.approx(se, rel=1e-9), name
        ends = mean_interval(component.value, se * len(p) ** 0.5, len(p), share=estimator == "zero_one")
        assert (component.ci_low, component.ci_high) == pytest.approx(tuple(map(float, ends)))
    p, labels = class_probabilities(replicates=12, items=2_000)
    found, shuffled, single = (ESTIMATORS[estimator](q, labels) for q in (p, p[::-1], p.astype(np.float32)))
    for name in found:
        assert vars(found[name]) == pytest.approx(vars(shuffled[name]), rel=1e-9)
        assert single[name].value == pytest.approx(found[name].value, rel=1e-5)
    with pytest.raises(ValueError, match="3 replicates or more, got 2"):
        ESTIMATORS[estimator](*class_probabilities(replicates=2))
    p, labels = class_probabilities(replicates=1)
    found = ESTIMATORS[estimator](np.repeat(p, 4, axis=0), labels)
    assert found["variance"].value == pytest.approx(0, abs=1e-12)
    assert found["bias"].value == pytest.approx(found["risk"].value)
    assert found["risk"].se == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("estimator", ["squared_error", "cross_entropy"])
def test_bias_and_variance_add_up_to_the_mean_loss(estimator):
    p, labels = class_probabilities()
    found = ESTIMATORS[estimator](p, labels)
    of_label = p[:, np.arange(len(labels)), labels]
    loss = {"squared_error": np.square(p).sum(axis=2) - 2 * of_label + 1, "cross_entropy": -np.log(of_label)}
    assert found["risk"].value == pytest.approx(loss[estimator].mean(), rel=1e-12)
    assert found["bias"].value + found["variance"].value == pytest.approx(found["risk"].value, rel=1e-14)


def test_the_uncorrected_parts_are_heskes_divergences():
    p, labels = class_probabilities()
    n = len(p)
    geometric = np.exp(np.log(p).mean(axis=0))
    mean = geometric / geometric.sum(axis=1, keepdims=True)
    divergences = stats.entropy(np.broadcast_to(mean, p.shape), p, axis=2)
    found = cross_entropy(p, labels)
    assert found["variance"].value == pytest.approx(divergences.mean() * n / (n - 1), rel=1e-12)
    plug_in = found["risk"].value - divergences.mean()
    assert plug_in == pytest.approx(-np.log(mean[np.arange(len(labels)), labels]).mean(), rel=1e-12)


@pytest.mark.parametrize(("spread", "allowed"), [(0.3, 0.02), (1.5, 0.06)])
def test_the_cross_entropys_variance_is_low_without_its_correction_and_close_with_it(spread, allowed):
    rng, n, items, classes = np.random.default_rng(3), 6, 50, 5
    centre = rng.standard_normal((items, classes))

    def log_p(replicates):
        return log_softmax(centre + spread * rng.standard_normal((replicates, items, classes)), axis=2)

    truth = -logsumexp(log_p(20_000).mean(axis=0), axis=1).mean()
    labels = np.zeros(items, dtype=int)
    estimates = np.array([cross_entropy(np.exp(log_p(n)), labels)["variance"].value for _ in range(400)])
    assert z_of(estimates * (n - 1) / n, truth) < -10
    assert estimates.mean() == pytest.approx(truth, rel=allowed)
    assert abs(estimates.mean() - truth) < 0.4 * abs((estimates * (n - 1) / n).mean() - truth)


def test_the_jackknife_is_right_for_the_cross_entropy_too_where_a_probability_of_zero_costs_87_nats():
    rng, items = np.random.default_rng(4), 50
    centre, labels = rng.standard_normal((items, 5)), rng.integers(0, 5, items)
    logits = (centre + 0.7 * rng.standard_normal((8, items, 5)) for _ in range(400))
    estimates = [cross_entropy(softmax(one, axis=2), labels) for one in logits]
    for name in ("bias", "variance", "risk"):
        assert jackknife_over_actual(estimates, name) == pytest.approx(1, abs=0.15), name
    p = np.zeros((3, 1, 2), dtype=np.float32)
    p[:, :, 0] = 1
    found = cross_entropy(p, np.array([1]))
    assert found["risk"].value == pytest.approx(-np.log(np.finfo(np.float32).tiny))
    assert found["variance"].value == pytest.approx(0, abs=1e-6)
    p[0] = [[0, 1]]
    for part in cross_entropy(p, np.array([1])).values():
        assert np.isfinite(list(vars(part).values())).all()
    # The smallest normal float32: one bit less and a processor that flushes denormals stores 0.
    assert decomposition.FLOOR == 2.0**-126


def votes(*rows, classes=3):
    """Probabilities whose votes are these: one row a replicate."""
    return 0.9 * one_hot(np.array(rows), classes) + 0.1 / classes


def test_zero_one_counts_errors_of_the_majority_and_votes_against_it_and_follows_domingos_identity():
    # Items: right; wrong; wrong, with a right dissenter.
    p = votes([0, 1, 1], [0, 1, 1], [2, 1, 0], [0, 2, 1])
    found = {name: component.value for name, component in zero_one(p, np.array([0, 0, 0])).items()}
    assert found == pytest.approx({"bias": 2 / 3, "variance": 3 / 12, "risk": (1 + 4 + 3) / 12})
    p = votes([1], [0], [1], [0])
    assert zero_one(p, np.array([0]))["bias"].value == 0
    assert zero_one(p, np.array([1]))["bias"].value == 1
    p, labels = class_probabilities(replicates=9, items=300)
    found = {name: component.value for name, component in zero_one(p, labels).items()}
    vote = p.argmax(axis=2)
    main = stats.mode(vote, axis=0).mode  # ties to the lowest, too
    right = main == labels
    costs = ((vote != main) & right).mean()
    helps = ((vote == labels) & ~right).mean()
    assert found["risk"] == pytest.approx(found["bias"] + costs - helps)
    assert 0 < helps < costs + helps <= found["variance"]


def test_a_linear_models_parts_are_ridge_theorys_given_the_inputs():
    # Only the noise differs between replicates, and centred inputs leave the intercept σ²/n, all of it variance.
    rng, n, d, noise_std, lam = np.random.default_rng(5), 15, 8, 0.5, 0.7
    x = rng.standard_normal((1, n, d))
    x -= x.mean(axis=1, keepdims=True)
    true_weights = rng.standard_normal(d)
    y = (x @ true_weights)[:, :, None] + 0.3 + noise_std * rng.standard_normal((1, n, 3_000))
    weights, biases = ridge_weights(x, y, np.array([lam]))
    found = linear_model(weights[0].T, biases[0, 0], true_weights, 0.3, noise_std)
    theory = ridge_risk(x, true_weights, noise_std, np.array([lam]))
    expected = {
        "noise": noise_std**2,
        "bias": theory.bias_squared.item(),
        "variance": theory.variance.item() + theory.intercept.item(),
        "risk": theory.total.item(),
    }
    for name, value in expected.items():
        assert abs(found[name].value - value) <= 3.5 * found[name].se, name
        assert found[name].value == pytest.approx(value, rel=0.05), name
    assert found["noise"].value + found["bias"].value + found["variance"].value == pytest.approx(found["risk"].value)


def test_fresh_inputs_move_risk_from_bias_to_variance():
    # The risk is the average of the risks given X; the directions that X misses are bias given X, variance over X.
    rng, replicates, n, d = np.random.default_rng(6), 400, 10, 20
    x, true_weights = rng.standard_normal((replicates, n, d)), np.full(d, 0.3)
    y = (x @ true_weights)[:, :, None] + 0.2 * rng.standard_normal((replicates, n, 1))
    weights, biases = ridge_weights(x, y, np.array([0.5]))
    found = linear_model(weights[:, :, 0], biases[:, 0, 0], true_weights, 0.0, 0.2)
    theory = ridge_risk(x, true_weights, 0.2, np.array([0.5]))
    assert abs(found["risk"].value - theory.total.mean()) < 3.5 * found["risk"].se
    assert found["bias"].ci_high < theory.bias_squared.mean()
    assert found["variance"].ci_low > theory.variance.mean()


SCALES = {"sampling": 1.0, "optimisation": 0.6, "interaction": 0.8}


def crossed_predictors(rng, n_sets, n_seeds, mean):
    shape = mean.shape
    return (
        mean
        + SCALES["sampling"] * rng.standard_normal((n_sets, 1, *shape))
        + SCALES["optimisation"] * rng.standard_normal((1, n_seeds, *shape))
        + SCALES["interaction"] * rng.standard_normal((n_sets, n_seeds, *shape))
    )


def test_the_components_of_a_crossed_design_are_unbiased_and_their_errors_cautious():
    rng, outputs = np.random.default_rng(7), 2
    mean, targets = rng.standard_normal((2, 20, outputs))
    expected = {f"variance_{name}": outputs * scale**2 for name, scale in SCALES.items()}
    expected["variance"] = sum(expected.values())
    expected["bias"] = np.square(mean - targets).sum() / len(mean)
    expected["risk"] = expected["bias"] + expected["variance"]
    estimates = [crossed(crossed_predictors(rng, 5, 4, mean), targets) for _ in range(500)]
    for name, value in expected.items():
        values = [components[name].value for components in estimates]
        assert abs(z_of(values, value)) < 3.5, name
        assert 0.95 < jackknife_over_actual(estimates, name) < 1.8, name


def test_components_are_those_of_an_analysis_of_variance_and_all_sampling_where_seeds_do_nothing():
    rng = np.random.default_rng(8)
    p = crossed_predictors(rng, 5, 4, np.zeros((1, 1)))
    found = crossed(p, np.zeros((1, 1)))
    row, column = np.indices((5, 4))
    frame = pd.DataFrame({"y": p.ravel(), "row": row.ravel(), "column": column.ravel()})
    squares = anova_lm(ols("y ~ C(row) + C(column)", frame).fit())["mean_sq"]
    expected = {
        "variance_sampling": (squares["C(row)"] - squares["Residual"]) / 4,
        "variance_optimisation": (squares["C(column)"] - squares["Residual"]) / 5,
        "variance_interaction": squares["Residual"],
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, rel=1e-10), name
    assert sum(found[name].value for name in expected) == pytest.approx(found["variance"].value)
    assert found["bias"].value + found["variance"].value == pytest.approx(np.square(p).mean())
    rng = np.random.default_rng(9)
    p = np.repeat(rng.standard_normal((4, 1, 10, 2)), 3, axis=1)
    found = crossed(p, np.zeros((10, 2)))
    by_sets = squared_error(p[:, 0], np.zeros((10, 2)))
    assert found["variance_sampling"].value == pytest.approx(by_sets["variance"].value)
    assert found["variance_optimisation"].value == pytest.approx(0, abs=1e-12)
    assert found["variance_interaction"].value == pytest.approx(0, abs=1e-12)
    assert found["variance"].se == pytest.approx(by_sets["variance"].se)


N_ITEMS, N_CLASSES, N_FEATURES = 25, 10, 4
LABELS = np.random.default_rng(1).integers(0, N_CLASSES, N_ITEMS)
LINEAR = {"n_features": N_FEATURES, "true_weight": 0.1, "true_bias": 0.5, "noise_std": 0.2}
SETTINGS = pd.DataFrame(
    [
        {"experiment": "linear_regression", "setting": "linear", **LINEAR},
        {"experiment": "fashion_mnist", "setting": "blocks", "disjoint_seeds": 5},
        {"experiment": "fashion_mnist", "setting": "crossed", "disjoint_seeds": 100},
        {"experiment": "fashion_mnist", "setting": "all", "disjoint_seeds": 1},
    ]
).assign(n_train=range(10, 50, 10))


def planned_runs(experiment, setting, method, seeds, data_seeds=None):
    p = {"linear_regression": "0", "fashion_mnist": "0/0"}[experiment]
    runs = rows(experiment, setting, method, [(0, p)], range(seeds), data_seeds and range(data_seeds))
    return runs.assign(status="ok", run_id=[run_id(*run) for run in runs[RUN_KEY[1:8]].itertuples(index=False)])


def predictions_of(runs, seed=0):
    """Predictions of every run: random parameters or class probabilities."""
    rng, parts = np.random.default_rng(seed), []
    for run in runs.itertuples():
        if run.experiment == "linear_regression":
            values = pd.DataFrame({"weight": rng.standard_normal(N_FEATURES + 1)})
        else:
            p = softmax(rng.standard_normal((N_ITEMS, N_CLASSES)), axis=1).astype(np.float32)
            values = pd.DataFrame(p, columns=[f"p{k}" for k in range(N_CLASSES)]).assign(**dict.fromkeys(LOST, np.nan))
        parts.append(pd.concat([pd.DataFrame({"run_id": run.run_id, "item": np.arange(len(values))}), values], axis=1))
    return pd.concat(parts, ignore_index=True)


def array_of(predictions, runs):
    """Shape (runs, items, outputs), the slow and plain way."""
    parts = [predictions[predictions["run_id"] == run].sort_values("item") for run in runs["run_id"]]
    return np.stack([part.drop(columns=["run_id", "item", *LOST], errors="ignore").to_numpy() for part in parts])


def value(table, loss, name) -> float:
    return table.loc[(table["loss"] == loss) & (table["component"] == name), "value"].item()


def test_rows_may_come_in_any_order_and_in_any_blocks():
    runs = pd.concat([planned_runs("fashion_mnist", "blocks", method, 4) for method in ("none", "weight_decay")])
    predictions = predictions_of(runs)
    whole = decomposition_table(runs, SETTINGS, {"fashion_mnist": [predictions]}, LABELS)
    shuffled = predictions.sample(frac=1, random_state=0)
    shuffled["run_id"] = shuffled["run_id"].astype("category")
    blocks = [shuffled.iloc[start : start + 37] for start in range(0, len(shuffled), 37)]
    pd.testing.assert_frame_equal(whole, decomposition_table(runs, SETTINGS, {"fashion_mnist": blocks}, LABELS))
    assert list(whole.columns) == COLUMNS
    assert not whole.isna().any(axis=None)
    assert len(whole) == 2 * 3 * 3  # methods × losses × (bias, variance, risk)
    assert (whole["n_items"] == N_ITEMS).all()
    assert (whole["n_train"] == 20).all()


def test_networks_that_share_training_images_are_no_replicates_and_diverged_ones_none_either():
    runs = planned_runs("fashion_mnist", "blocks", "none", 8)  # only the blocks of seeds 0 … 4 are disjoint
    predictions = predictions_of(runs)
    table = decomposition_table(runs, SETTINGS, {"fashion_mnist": [predictions]}, LABELS)
    assert set(table["n_replicates"]) == {5}
    expected = cross_entropy(array_of(predictions, runs[:5]), LABELS)
    assert value(table, "cross_entropy", "variance") == pytest.approx(expected["variance"].value)
    everything = planned_runs("fashion_mnist", "all", "none", 8)
    assert decomposition_table(everything, SETTINGS, {"fashion_mnist": [predictions_of(everything)]}, LABELS).empty
    runs = planned_runs("linear_regression", "linear", "none", 6)
    predictions = predictions_of(runs)
    runs.loc[2, "status"] = "diverged"
    predictions.loc[predictions["run_id"] == runs["run_id"][2], "weight"] = np.inf
    table = decomposition_table(runs, SETTINGS, {"linear_regression": [predictions]})
    assert set(table["n_replicates"]) == {5}
    parameters = array_of(predictions, runs[runs["status"] == "ok"])[:, :, 0]
    expected = linear_model(parameters[:, :-1], parameters[:, -1], np.full(N_FEATURES, 0.1), 0.5, 0.2)
    for name in ("noise", "bias", "variance", "risk"):
        assert value(table, "squared_error", name) == pytest.approx(expected[name].value), name
    assert (table["n_items"] == 0).all()


def test_seeds_crossed_with_data_seeds_split_the_variance():
    runs = planned_runs("fashion_mnist", "crossed", "none", 4, data_seeds=5).sample(frac=1, random_state=0)
    predictions = predictions_of(runs)
    by_data = runs.sort_values(["data_seed", "seed"])
    p = array_of(predictions, by_data).reshape(5, 4, N_ITEMS, N_CLASSES)
    expected = crossed(p, one_hot(LABELS, N_CLASSES))
    table = decomposition_table(runs, SETTINGS, {"fashion_mnist": [predictions]}, LABELS)
    assert set(table["component"]) == set(expected)
    for name in expected:
        assert value(table, "squared_error", name) == pytest.approx(expected[name].value), name
    assert set(table["n_replicates"]) == {20}

    diverged = runs.assign(status=np.where((runs["seed"] == 1) & (runs["data_seed"] == 3), "diverged", "ok"))
    table = decomposition_table(diverged, SETTINGS, {"fashion_mnist": [predictions]}, LABELS)
    expected = crossed(np.delete(p, 3, axis=0), one_hot(LABELS, N_CLASSES))
    assert set(table["n_replicates"]) == {16}
    found = value(table, "squared_error", "variance_sampling")
    assert found == pytest.approx(expected["variance_sampling"].value)


def test_cells_without_predictions_or_with_two_replicates_have_no_rows_and_incomplete_ones_are_errors():
    kept = planned_runs("fashion_mnist", "blocks", "none", 3)
    few = planned_runs("fashion_mnist", "blocks", "weight_decay", 2)
    runs = pd.concat([kept, few, planned_runs("fashion_mnist", "blocks", "dropout", 3)])
    table = decomposition_table(runs, SETTINGS, {"fashion_mnist": [predictions_of(pd.concat([kept, few]))]}, LABELS)
    assert set(table["method"]) == {"none"}
    nothing = decomposition_table(runs, SETTINGS, {"fashion_mnist": []}, LABELS)
    assert nothing.empty
    assert list(nothing.dtypes) == list(table.dtypes)
    runs = planned_runs("fashion_mnist", "blocks", "none", 4)
    predictions = predictions_of(runs)
    with pytest.raises(ValueError, match="1 rows of predictions are missing in the cell of fashion_mnist:blocks:none"):
        decomposition_table(runs, SETTINGS, {"fashion_mnist": [predictions[:-1]]}, LABELS)
    with pytest.raises(ValueError, match=r"not in the table of runs: fashion_mnist:blocks:none:lam=0:p=0/0:seed=0"):
        decomposition_table(runs[1:], SETTINGS, {"fashion_mnist": [predictions]}, LABELS)
    with pytest.raises(ValueError, match="need the test labels"):
        decomposition_table(runs, SETTINGS, {"fashion_mnist": [predictions]})


def test_the_script_reads_and_writes_the_tables(tmp_path, monkeypatch):
    runs = pd.concat([planned_runs("linear_regression", "linear", method, 5) for method in ("none", "ridge")])
    predictions = predictions_of(runs)
    for name, table in (("runs", runs), ("settings", SETTINGS), ("predictions_linear_regression", predictions)):
        table.to_parquet(tmp_path / f"{name}.parquet")
    output = tmp_path / "decomposition.parquet"
    monkeypatch.setattr(sys, "argv", ["make_decomposition.py", "--tables", str(tmp_path), "--output", str(output)])
    runpy.run_path(str(ROOT / "scripts" / "make_decomposition.py"), run_name="__main__")
    expected = decomposition_table(runs, SETTINGS, {"linear_regression": [predictions]})
    pd.testing.assert_frame_equal(pd.read_parquet(output), expected)
    assert output.with_suffix(".csv").exists()
