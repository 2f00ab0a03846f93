"""Claims c15–c24 on studies whose answer is known, and on code that is broken on purpose."""

import numpy as np
import pandas as pd
import pytest
import torch

from claims import failed, judged, measured, verdict
from claims.studies import NETWORK, SOFTMAX, input_noise, nothing, sample_sizes, study_with_predictions
from regularization.analysis import decomposition
from regularization.analysis.decomposition_table import COLUMNS, rows_of
from regularization.analysis.intervals import t_quantile
from regularization.analysis.statistics import jackknife
from regularization.claims import replicates
from regularization.claims.chapter.c16_linear_models_have_bias import bias_share
from regularization.claims.claim import NotMeasured
from regularization.claims.evidence import Evidence
from regularization.draws import Draws
from regularization.naming import Key
from regularization.textbook.dropout import dropout_layer
from regularization.textbook.fashion_mlp import DropoutMLP
from synthetic import cell, tables

N_ITEMS, N_CLASSES = 40, 10


def test_few_seeds_are_a_number_versions_are_compared_and_a_tenth_left_by_luck_is_not_cured():
    [told] = [one for one in judged("c15", sample_sizes(2, 0.1, networks=(0.15, 0.3))).numbers if "10,000" in one]
    assert told.startswith("network's gap of accuracies with 500, 10,000 images (5 seeds): 0.199, 0.300")
    # The mean is below a tenth, its interval is not.
    assert measured("c15", sample_sizes(2, 0.19, noise=0.2)).notes.conditions[0].outcome == "not shown"
    rng = np.random.default_rng(23)
    cells = [
        cell("fashion_mnist", setting, "dropout", 0, "0.2/0.5", rng, n=5, test_accuracy=accuracy)
        for setting, accuracy in (("textbook", 0.86), ("textbook_concise", 0.87))
    ]
    [text] = judged("c23", tables(*cells)).numbers
    assert ": 0.01" in text
    assert text.endswith("5 seeds")


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
    estimate, _ = bias_share(Evidence(study, rng), "square")
    found, se, n = estimate.mean, (estimate.high - estimate.mean) / t_quantile(60), estimate.n
    without = [share(np.delete(predictions, r, axis=0)) for r in range(60)]
    assert (found, n) == (pytest.approx(share(predictions)), 60)
    assert se == pytest.approx(jackknife(without), rel=0.03), "to first order"


def test_bias_and_variance_are_recovered_in_any_order_with_the_jackknifes_errors(tmp_path):
    study = study_with_predictions(tmp_path, {NETWORK: (0.3, 0.2), SOFTMAX: (0.5, 0.1)}, n=60)
    network, softmax = replicates.of_networks(study, [NETWORK, SOFTMAX])
    assert network.variance.mean() == pytest.approx(0.2 * 1.01, rel=0.05)
    assert softmax.variance.mean() == pytest.approx(0.1 * 1.01, rel=0.05)
    assert network.bias.mean() == pytest.approx(0.3, abs=0.03)
    assert softmax.bias.mean() == pytest.approx(0.5, abs=0.03)
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


@pytest.mark.arithmetic
def test_the_mean_behind_a_relu_is_the_average_over_random_masks():
    """An independent reference for the exact enumeration: ReLU is convex, the masks' average lies above."""
    assert failed("c20", nothing()) == [], "nobody says that it passes through a ReLU"
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
    permissive = lambda x, p, u: dropout_layer(x, p, u) if 0 <= p <= 1 else x  # noqa: E731
    monkeypatch.setattr("regularization.textbook.dropout.dropout_layer", permissive)
    assert failed("c23", nothing()) == ["not both refuse p outside [0, 1]"]


@pytest.mark.arithmetic
def test_networks_that_drop_at_inference_or_never_are_found(monkeypatch):
    def forward(self, x):
        *hidden, last = self.layers
        h = x
        for layer, p in zip(hidden, self.p, strict=True):
            h = torch.relu(layer(h))
            h = dropout_layer(h, p, torch.full_like(h, 0.3))
        return last(h)

    monkeypatch.setattr(DropoutMLP, "forward", forward)
    assert verdict("c21", nothing()) == "contradicted"
    monkeypatch.undo()
    monkeypatch.setattr(Draws, "dropout_mask", lambda self, p, like, *, part=0: torch.ones_like(like))
    assert failed("c21", nothing()) == [
        "in training a network keeps its outputs",
        "in training two passes with fresh masks give the same outputs",
    ]


@pytest.mark.arithmetic
def test_masks_that_repeat_or_share_half_of_their_units_are_found(monkeypatch):
    fresh = Draws.dropout_mask

    def frozen(self, p, like, *, part=0):  # the same mask at every step
        step, self.step = self.step, 0
        mask = fresh(self, p, like, part=part)
        self.step = step
        return mask

    monkeypatch.setattr(Draws, "dropout_mask", frozen)
    assert verdict("c22", nothing()) == "contradicted"

    monkeypatch.undo()

    def related(self, p, like, *, part=0):
        mask = fresh(self, p, like, part=part)
        mask[..., : like.shape[-1] // 2] = fresh(Draws([0]), p, like, part=0)[..., : like.shape[-1] // 2]
        return mask

    monkeypatch.setattr(Draws, "dropout_mask", related)
    assert failed("c22", nothing()) == ["two masks are correlated"]


def test_the_mean_over_noise_draws_is_tested_and_not_the_scatter_of_one_run(tmp_path):
    found = judged("c24", input_noise(tmp_path, 1.0, scatter=0.05))
    assert found.verdict == "supported"
    told = [one for one in found.numbers if "λ = 3‖" in one]
    assert float(told[0].rpartition(" ")[2]) > 0.03, "single runs are further away than the margin"
    found = judged("c24", input_noise(tmp_path, 1.05))
    assert found.measured is not None
    assert found.measured.effect == pytest.approx(0.05, abs=0.01)
