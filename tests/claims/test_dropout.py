"""The claims about dropout (c25–c34) on studies whose answer is known: each can be supported and refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims import judged, measured, number, verdict
from claims.studies import HALF, NINE, WITHOUT, Network, co_adapted, network, robust, tuned
from regularization.analysis.tables import Tables


@pytest.mark.parametrize(
    ("best", "said"), [(0.3, "(λ = 0.3 of 0.3, 0.6, 1)"), (1.0, "(λ = 1 of 0.3, 0.6, 1)"), (0.6, "")]
)
def test_a_strength_at_the_edge_of_its_grid_may_not_be_the_best_there_is(best, said):
    def losses(method: str, level: float, at: float) -> dict[Network, dict[str, float]]:
        accuracy = 0.8 + 0.1 * (method == "layer_noise")
        return {
            (method, lam, "0/0"): {"loss": level + 0.1 * (lam != at), "test_accuracy": accuracy}
            for lam in (0.3, 0.6, 1.0)
        }

    found = judged("c25", network(losses("input_noise", 0.8, 0.6) | losses("layer_noise", 0.6, best)))
    assert found.verdict == ("qualified" if said else "supported")
    assert said in found.reason
    assert ("noise in every layer is at the edge of its grid" in found.reason) == bool(said)


def test_effects_are_a_log_ratio_and_a_regret_of_three_tries_of_five_in_a_range_that_may_be_cut_off():
    assert measured("c26", co_adapted((0.4, 0.1), noise=1e-6)).effect == pytest.approx(np.log(4), rel=1e-3)
    # Of three, the best, second or third is kept with chances 6, 3 and 1 in 10: 0.69 on average, 0.09 too much.
    assert measured("c33", tuned([0.95, 0.9, 0.8, 0.6, 0.9], [0.6] * 5)).effect == pytest.approx(0.09, abs=0.002)
    numbers = judged("c33", tuned([0.95, 0.9, 0.8, 0.6, 1.1], [0.6] * 5)).numbers
    assert "effective range, weight decay: 0.001 to 0.03, 4 strengths" in numbers
    assert "effective range, dropout: 0.1 to 0.9, 5 strengths, cut off by the grid" in numbers


@pytest.mark.parametrize("claim_id", ["c27", "c28"])
def test_the_effect_on_robustness_is_what_is_lost_less_in_the_middle(claim_id):
    assert measured(claim_id, robust(claim_id, 0.2, 0.1)).effect == pytest.approx(0.1, abs=0.003)


def test_accuracy_near_the_best_is_not_measured_where_the_loss_is_lowest():
    """The p with the lowest loss has a low accuracy, against which p = 0.5 looks good; another p is 3 points better."""
    cells = {
        WITHOUT: {"loss": 1.0},
        ("dropout", 0.0, "0.1/0.1"): {"loss": 0.9},
        HALF: {"loss": 0.71},
        NINE: {"loss": 0.9},
    }
    cells["dropout", 0.0, "0.8/0.8"] = {"loss": 0.7, "test_accuracy": 0.75}
    cells["dropout", 0.0, "0.35/0.35"] = {"loss": 0.9, "test_accuracy": 0.83}
    found = judged("c29", network(cells))
    assert found.verdict == "qualified"
    assert "accuracy at the p that validation accuracy chooses (0.35/0.35)" in found.reason


# Strengths on either side of the best ones, λ = 0.01 and p = 0.5.
TRIED: dict[Network, dict[str, float]] = {
    ("weight_decay", 0.001, "0/0"): {"loss": 0.9},
    ("weight_decay", 0.01, "0/0"): {"loss": 0.7},
    ("weight_decay", 0.1, "0/0"): {"loss": 0.9},
    ("dropout", 0.0, "0.1/0.1"): {"loss": 0.95},
    NINE: {"loss": 0.95},
}


def with_predictions(folder: Path, sure: float, right: dict[str, float], n_items: int = 400) -> Tables:
    """Both methods give a class `sure`; it is the label on the first share `right` of the images."""
    labels = np.arange(n_items) % 10
    study = network(
        {
            **{key: {"loss": 0.9} for key in TRIED},
            ("weight_decay", 0.01, "0/0"): {"loss": 0.8},
            HALF: {"loss": 0.7, "test_accuracy": 0.81},
        },
        labels=pd.DataFrame({"item": np.arange(n_items), "label": labels}),
    )
    parts = []
    for shift, run in enumerate(study.runs.itertuples()):
        given = np.where(np.roll(np.arange(n_items), shift) < right[run.method] * n_items, labels, (labels + 1) % 10)
        p = np.full((n_items, 10), (1 - sure) / 9)
        p[np.arange(n_items), given] = sure
        table = pd.DataFrame(p, columns=[f"p{k}" for k in range(10)])
        parts.append(table.assign(run_id=run.run_id, item=np.arange(n_items)))
    pd.concat(parts).to_parquet(folder / "predictions_fashion_mnist.parquet")
    return study.replace(folder=folder)


def test_dropout_beats_weight_decay_where_each_is_at_the_strength_validation_chooses_by_loss_or_accuracy():
    better, worse = {HALF: {"loss": 0.6, "test_accuracy": 0.82}}, {HALF: {"loss": 0.8}}
    assert verdict("c32", network(TRIED | better)) == "supported"
    assert verdict("c32", network(TRIED | worse)) == "contradicted", "better than the λ nobody would choose"
    assert verdict("c32", network(TRIED | {HALF: {"loss": 0.6}})) == "qualified", "not in accuracy"
    assert verdict("c32", network(TRIED | {HALF: {"loss": 0.7}}, noise=0.1)) == "inconclusive"
    edge = network({**TRIED, HALF: {"loss": 0.6, "test_accuracy": 0.82}, ("weight_decay", 0.1, "0/0"): {"loss": 0.65}})
    assert (
        "weight decay is at the edge of its grid, so that a better one may lie beyond (λ = 0.1 of 0"
        in judged("c32", edge).reason
    )
    # By cross-entropy the less accurate p is chosen, by accuracy the other: 0.82 − 0.8 instead of 0.75 − 0.8.
    cells = {
        **TRIED,
        HALF: {"loss": 0.85, "test_accuracy": 0.82},
        ("dropout", 0.0, "0.8/0.8"): {"loss": 0.8, "test_accuracy": 0.75},
    }
    found = judged("c32", network(cells))
    assert number(found.measured, "accuracy") == pytest.approx(-0.05, abs=0.002)
    assert found.verdict == "contradicted", "by cross-entropy"
    assert "Fails: test accuracy is higher too" in found.reason
    assert "Holds nevertheless: test accuracy is higher, each tuned on validation accuracy (by 0.0" in found.reason


def test_a_lead_that_the_test_images_could_have_given_is_qualified_by_gains_per_image(tmp_path):
    assert verdict("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.5, "dropout": 0.8})) == "supported"
    close = judged("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.8, "dropout": 0.805}))
    assert close.verdict == "qualified"
    assert "population of images" in close.reason
    found = measured("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.5, "dropout": 0.8}))
    accuracy, loss = (number(found, "over_images", score=score).mean for score in ("accuracy", "cross-entropy"))
    assert accuracy == pytest.approx(0.3, abs=1e-4)
    assert loss == pytest.approx(0.3 * np.log(0.9 / (0.1 / 9)), abs=1e-3)


@pytest.mark.arithmetic
def test_dropout_that_goes_on_at_inference_is_found(monkeypatch):
    import torch

    from regularization.textbook.fashion_mlp import DropoutMLP
    from regularization.training.network import Network

    assert verdict("c34", network({WITHOUT: {}})) == "supported"
    output = Network.output
    with monkeypatch.context() as patch:
        patch.setattr(Network, "output", lambda self, x: output(self, x) * (torch.arange(10) > 0))
        assert verdict("c34", network({WITHOUT: {}})) == "contradicted", "the engine"
    with monkeypatch.context() as patch:
        patch.setattr(DropoutMLP, "eval", lambda self: self.train())
        patch.setattr(
            DropoutMLP, "forward", lambda self, x: self.layers[-1](torch.zeros(len(x), 16, dtype=x.dtype) + max(self.p))
        )
        assert verdict("c34", network({WITHOUT: {}})) == "contradicted", "an output that depends on p"
