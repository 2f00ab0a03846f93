"""Claims c15–c24 on studies whose answer is known, and on code that is broken on purpose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from claims import failed, judged, measured, verdict
from regularization.analysis import decomposition
from regularization.analysis.decomposition_table import COLUMNS, rows_of
from regularization.analysis.statistics import equivalence, jackknife
from regularization.analysis.tables import Tables
from regularization.claims import replicates
from regularization.claims.chapter.c16_linear_models_have_bias import bias_share
from regularization.claims.claim import NotMeasured
from regularization.draws import Draws
from regularization.naming import Key, run_id
from regularization.textbook.dropout import dropout_layer
from regularization.textbook.fashion_mlp import DropoutMLP
from synthetic import cell, tables

N_ITEMS, N_CLASSES = 40, 10


def nothing() -> Tables:
    return tables(cell("linear_regression", "other", "none", 0, "0", np.random.default_rng(0), risk=1))


# --- c15: sample size -----------------------------------------------------------------------------------------


def sample_sizes(few: float, many: float, *, noise: float = 0.01, minimum_norm: tuple[float, float] | None = None):
    """Gaps of the chapter's linear model with 20 and with 500 samples."""
    rng = np.random.default_rng(15)

    def at(setting: str, gap: float, method: str = "none"):
        return cell("linear_regression", setting, method, 0, "0", rng, n=30, noise=noise, risk=gap + 1, train_loss=1)

    cells = [at("textbook", few), at("more_samples_500", many)]
    if minimum_norm is not None:
        cells += [at(f"samples_{n}", gap, "ridge") for n, gap in zip((100, 200), minimum_norm, strict=True)]
    return tables(*cells)


def test_more_samples_cure_overfitting_only_if_hardly_any_of_the_gap_is_left():
    assert verdict("c15", sample_sizes(2, 0.1)) == "supported"
    assert verdict("c15", sample_sizes(2, 1)) == "qualified"
    assert verdict("c15", sample_sizes(1, 2)) == "contradicted"
    assert verdict("c15", sample_sizes(1, 1, noise=1)) == "inconclusive"


def test_a_peak_on_the_way_qualifies_the_cure():
    assert verdict("c15", sample_sizes(2, 0.1, minimum_norm=(1, 0.5))) == "supported"
    assert failed("c15", sample_sizes(2, 0.1, minimum_norm=(0.5, 5))) == [
        "more samples never hurt (minimum-norm fit, 100 → 200 samples)"
    ]


def test_networks_are_a_condition_with_2000_images_and_a_number_with_the_few_seeds_of_10000():
    def study(gap_2000: float, gap_10000: float) -> Tables:
        rng = np.random.default_rng(16)
        gaps = {"samples_500": (0.2, 12), "samples_2000": (gap_2000, 12), "samples_10000": (gap_10000, 5)}
        networks = [
            cell("fashion_mnist", name, "none", 0, "0/0", rng, n=n, train_accuracy=1.0, test_accuracy=1 - gap)
            for name, (gap, n) in gaps.items()
        ]
        return tables(sample_sizes(2, 0.1).runs, *networks)

    assert verdict("c15", study(0.15, 0.3)) == "supported", "five seeds do not decide"
    assert failed("c15", study(0.25, 0.1)) == ["the network's accuracy gap falls from 500 to 2,000 images"]
    [told] = [one for one in judged("c15", study(0.15, 0.3)).numbers if "10,000" in one]
    assert told.startswith("the same with 500, 10,000 images (5 seeds): 0.200, 0.30")


def test_a_tenth_left_by_luck_is_not_cured():
    """The mean is below a tenth, its interval is not."""
    assert not measured("c15", sample_sizes(2, 0.19, noise=0.2)).notes.conditions[0].holds


# --- c16: the chapter's example -------------------------------------------------------------------------------


def example(linear: tuple[float, float], network: tuple[float, float], *, se: float = 0.05) -> Tables:
    """Bias² and variance of both models on both functions; standard errors are a share `se` of every value."""
    rows: list[dict[str, object]] = []
    for setting in ("square", "interaction"):
        for method, (bias, variance) in (("linear_model", linear), ("network", network)):
            values = {"noise": 0.01, "bias": bias, "variance": variance, "risk": 0.01 + bias + variance}
            errors = {"bias": se * bias, "variance": se * variance, "risk": se * np.hypot(bias, variance), "noise": 0}
            parts = {name: decomposition.Component(value, errors[name], 0, 0) for name, value in values.items()}
            identity = {"experiment": "example", "setting": setting, "method": method, "lam": 0.0, "p": ""}
            rows += rows_of(identity, "squared_error", parts, 100, 400)
    empty = nothing()
    return tables(empty.runs, decomposition=pd.DataFrame(rows, columns=COLUMNS))


def test_a_linear_model_has_to_lose_by_bias_and_to_vary_less_than_a_network():
    assert verdict("c16", example((0.09, 0.001), (0.001, 0.01))) == "supported"
    assert verdict("c16", example((0.08, 0.02), (0.001, 0.1))) == "qualified", "four fifths bias"
    assert verdict("c16", example((0.01, 0.09), (0.001, 0.2))) == "contradicted"
    assert verdict("c16", example((0.09, 0.001), (0.001, 0.01), se=20)) == "inconclusive"
    assert failed("c16", example((0.09, 0.001), (0.001, 0.0001))) == [
        "on x² its variance is below a network's",
        "on x₁x₂ its variance is below a network's",
    ]


def test_the_standard_error_of_the_bias_share_is_the_jackknifes():
    rng = np.random.default_rng(16)
    predictions = 0.5 + rng.standard_normal((60, 25, 1)) * rng.gamma(
        2, 0.2, size=(60, 1, 1)
    )  # some replicates vary more
    targets = np.zeros((25, 1))

    def share(predictions: np.ndarray) -> float:
        parts = decomposition.squared_error(predictions, targets, noise=0.1)
        return parts["bias"].value / (parts["bias"].value + parts["variance"].value)

    identity = {"experiment": "example", "setting": "square", "method": "linear_model", "lam": 0.0, "p": ""}
    rows = rows_of(identity, "squared_error", decomposition.squared_error(predictions, targets, noise=0.1), 60, 25)
    study = tables(nothing().runs, decomposition=pd.DataFrame(rows, columns=COLUMNS))
    found, se, n = bias_share(study, "square")
    without = [share(np.delete(predictions, r, axis=0)) for r in range(60)]
    assert (found, n) == (pytest.approx(share(predictions)), 60)
    assert se == pytest.approx(jackknife(without), rel=0.03), "to first order"


# --- c17 and c19: bias and variance of networks ---------------------------------------------------------------


def study_with_predictions(
    folder: Path,
    parts: dict[Key, tuple[float, float]],
    *,
    n: int = 12,
    seed: int = 17,
    disjoint: int = 100,
    diverged: tuple[int, ...] = (),
    first_seed: dict[Key, int] | None = None,
) -> Tables:
    """Networks with given (bias², variance) of their probabilities, written to `folder` as the study does."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(N_CLASSES, size=N_ITEMS)
    noise = rng.standard_normal((n + 10, N_ITEMS, N_CLASSES))  # shared: common random numbers
    cells, rows = [], []
    for key, (bias, variance) in parts.items():
        table = cell(*key, rng, n=n)
        start = (first_seed or {}).get(key, 0)
        table["seed"] = table["data_seed"] = np.arange(start, start + n)
        table["run_id"] = [run_id(*key, replicate) for replicate in table["seed"]]
        table["status"] = ["diverged" if replicate in diverged else "ok" for replicate in table["seed"]]
        cells.append(table)
        shift = np.sqrt(bias / N_CLASSES)
        own = rng.standard_normal(noise.shape) * 0.1  # no two cells are exactly alike
        p = np.eye(N_CLASSES)[labels] + shift + np.sqrt(variance / N_CLASSES) * (noise + own)
        for name, replicate in zip(table["run_id"], table["seed"], strict=True):
            values = p[replicate] + (1e3 if replicate in diverged else 0)
            row = pd.DataFrame(values.astype(np.float32), columns=[f"p{k}" for k in range(N_CLASSES)])
            rows.append(row.assign(run_id=name, item=np.arange(N_ITEMS)))
    # Rows in any order.
    pd.concat(rows).sample(frac=1, random_state=1).to_parquet(folder / "predictions_fashion_mnist.parquet", index=False)
    names = sorted({key.setting for key in parts})
    settings = pd.DataFrame({"experiment": "fashion_mnist", "setting": names, "disjoint_seeds": disjoint})
    items = pd.DataFrame({"item": np.arange(N_ITEMS), "label": labels})
    return tables(*cells, settings=settings, labels=items, folder=folder)


NETWORK = Key("fashion_mnist", "samples_500", "none", 0.0, "0/0")
SOFTMAX = Key("fashion_mnist", "softmax_500", "none", 0.0, "")
DROPOUT = Key("fashion_mnist", "samples_500", "dropout", 0.0, "0.5/0.5")
DECAY = Key("fashion_mnist", "samples_500", "weight_decay", 0.01, "0/0")


def test_a_network_needs_more_variance_and_less_bias_than_softmax_regression(tmp_path):
    def found(network: tuple[float, float], softmax: tuple[float, float]) -> str:
        return verdict("c17", study_with_predictions(tmp_path, {NETWORK: network, SOFTMAX: softmax}))

    assert found((0.2, 0.2), (0.4, 0.1)) == "supported"
    assert found((0.4, 0.1), (0.2, 0.2)) == "contradicted"
    assert found((0.4, 0.2), (0.2, 0.1)) == "qualified", "more bias, too"
    assert found((0.2, 0.1), (0.2, 0.1)) in ("inconclusive", "contradicted"), "no difference"


def test_bias_and_variance_are_recovered_whatever_the_order_of_the_rows(tmp_path):
    study = study_with_predictions(tmp_path, {NETWORK: (0.3, 0.2), SOFTMAX: (0.5, 0.1)}, n=60)
    network, softmax = replicates.of_networks(study, [NETWORK, SOFTMAX])
    assert network.variance.mean() == pytest.approx(0.2 * 1.01, rel=0.05)
    assert softmax.variance.mean() == pytest.approx(0.1 * 1.01, rel=0.05)
    assert network.bias.mean() == pytest.approx(0.3, abs=0.03)
    assert softmax.bias.mean() == pytest.approx(0.5, abs=0.03)


def test_pseudo_values_have_the_decompositions_estimates_and_standard_errors():
    rng = np.random.default_rng(18)
    predictions, targets = rng.dirichlet(np.ones(5), size=(9, 30)), np.eye(5)[rng.integers(5, size=30)]
    expected = decomposition.squared_error(predictions, targets)
    found = replicates.split(predictions, targets)
    for name, values in (("bias", found.bias), ("variance", found.variance)):
        assert values.mean() == pytest.approx(expected[name].value, rel=1e-10)
        by_replicate = values.mean(axis=1)
        assert by_replicate.std(ddof=1) / 3 == pytest.approx(expected[name].se, rel=1e-10)


def test_replicates_are_paired_by_seed_without_diverged_and_overlapping_ones(tmp_path):
    parts = {NETWORK: (0.2, 0.2), SOFTMAX: (0.4, 0.1)}
    study = study_with_predictions(tmp_path, parts, first_seed={SOFTMAX: 2}, diverged=(5,), disjoint=10)
    network, softmax = replicates.of_networks(study, [NETWORK, SOFTMAX])
    # Seeds 0–11 and 2–13 share 2–11; 5 diverged, and from 10 on images repeat.
    assert len(network.variance) == len(softmax.variance) == 7
    assert network.variance.mean() < 1, "a diverged network would be far away"
    # The noise is shared by seed, so pairs vary together only if they are pairs.
    a, b = (split.variance.mean(axis=1) for split in (network, softmax))
    assert np.corrcoef(a, b)[0, 1] > 0.8
    with pytest.raises(NotMeasured, match=r"'lacks_replicates'.* 3"):
        replicates.of_networks(study_with_predictions(tmp_path, parts, disjoint=2), [NETWORK, SOFTMAX])


def test_regularization_has_to_lower_the_variance_and_to_raise_the_bias(tmp_path):
    def study(dropout: tuple[float, float], decay: tuple[float, float] | None = None) -> Tables:
        cells = {NETWORK: (0.2, 0.2), DROPOUT: dropout, **({} if decay is None else {DECAY: decay})}
        return study_with_predictions(tmp_path, cells)

    assert verdict("c19", study((0.3, 0.1))) == "supported"
    assert verdict("c19", study((0.1, 0.3))) == "contradicted"
    assert failed("c19", study((0.1, 0.1))) == ["under dropout at p = 0.5 the bias rises"]
    assert failed("c19", study((0.3, 0.1), decay=(0.3, 0.3))) == ["under weight decay at λ = 0.01 the variance falls"]


def test_the_linear_model_is_split_exactly(tmp_path):
    rng = np.random.default_rng(19)
    keys = [
        Key("linear_regression", "zero_init_noise_0.1", method, lam, "0")
        for method, lam in (("none", 0.0), ("l2_penalty", 3.0))
    ]
    cells, rows, d = [], [], 50
    for key, scale in zip(keys, (1.0, 0.5), strict=True):
        table = cell(*key, rng, n=200)
        cells.append(table)
        for name in table["run_id"]:
            # Shrunk to `scale` of w* = 0.1 in every component, b* = 0.05 is found, variance (0.2·scale)² each.
            weights = np.append(scale * 0.1 + 0.2 * scale * rng.standard_normal(d), 0.05)
            rows.append(pd.DataFrame({"run_id": name, "item": np.arange(d + 1), "weight": weights}))
    pd.concat(rows).to_parquet(tmp_path / "predictions_linear_regression.parquet", index=False)
    settings = pd.DataFrame(
        {
            "experiment": ["linear_regression"],
            "setting": ["zero_init_noise_0.1"],
            "true_weight": 0.1,
            "true_bias": 0.05,
            "disjoint_seeds": None,
        }
    )
    none, decayed = replicates.of_linear_models(tables(*cells, settings=settings, folder=tmp_path), keys)
    assert none.variance.mean() == pytest.approx(d * 0.04, rel=0.05)
    assert decayed.variance.mean() == pytest.approx(d * 0.01, rel=0.05)
    assert none.bias.mean() == pytest.approx(0, abs=0.02)
    assert decayed.bias.mean() == pytest.approx(d * 0.05**2, abs=0.01)


# --- c18: random labels ---------------------------------------------------------------------------------------


def random_labels(train: float, test: float, *, n_train: int = 10_000, noise: float = 0.001) -> Tables:
    rng = np.random.default_rng(18)
    runs = cell("fashion_mnist", "random", "none", 0, "0/0", rng, noise=noise, train_accuracy=train, test_accuracy=test)
    one = {
        "experiment": "fashion_mnist",
        "setting": "random",
        "hidden": "256/256",
        "random_labels": 1.0,
        "n_train": n_train,
    }
    settings = pd.DataFrame([{**one, "schedule": "cosine", "images": "blocks"}])
    return tables(runs, settings=settings)


def test_overfitting_is_fitting_labels_that_say_nothing():
    assert verdict("c18", random_labels(0.999, 0.1)) == "supported"
    few = judged("c18", random_labels(0.999, 0.1, n_train=2_000))
    assert few.verdict == "inconclusive", "2.6 samples a feature are not many: not tested"
    assert "at least five samples a feature (here 2.6; the preset full.yaml reaches them)" in few.reason
    assert verdict("c18", random_labels(0.1, 0.1, n_train=2_000, noise=0.01)) == "contradicted", "not even there"
    assert verdict("c18", random_labels(0.9, 0.1)) == "qualified", "not every label"
    assert verdict("c18", random_labels(0.5, 0.1)) == "qualified", "below the margin"
    assert verdict("c18", random_labels(0.1, 0.1, noise=0.01)) == "contradicted"
    assert verdict("c18", random_labels(0.6, 0.1, noise=2)) == "inconclusive"


# --- c20–c23: identities, and code that breaks them -----------------------------------------------------------


@pytest.mark.arithmetic
def test_the_mean_behind_a_relu_is_the_average_over_random_masks():
    """An independent reference for the exact enumeration: ReLU is convex, the masks' average lies above."""
    assert failed("c20", nothing()) == ["the mean passes through a nonlinearity (ReLU)"]
    ratios = [one.facts["value"] for one in measured("c20", nothing()).notes.numbers if one.block == "shift"]
    assert all(value > 1 for value in ratios)
    assert ratios == sorted(ratios), "the more is dropped, the further away"
    # For weights that are symmetric around 0 and half of the units dropped, by simulation.
    rng = np.random.default_rng(20)
    h, weights = np.abs(rng.standard_normal(10)), rng.standard_normal((10, 20_000))
    masks = (rng.random((500, 10)) > 0.5) / 0.5
    simulated = np.maximum(masks * h @ weights, 0).mean() / np.maximum(h @ weights, 0).mean()
    assert ratios[2] == pytest.approx(simulated, rel=0.1)


@pytest.mark.arithmetic
@pytest.mark.parametrize(
    "broken",
    [
        lambda x, p, u: (u > p) * x,  # no 1/(1 − p)
        lambda x, p, u: (u > p) * x / p,  # the wrong probability
        lambda x, p, u: dropout_layer(x, p, 1 - u) if p > 0 else x,  # keeps with probability p
    ],
)
def test_a_wrong_layer_has_another_mean_and_is_not_the_librarys(monkeypatch, broken):
    monkeypatch.setattr("regularization.textbook.dropout.dropout_layer", broken)
    assert verdict("c20", nothing()) == "contradicted"
    assert verdict("c23", nothing()) == "contradicted"


@pytest.mark.arithmetic
def test_a_layer_that_takes_any_p_is_not_quite_the_librarys(monkeypatch):
    def permissive(x, p, u):
        return dropout_layer(x, p, u) if 0 <= p <= 1 else x

    monkeypatch.setattr("regularization.textbook.dropout.dropout_layer", permissive)
    assert failed("c23", nothing()) == ["both refuse p outside [0, 1]"]


@pytest.mark.arithmetic
def test_a_network_that_keeps_dropping_at_inference_is_found(monkeypatch):
    def forward(self, x):
        *hidden, last = self.layers
        h = x
        for layer, p in zip(hidden, self.p, strict=True):
            h = torch.relu(layer(h))
            h = dropout_layer(h, p, torch.full_like(h, 0.3))
        return last(h)

    monkeypatch.setattr(DropoutMLP, "forward", forward)
    assert verdict("c21", nothing()) == "contradicted"


@pytest.mark.arithmetic
def test_dropout_that_never_drops_is_no_evidence_of_inference(monkeypatch):
    monkeypatch.setattr(Draws, "dropout_mask", lambda self, p, like, *, part=0: torch.ones_like(like))
    assert failed("c21", nothing()) == ["in training the same networks do change their outputs"]


@pytest.mark.arithmetic
def test_masks_that_repeat_are_found(monkeypatch):
    fresh = Draws.dropout_mask

    def frozen(self, p, like, *, part=0):  # the same mask at every step
        step, self.step = self.step, 0
        mask = fresh(self, p, like, part=part)
        self.step = step
        return mask

    monkeypatch.setattr(Draws, "dropout_mask", frozen)
    assert verdict("c22", nothing()) == "contradicted"


@pytest.mark.arithmetic
def test_masks_that_share_half_of_their_units_are_not_fresh(monkeypatch):
    fresh = Draws.dropout_mask

    def related(self, p, like, *, part=0):
        mask = fresh(self, p, like, part=part)
        mask[..., : like.shape[-1] // 2] = fresh(Draws([0]), p, like, part=0)[..., : like.shape[-1] // 2]
        return mask

    monkeypatch.setattr(Draws, "dropout_mask", related)
    assert failed("c22", nothing()) == ["no two masks are correlated"]


def test_trained_versions_are_compared_where_the_study_has_them():
    rng = np.random.default_rng(23)
    cells = [
        cell("fashion_mnist", setting, "dropout", 0, "0.2/0.5", rng, n=5, test_accuracy=accuracy)
        for setting, accuracy in (("textbook", 0.86), ("textbook_concise", 0.87))
    ]
    [text] = judged("c23", tables(*cells)).numbers
    assert ": 0.01" in text
    assert text.endswith("5 seeds")


# --- c24: input noise -----------------------------------------------------------------------------------------


def input_noise(folder: Path, weights: float = 1.0, *, scatter: float = 0.01, at_1: float = 1.0, kept: bool = True):
    """Weights under input noise as a multiple of ridge's at λ = 3 (and 1), scattered over runs; the risks agree."""
    rng = np.random.default_rng(24)
    cells, rows = [], []
    for lam, times in ((1, at_1), (3, weights)):
        for method, scale in (("ridge", 1.0), ("input_noise", times)):
            cells.append(cell("linear_regression", "converged_cosine", method, lam, "0", rng, n=50, noise=0, risk=0.03))
            for name in cells[-1]["run_id"]:
                varied = scale + (scatter * rng.standard_normal() if method == "input_noise" else 0)
                values = np.append(varied * np.ones(20) / lam, 0.05)
                rows.append(pd.DataFrame({"run_id": name, "item": np.arange(21), "weight": values}))
    if not kept:
        return tables(*cells)
    pd.concat(rows).to_parquet(folder / "predictions_linear_regression.parquet", index=False)
    return tables(*cells, folder=folder)


def test_input_noise_has_to_give_ridges_weights_whatever_the_risk(tmp_path):
    assert verdict("c24", input_noise(tmp_path)) == "supported"
    assert verdict("c24", input_noise(tmp_path, 1.2)) == "contradicted", "though the risks are the same"
    assert verdict("c24", input_noise(tmp_path, 1.095, scatter=0.05)) == "inconclusive", "close to a tenth"
    assert failed("c24", input_noise(tmp_path, at_1=1.2)) == ["the weights agree to a tenth of their norm at λ = 1 too"]
    assert "every other ridge fit of the grid is further away" in failed("c24", input_noise(tmp_path, 3.0))
    assert judged("c24", input_noise(tmp_path, kept=False)).measured is None, "risks alone cannot fail"


def test_the_distance_of_the_weights_is_tested_from_one_side(tmp_path):
    found = judged("c24", input_noise(tmp_path, 1.05))
    assert found.measured is not None
    assert found.measured.effect == pytest.approx(0.05, abs=0.01)
    assert found.test == "one-sided t test"
    own = np.abs(0.05 + 0.01 * np.random.default_rng(0).standard_normal(50))
    assert equivalence(own, low=-np.inf, high=0.1).p_value == pytest.approx(
        stats.ttest_1samp(own, 0.1, alternative="less").pvalue, rel=1e-6
    )
