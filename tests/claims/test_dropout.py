"""The claims about dropout (c25–c34) on studies whose answer is known: each can be supported and refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims import judged, measured, number, verdict
from regularization.analysis.tables import Tables
from synthetic import cell, tables

NONE, HALF, NINE = ("none", 0.0, "0/0"), ("dropout", 0.0, "0.5/0.5"), ("dropout", 0.0, "0.9/0.9")
Cell = tuple[str, float, str]


def network(metrics: dict[Cell, dict[str, float]], noise: float = 0.001, **others) -> Tables:
    """Cells of samples_500; what is given as `loss` is the validation and the test loss."""
    rng = np.random.default_rng(0)
    cells = []
    for (method, lam, p), given in metrics.items():
        means = {"test_accuracy": 0.8, **given}
        means = {"validation_accuracy": means["test_accuracy"], **means}
        if "loss" in means:
            loss = means.pop("loss")
            means = {"validation_loss": loss, "test_loss": loss, **means}
        cells.append(cell("fashion_mnist", "samples_500", method, lam, p, rng, noise=noise, **means))
    return tables(*cells, **others)


def probed(values: dict[str, dict[float, tuple[float, float]]], noise: float = 0.001) -> Tables:
    """Networks without dropout and at p = 0.5, and their probes: by name and level, the means of both."""
    study = network({NONE: {}, HALF: {}})
    rng = np.random.default_rng(1)
    rows = [
        (run.run_id, name, level, means[run.method == "dropout"] + noise * rng.standard_normal())
        for run in study.runs.itertuples()
        for name, levels in values.items()
        for level, means in levels.items()
    ]
    return study.replace(probes=pd.DataFrame(rows, columns=["run_id", "probe", "level", "value"]))


# --- noise in every layer (c25) -------------------------------------------------------------------------------


def test_noise_in_every_layer_is_judged_at_the_variance_that_validation_chooses():
    at_input, everywhere = ("input_noise", 0.6, "0/0"), ("layer_noise", 0.6, "0/0")
    worse = {(method, lam, "0/0"): {"loss": 0.95} for method in ("input_noise", "layer_noise") for lam in (0.3, 1.0)}

    def study(input_: float, layers: float, noise: float = 0.001, **more: float) -> Tables:
        return network({**worse, at_input: {"loss": input_}, everywhere: {"loss": layers, **more}}, noise=noise)

    assert verdict("c25", study(0.8, 0.7, test_accuracy=0.81)) == "supported"
    assert verdict("c25", study(0.8, 0.7)) == "qualified", "not accuracy"
    assert verdict("c25", study(0.7, 0.8)) == "contradicted"
    assert verdict("c25", study(0.7, 0.7, noise=0.1)) == "inconclusive"
    tempting = {"validation_loss": 0.9, "test_loss": 0.1, "test_accuracy": 0.99}
    other = {**worse, at_input: {"loss": 0.7}, everywhere: {"loss": 0.8}, ("layer_noise", 0.3, "0/0"): tempting}
    assert verdict("c25", network(other)) == "contradicted", "a strength that only test data would choose"


@pytest.mark.parametrize(("best", "said"), [(0.3, "λ = 0.3 is at the edge"), (1.0, "λ = 1 is at the edge"), (0.6, "")])
def test_a_strength_at_the_edge_of_its_grid_may_not_be_the_best_there_is(best, said):
    def losses(method: str, level: float, at: float) -> dict[Cell, dict[str, float]]:
        accuracy = 0.8 + 0.1 * (method == "layer_noise")
        return {
            (method, lam, "0/0"): {"loss": level + 0.1 * (lam != at), "test_accuracy": accuracy}
            for lam in (0.3, 0.6, 1.0)
        }

    found = judged("c25", network(losses("input_noise", 0.8, 0.6) | losses("layer_noise", 0.6, best)))
    assert found.verdict == ("qualified" if said else "supported")
    assert said in found.reason
    assert ("noise in every layer is inside its grid" in found.reason) == bool(said)


# --- co-adaptation (c26) --------------------------------------------------------------------------------------


def co_adapted(interaction: tuple[float, float], correlation: float = 0.1, noise: float = 0.001) -> Tables:
    return probed(
        {
            "pair_ablation_interaction": {2: interaction},
            "hidden_correlation": {1: (0.2, correlation), 2: (0.2, correlation)},
            "participation_ratio": {1: (10, 20), 2: (10, 20)},
            "deletion_accuracy": dict.fromkeys((0.1, 0.25, 0.5, 0.75, 0.9), (0.5, 0.7)),
        },
        noise,
    )


def test_co_adaptation_is_what_pairs_of_units_do_only_together():
    assert verdict("c26", co_adapted((0.4, 0.1))) == "supported"
    assert verdict("c26", co_adapted((0.1, 0.4))) == "contradicted", "however well deleted units are borne"
    assert verdict("c26", co_adapted((0.4, 0.4), noise=0.05)) == "inconclusive"
    more_correlated = judged("c26", co_adapted((0.4, 0.1), correlation=0.3))
    assert more_correlated.verdict == "qualified"
    assert "layer 1 are less correlated" in more_correlated.reason


def test_the_effect_on_co_adaptation_is_a_log_ratio():
    assert measured("c26", co_adapted((0.4, 0.1), noise=1e-6)).effect == pytest.approx(np.log(4), rel=1e-3)


# --- robustness (c27, c28) ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim_id", "probe", "levels"),
    [("c27", "noise_accuracy", (0.1, 0.2, 0.3, 0.5)), ("c28", "occlusion_accuracy", (6, 10, 14))],
)
def test_robust_is_to_lose_less_not_to_have_more(claim_id, probe, levels):
    middle = {"c27": 0.3, "c28": 10}[claim_id]

    def study(none: float, dropout: float, weakest: float = 0.0) -> Tables:
        """Starts at 0.9 and 0.7; loses these at the middle level, in proportion at others."""
        lost = {level: (none * level / middle, dropout * level / middle) for level in levels}
        lost[levels[0]] = (lost[levels[0]][0], lost[levels[0]][1] + weakest)
        accuracy = {level: (0.9 - a, 0.7 - b) for level, (a, b) in lost.items()}
        return probed({probe: {0: (0.9, 0.7), **accuracy}})

    assert verdict(claim_id, study(0.2, 0.1)) == "supported", "although its accuracy is lower everywhere"
    assert verdict(claim_id, study(0.1, 0.2)) == "contradicted"
    assert verdict(claim_id, study(0.1, 0.1)) == "inconclusive"
    assert verdict(claim_id, study(0.2, 0.1, weakest=0.2)) == "qualified", "the opposite at another level"
    assert measured(claim_id, study(0.2, 0.1)).effect == pytest.approx(0.1, abs=0.003)


# --- which p (c29, c30) ---------------------------------------------------------------------------------------


def test_one_half_is_sensible_if_it_helps_and_is_near_the_best():
    def study(small=0.95, half=0.7, nine=0.9, **better: float) -> Tables:
        cells = {
            NONE: {"loss": 1.0},
            ("dropout", 0.0, "0.1/0.1"): {"loss": small},
            HALF: {"loss": half},
            NINE: {"loss": nine},
        }
        if better:
            cells["dropout", 0.0, "0.35/0.35"] = {"loss": 1.0, **better}
        return network(cells)

    assert verdict("c29", study()) == "supported"
    assert verdict("c29", study(test_accuracy=0.802)) == "supported", "0.2 points are not noticed"
    assert "within 0.5 points" in judged("c29", study(test_accuracy=0.82)).reason
    assert verdict("c29", study(loss=0.68)) == "supported", "3 % of the cross-entropy"
    assert "within 5 %" in judged("c29", study(loss=0.6)).reason
    assert "p = 0.1 lowers" in judged("c29", study(small=1.05)).reason
    assert "p = 0.9 lowers" in judged("c29", study(nine=1.3)).reason
    assert verdict("c29", study(half=1.2)) == "contradicted"


def test_accuracy_near_the_best_is_not_measured_where_the_loss_is_lowest():
    """The p with the lowest loss has a low accuracy, against which p = 0.5 looks good; another p is 3 points better."""
    cells = {NONE: {"loss": 1.0}, ("dropout", 0.0, "0.1/0.1"): {"loss": 0.9}, HALF: {"loss": 0.71}, NINE: {"loss": 0.9}}
    cells["dropout", 0.0, "0.8/0.8"] = {"loss": 0.7, "test_accuracy": 0.75}
    cells["dropout", 0.0, "0.35/0.35"] = {"loss": 0.9, "test_accuracy": 0.83}
    found = judged("c29", network(cells))
    assert found.verdict == "qualified"
    assert "accuracy at the p that validation accuracy chooses (0.35/0.35)" in found.reason


def test_too_large_a_p_underfits_training_and_test_images():
    def study(test: float, train: float, fitted: float) -> Tables:
        return network(
            {
                HALF: {"loss": 0.7, "train_loss": 0.05, "train_accuracy": 1.0},
                NINE: {"loss": test, "train_loss": train, "train_accuracy": fitted},
            }
        )

    assert verdict("c30", study(0.9, 0.4, 0.9)) == "supported"
    assert verdict("c30", study(0.9, 0.4, 0.999)) == "qualified", "it still fits the training images"
    assert verdict("c30", study(0.9, 0.01, 0.9)) == "qualified", "overfits: the training loss is lower"
    assert verdict("c30", study(0.6, 0.4, 0.9)) == "contradicted", "also where validation would choose 0.9 itself"


# --- sub-networks (c31) ---------------------------------------------------------------------------------------


def test_weight_scaling_has_to_equal_the_average_within_the_margin():
    def study(accuracy: float, loss: float = 0.5, noise: float = 0.001) -> Tables:
        return probed(
            {
                "mask_average_accuracy": {k: (np.nan, 0.8 - 0.1 / k) for k in (1, 3, 10)} | {30: (np.nan, 0.8)},
                "mask_average_loss": {30: (np.nan, 0.5)},
                "weight_scaling_accuracy": {np.nan: (np.nan, accuracy)},
                "weight_scaling_loss": {np.nan: (np.nan, loss)},
            },
            noise,
        )

    assert verdict("c31", study(0.8)) == "supported"
    assert verdict("c31", study(0.8, loss=0.6)) == "qualified", "cross-entropy differs by a fifth"
    assert verdict("c31", study(0.8, noise=0.01)) == "inconclusive", "close, but not known closely enough"
    assert verdict("c31", study(0.78)) == "contradicted"


# --- against weight decay (c32, c33) --------------------------------------------------------------------------


# Strengths on either side of the best ones, λ = 0.01 and p = 0.5.
TRIED: dict[Cell, dict[str, float]] = {
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


def test_dropout_beats_weight_decay_where_each_is_at_the_strength_validation_chooses():
    better, worse = {HALF: {"loss": 0.6, "test_accuracy": 0.82}}, {HALF: {"loss": 0.8}}
    assert verdict("c32", network(TRIED | better)) == "supported"
    assert verdict("c32", network(TRIED | worse)) == "contradicted", "better than the λ nobody would choose"
    assert verdict("c32", network(TRIED | {HALF: {"loss": 0.6}})) == "qualified", "not in accuracy"
    assert verdict("c32", network(TRIED | {HALF: {"loss": 0.7}}, noise=0.1)) == "inconclusive"
    edge = network({**TRIED, HALF: {"loss": 0.6, "test_accuracy": 0.82}, ("weight_decay", 0.1, "0/0"): {"loss": 0.65}})
    assert "weight decay is inside its grid (λ = 0.1 is at the edge" in judged("c32", edge).reason


def test_accuracy_is_also_compared_where_validation_accuracy_chooses():
    """By cross-entropy the less accurate p is chosen, by accuracy the other: 0.82 − 0.8 instead of 0.75 − 0.8."""
    cells = {
        **TRIED,
        HALF: {"loss": 0.85, "test_accuracy": 0.82},
        ("dropout", 0.0, "0.8/0.8"): {"loss": 0.8, "test_accuracy": 0.75},
    }
    found = judged("c32", network(cells))
    assert number(found.measured, "accuracy") == pytest.approx(-0.05, abs=0.002)
    assert found.verdict == "contradicted", "by cross-entropy"
    assert "Fails as well: test accuracy is higher too" in found.reason
    assert "Holds nevertheless: test accuracy is higher, each tuned on validation accuracy (by 0.0" in found.reason


def test_a_lead_that_the_test_images_could_have_given_is_qualified(tmp_path):
    assert verdict("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.5, "dropout": 0.8})) == "supported"
    close = judged("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.8, "dropout": 0.805}))
    assert close.verdict == "qualified"
    assert "population of images" in close.reason


def test_gains_by_image_are_what_the_predictions_say(tmp_path):
    found = measured("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.5, "dropout": 0.8}))
    accuracy, loss = (number(found, "over_images", score=score).mean for score in ("accuracy", "cross-entropy"))
    assert accuracy == pytest.approx(0.3, abs=1e-4)
    assert loss == pytest.approx(0.3 * np.log(0.9 / (0.1 / 9)), abs=1e-3)


def tuned(decay: list[float], dropout: list[float], accuracy: Callable[[float], float] = lambda loss: 1 - loss / 4):
    """Losses of none, then of ascending strengths."""
    lams = (0.001, 0.003, 0.01, 0.03, 0.1)
    p = ("0.1/0.1", "0.35/0.35", "0.5/0.5", "0.65/0.65", "0.9/0.9")
    metrics = {NONE: {"loss": 1.0, "test_accuracy": accuracy(1.0)}}
    metrics |= {("weight_decay", lam, "0/0"): {"loss": x, "test_accuracy": accuracy(x)} for lam, x in zip(lams, decay)}
    metrics |= {("dropout", 0.0, text): {"loss": x, "test_accuracy": accuracy(x)} for text, x in zip(p, dropout)}
    return network(metrics)


def test_easier_to_tune_is_to_regret_three_tries_less():
    flat, steep = [0.62, 0.6, 0.6, 0.61, 0.62], [0.95, 0.9, 0.8, 0.6, 0.9]
    assert verdict("c33", tuned(steep, flat)) == "supported"
    assert verdict("c33", tuned(flat, steep)) == "contradicted"
    assert verdict("c33", tuned(steep, steep)) == "inconclusive"
    deaf = judged("c33", tuned(steep, flat, accuracy=lambda loss: 0.8))
    assert deaf.verdict == "qualified", "by accuracy all strengths are alike"


def test_the_regret_is_that_of_three_tries_of_five():
    """Of three, the best, second or third is kept with chances 6, 3 and 1 in 10: 0.69 on average, 0.09 too much."""
    assert measured("c33", tuned([0.95, 0.9, 0.8, 0.6, 0.9], [0.6] * 5)).effect == pytest.approx(0.09, abs=0.002)


def test_nothing_is_said_about_tuning_where_fewer_than_three_strengths_help():
    assert judged("c33", tuned([1.1, 1.2, 1.3, 1.4, 1.5], [0.6] * 5)).measured is None


def test_a_range_that_the_grid_cuts_off_is_named():
    numbers = judged("c33", tuned([0.95, 0.9, 0.8, 0.6, 1.1], [0.6] * 5)).numbers
    assert "effective range, weight decay: 0.001 to 0.03, 4 strengths" in numbers
    assert "effective range, dropout: 0.1 to 0.9, 5 strengths, cut off by the grid" in numbers


# --- inference (c34) ------------------------------------------------------------------------------------------


@pytest.mark.arithmetic
def test_dropout_that_goes_on_at_inference_is_found(monkeypatch):
    import torch

    from regularization.textbook.fashion_mlp import DropoutMLP
    from regularization.training.network import Network

    assert verdict("c34", network({NONE: {}})) == "supported"
    output = Network.output
    with monkeypatch.context() as patch:
        patch.setattr(Network, "output", lambda self, x: output(self, x) * (torch.arange(10) > 0))
        assert verdict("c34", network({NONE: {}})) == "contradicted", "the engine"
    with monkeypatch.context() as patch:
        patch.setattr(DropoutMLP, "eval", lambda self: self.train())
        patch.setattr(
            DropoutMLP, "forward", lambda self, x: self.layers[-1](torch.zeros(len(x), 16, dtype=x.dtype) + max(self.p))
        )
        assert verdict("c34", network({NONE: {}})) == "contradicted", "an output that depends on p"
