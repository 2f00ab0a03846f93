"""The claims about dropout on studies whose answer is known: each can be supported and refused."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims import judged, measured, verdict
from claims.studies import DECAYED, HALF, NINE, RATES, WITHOUT, Network, co_adapted, network, robust, tuned
from regularization.analysis.tables import Tables
from regularization.claims.evidence import Evidence
from regularization.claims.measures import MEASURES, by_image
from regularization.naming import Key


@pytest.mark.parametrize(
    ("best", "edge"), [((0.6, "0.1/0.1"), False), ((1.0, "0.1/0.1"), True), ((0.6, "0.3/0.3"), True)]
)
def test_beyond_the_largest_variance_tried_may_lie_a_better_one(best, edge):
    cells: dict[Network, dict[str, float]] = {("input_noise", lam, "0/0"): {"loss": 0.9} for lam in (0.3, 1.0)}
    cells["input_noise", 0.6, "0/0"] = {"loss": 0.8}
    cells |= {("layer_noise", lam, p): {"loss": 0.7} for lam in (0.3, 0.6, 1.0) for p in ("0.1/0.1", "0.3/0.3")}
    cells["layer_noise", best[0], best[1]] = {"loss": 0.6, "test_accuracy": 0.9}
    found = judged("c25", network(cells))
    assert found.verdict == ("qualified" if edge else "supported")
    assert ("has the largest variance tried" in found.reason) == edge


def test_effects_are_a_log_ratio_and_a_regret_of_three_tries_of_five_in_a_range_that_may_be_cut_off():
    relative = measured("c26", co_adapted((0.4, 0.1), single=(2, 1), noise=1e-6))
    assert relative.effect == pytest.approx(np.log(2), rel=1e-3)
    # Of three, the best, second or third is kept with chances 6, 3 and 1 in 10: 0.69 on average, 0.09 too much.
    assert measured("c33", tuned([0.95, 0.9, 0.8, 0.6, 0.9], [0.6] * 5)).effect == pytest.approx(0.09, abs=0.002)
    numbers = judged("c33", tuned([0.95, 0.9, 0.8, 0.6, 1.1], [0.6] * 5)).numbers
    assert "effective range, weight decay: 0.001 to 0.03" in numbers
    assert "effective range, dropout: 0.1 to 0.9, cut off by the grid" in numbers


@pytest.mark.parametrize(
    ("claim_id", "mean"), [("c27", (0.1 + 0.2 + 0.3 + 0.5) / 4 / 0.3), ("c28", (6 + 10 + 14) / 3 / 10)]
)
def test_the_effect_on_robustness_is_a_mean_over_levels_of_which_none_passes_by_absence_of_evidence(claim_id, mean):
    assert measured(claim_id, robust(claim_id, 0.2, 0.1)).effect == pytest.approx(0.1 * mean, abs=0.003)
    lowest = {"c27": 0.1 * 0.1 / 0.3, "c28": 0.06}[claim_id]  # what is saved at the lowest level, taken away
    found = judged(claim_id, robust(claim_id, 0.2, 0.1, weakest=lowest))
    assert found.verdict == "qualified"
    assert "is not shown to lose less or more" in found.reason


@pytest.mark.parametrize(("alike", "verdict"), [(True, "supported"), (False, "qualified")])
def test_robustness_covers_the_draw_of_test_images_too(alike, verdict, tmp_path):
    """The same mean loss of every run, of every image alike or of one in ten alone."""
    study, items = robust("c27", 0.2, 0.1), np.arange(20)
    lost = np.full(20, 0.2) if alike else np.where(items < 2, 1.0, 0.0)
    rows = [
        pd.DataFrame({"run_id": run.run_id, "item": items, "lost_to_noise": lost if run.method == "none" else lost / 2})
        for run in study.runs[study.runs["method"].isin(["none", "dropout"])].itertuples()
    ]
    pd.concat(rows).to_parquet(tmp_path / "predictions_fashion_mnist.parquet")
    settings = pd.DataFrame({"experiment": ["fashion_mnist"], "setting": ["samples_500"], "disjoint_seeds": [100]})
    found = judged("c27", study.replace(folder=tmp_path, settings=settings))
    assert found.verdict == verdict
    assert ("over seeds and images dropout is not shown to lose less or more" in found.reason) is not alike
    assert "with other test images as well" in found.answer
    assert ("With other test images that would not be sure." in found.answer) is not alike


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
    assert "by accuracy p = 0.5 is worse than p = 0.35/0.35, which validation data choose, by +3.0" in found.reason


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
        {**{key: {"loss": 0.9} for key in TRIED}, DECAYED: {"loss": 0.8}, HALF: {"loss": 0.7, "test_accuracy": 0.81}},
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
    settings = pd.DataFrame({"experiment": ["fashion_mnist"], "setting": ["samples_500"], "disjoint_seeds": [100]})
    return study.replace(folder=folder, settings=settings, calibration=study.calibration.assign(temperature=2.0))


def at_all_rates(cells: Mapping[Network, dict[str, float]], **dropout: float) -> dict[Network, dict[str, float]]:
    """The cells, and the same at other learning rates with the loss higher by 0.1, dropout's measures replaced."""
    others = {
        (*key, rate): {**given, "loss": given["loss"] + 0.1, **(dropout if key[0] == "dropout" else {})}
        for key, given in cells.items()
        for rate in RATES
    }
    return {**cells, **others}


def test_dropout_beats_weight_decay_where_all_measures_agree_at_strengths_and_rates_that_validation_chooses():
    better = {**TRIED, HALF: {"loss": 0.6, "test_accuracy": 0.82}}
    found = judged("c32", network(at_all_rates(better)))
    assert found.verdict == "supported"
    assert "depends" not in found.answer
    assert verdict("c32", network(better)) == "inconclusive", "one learning rate only"
    assert verdict("c32", network(TRIED | {HALF: {"loss": 0.8}})) == "contradicted", "than the λ nobody would choose"
    assert verdict("c32", network(at_all_rates(TRIED | {HALF: {"loss": 0.6}}))) == "qualified", "not in accuracy"
    assert verdict("c32", network(TRIED | {HALF: {"loss": 0.7}}, noise=0.1)) == "inconclusive"
    confident = at_all_rates({**TRIED, HALF: {"loss": 0.6, "test_loss": 0.9, "test_accuracy": 0.82}})
    found = judged("c32", network(confident))
    assert found.verdict == "qualified"
    assert found.answer.startswith("It depends on the yardstick.")
    assert "by cross-entropy dropout at p = 0.5/0.5 is worse than weight decay at λ = 0.01" in found.reason
    edge = network(at_all_rates({**better, ("weight_decay", 0.1, "0/0"): {"loss": 0.65}}))
    assert "weight decay is at the edge of its grid" in judged("c32", edge).reason
    # At another learning rate weight decay is better, which only the choice of rates finds.
    rates = at_all_rates(better)
    rates["weight_decay", 0.01, "0/0", RATES[0]] = {"loss": 0.3, "test_accuracy": 0.9}
    assert "is worse than weight decay at λ = 0.01 (samples 500 half rate)" in judged("c32", network(rates)).reason


def test_accuracy_is_compared_where_validation_accuracy_chooses_too():
    cells = {
        **TRIED,
        HALF: {"loss": 0.85, "test_accuracy": 0.82},
        ("dropout", 0.0, "0.8/0.8"): {"loss": 0.8, "test_accuracy": 0.75},
    }
    found = judged("c32", network(cells))
    assert found.verdict == "contradicted"
    assert "Against it: by cross-entropy dropout at p = 0.8/0.8 is worse" in found.reason
    assert "by accuracy dropout at p = 0.8/0.8 is worse" in found.reason
    assert "For it: " in found.reason
    assert "by accuracy dropout at p = 0.5/0.5 is better" in found.reason


def test_a_lead_that_the_test_images_could_have_given_is_not_shown(tmp_path):
    close = judged("c32", with_predictions(tmp_path, 0.9, {"weight_decay": 0.8, "dropout": 0.805}))
    assert "accuracy does not tell whether" in close.reason
    assert "over seeds and images" in close.reason
    study = with_predictions(tmp_path, 0.9, {"weight_decay": 0.5, "dropout": 0.8})
    evidence = Evidence(study, np.random.default_rng(0))
    keys = [Key("fashion_mnist", "samples_500", *cell) for cell in (HALF, DECAYED)]
    found = {measure: by_image(evidence, keys, measure) for measure in MEASURES}
    gained = {measure: (b - a).mean() for measure, (a, b) in found.items()}
    assert gained["test_accuracy"] == pytest.approx(-0.3, abs=1e-4)
    assert gained["test_loss"] == pytest.approx(0.3 * np.log(0.9 / (0.1 / 9)), abs=1e-3)
    assert gained["tempered_loss"] == pytest.approx(gained["test_loss"] / 2, rel=1e-3), "logits halved"


@pytest.mark.arithmetic
def test_biases_that_start_at_zero_are_found(monkeypatch):
    from torch import nn

    from regularization.textbook import inputs

    assert verdict("c66", network({WITHOUT: {}})) == "contradicted"
    parameters = inputs.mlp_parameters
    monkeypatch.setattr(inputs, "mlp_parameters", lambda *given: [(w, 0 * b) for w, b in parameters(*given)])
    assert verdict("c66", network({WITHOUT: {}})) == "qualified", "the library's do not"
    monkeypatch.setattr(nn.Linear, "reset_parameters", lambda self: nn.init.zeros_(self.bias))
    assert verdict("c66", network({WITHOUT: {}})) == "supported"
