"""What the figures of dropout and of the claims say of each outcome, from made-up facts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from figures.example_tables import Size, example_tables
from regularization.analysis.tables import Estimate, Tables
from regularization.reporting.figures import draw
from regularization.reporting.wording import render

SOME = Estimate(0.5, 0.4, 0.6, 6)
RING = {"loss": 0.4, "method": "input noise", "without": False, "p": None, "variance": 0.3, "end": None}
NETWORK = {"n_train": 2000, "epochs": 30, "accuracies": [0.9, 0.1]}
BEST = {"line": "n = 500", "p": 0.5, "loss": 0.4, "without": 0.6}
TUNED = {"name": "dropout", "share_within": {"test_loss": 0.25}, "optimism": {"test_loss": 0.01, "test_accuracy": 0.02}}
CHANGES = [(1.0, 0.3, 0.25), (2.0, 0.3, 0.2)]


def measure(probe: str, changes: list[tuple[float, float, float]]) -> dict[str, Any]:
    return {"probe": probe, "title": probe, "changes": changes}


def decayed(jacobian: Estimate | None, logits: Estimate | None, norm: Estimate | None) -> dict[str, Any]:
    return {"jacobian_norm": jacobian, "logit_jacobian_norm": logits, "weight_norm": norm}


CAPTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("verdicts", {"counted": {"supported": 2, "contradicted": 1}},
     "**Of 3 claims, 2 are supported and 1 contradicted.**"),
    ("verdicts-at-a-glance", {"counted": {"qualified": 1}}, "**Of 1 claims, 1 is qualified.** Above"),
    ("verdicts", {"kinds": ["at least"]}, "unit is for an effect the standard deviation of a single difference. Bars"),
    ("verdicts", {"kinds": ["identity", "nearly all", "within"]},
     "One unit is for an equivalence the way from no difference to the margin, for a share of runs the way from the "
     "share required to all of them and for an identity the way from no error to the tolerance."),
    ("identities", {"n": 1, "failing": []}, "**All 1 identity hold within their tolerance.** The largest error that"),
    ("identities", {"n": 4, "failing": ["a", "b", "c"], "largest_passing": 1e-16, "smallest_failing": 0.2},
     "**1 of 4 identities hold within their tolerance. Beyond it: a, b and c.** The largest error that passes is "
     "1.0 × 10⁻¹⁶, the smallest that does not 0.20. Averaged"),
    ("identities", {"n": 4, "failing": ["a", "b", "c", "d"], "smallest_failing": 0.2},
     "Beyond it: a, b and 2 more.** The smallest that does not 0.20. Averaged"),
    ("identities", {"ends": []}, ". Left: the largest error"),
    ("identities", {"ends": [(0.5, 1.4)]}, "a ReLU layer gives 1.40 at p = 0.5 of what it gives without dropout. Left"),
    ("identities", {"ends": [(0.1, 1.05), (0.9, 2.2)]}, "gives 1.05 at p = 0.1 and 2.20 at p = 0.9 of what"),
    ("dropout-curves", {"n_train": 60_000, "changes": [("concise", SOME)], "n_seeds": [1]},
     "**On 60,000 images dropout changes the test accuracy by 50 [40, 60] (concise) points.** Differences are paired "
     "by seed. Lines are medians over 1 seed, bands"),
    ("dropout-curves", {"n_train": 500, "changes": [], "n_seeds": [5, 6]},
     "**Learning curves on 500 images.** Differences are paired by seed. Lines are medians over 5 and 6 seeds, bands"),
    ("dropout-samples", {"changes": [(500, SOME), (2000, SOME)]},
     "**Dropout (p = 0.5) changes the test cross-entropy by 0.50 [0.40, 0.60] (n = 500) and 0.50 [0.40, 0.60] "
     "(n = 2,000).** Differences"),
    ("dropout-samples", {"changes": []}, "**Generalisation gap and test cross-entropy against the number of training"),
    ("dropout-strength", {"chosen": []}, "**Test error against the dropout probability.** Means over"),
    ("dropout-strength", {"chosen": [BEST, BEST | {"line": "n = 9", "p": 0.0, "without": None}]},
     "**Chosen on validation data, the best p is 0.5 at n = 500 and 0 at n = 9.** Test cross-entropy there: 0.400 "
     "against 0.600 at p = 0 (n = 500) and 0.400 (n = 9). Means over"),
    ("dropout-strength-curves", {"n_seeds": [1, 1]}, "Lines are medians over 1 seed, bands"),
    ("dropout-strength-curves", {"n_seeds": [1, 6]}, "Lines are medians over 1 to 6 seeds, bands"),
    ("random-labels", {"random": NETWORK, "true_labels": None},
     "**With random labels on 2,000 images (30 epochs) training and test accuracy are 0.900 and 0.100.** No "
     "regularization. Left: random labels on 2,000 images (30 epochs); lines"),
    ("random-labels", {"random": NETWORK, "true_labels": NETWORK},
     "are 0.900 and 0.100; with true labels 0.900 and 0.100.** No regularization. Left: random labels on 2,000 images "
     "(30 epochs) and true labels on 2,000 images (30 epochs); lines"),
    ("random-labels", {"true_labels": NETWORK | {"epochs": 1}}, "; with true labels on 2,000 images (1 epoch) 0.900"),
    ("random-labels", {"per_pixel": 2.55, "many": 5}, "tried with 2.5 images a pixel, short of the 5 that would be"),
    ("random-labels", {"per_pixel": 5.0, "many": 5}, "Random labels were tried with up to 5.0 images a pixel. Means"),
    ("noise-injection", {"both_chosen": False}, "**Test error against the variance of the noise.** n ="),
    ("noise-injection", {"both_chosen": True, "loss": None, "accuracy": None, "rings": []},
     "**Validation data choose no noise, whether at the input or in every layer.** n = 500. The noise is Gaussian"),
    ("noise-injection", {"both_chosen": True, "loss": SOME, "accuracy": SOME},
     "noise in every layer changes the test cross-entropy against noise at the input by 0.50 [0.40, 0.60] nats.** n ="),
    ("noise-injection", {"accuracy": SOME}, "The test accuracy changes by 50 [40, 60] percentage points. Rings"),
    ("noise-injection", {"rings": [RING, RING | {"end": "largest"}, RING | {"p": 0.5, "end": "only"}]},
     "Rings: the strengths that validation data choose, which reach 0.400 with input noise (variance 0.3), 0.400 with "
     "input noise (variance 0.3, the largest tried) and 0.400 with input noise (p = 0.5, the only one tried). Means"),
    ("noise-injection", {"rings": [RING | {"without": True}]}, "reach 0.400 with input noise (none of it). Means"),
    ("dropout-grid", {"validated": True, "edge": None, "best": {"lam": 0.003, "p": 0.5, "loss": 0.4}},
     "the cell chosen on validation data is λ = 0.003, p = 0.5 with a test cross-entropy of 0.400.** The lowest"),
    ("dropout-grid", {"validated": False}, "the cell lowest on test data (none was held out to choose by) is λ ="),
    ("dropout-grid", {"edge": ("crossed", ["λ"])}, ", on the edge of the crossed grid: its largest λ.** The lowest"),
    ("dropout-grid", {"edge": ("crossed", ["λ", "p"])}, "of the crossed grid: its largest λ and largest p.** The"),
    ("dropout-grid", {"edge": ("alone", ["p"])}, ", at the largest p of its method alone.** The lowest"),
    ("dropout-grid", {"edge": ("outside", [])}, ", outside the crossed grid.** The lowest"),
    ("dropout-grid", {"single": []}, ".** Darker is worse"),
    ("dropout-grid", {"single": [("dropout alone", 0.5), ("neither", 0.6)], "n": [6], "n_diverged": [0]},
     "The lowest is 0.500 with dropout alone and 0.600 with neither. Darker is worse; the lowest cell is framed. Means "
     "over 6 seeds. No run diverged."),
    ("robustness", {"p": 0.5, "changes": [{"probe": "noise_accuracy", "level": 0.5, "change": SOME},
                                          {"probe": "occlusion_accuracy", "level": 14.0, "change": SOME}]},
     "**Dropout with p = 0.5 changes the accuracy, in percentage points, by 50 [40, 60] under noise of 0.5 and "
     "50 [40, 60] under a square of 14.**"),
    ("robustness", {"clean": SOME}, ".** On clean images it changes by 50 [40, 60]. Networks trained"),
    ("robustness", {"clean": None}, ".** Networks trained"),
    ("co-adaptation", {"measures": [measure("hidden_correlation", [])]},
     "**Co-adaptation of hidden units.** Measured without"),
    ("co-adaptation", {"p": 0.5, "measures": [
        measure("hidden_correlation", CHANGES), measure("participation_ratio", []),
        measure("pair_ablation_interaction", CHANGES[1:]), measure("participation_ratio", CHANGES[:1])]},
     "**Dropout with p = 0.5 changes the mean correlation of units from 0.300 to 0.250 (layer 1) and from 0.300 to "
     "0.200 (layer 2).** It changes the interaction of pairs from 0.300 to 0.200 (layer 2); the participation ratio "
     "from 0.300 to 0.250 (layer 1). Measured"),
    ("smoothness", {"ratios": decayed(None, None, None), "lam": None},
     "; no λ fits the training images.** Above: Frobenius norm"),
    ("smoothness", {"ratios": decayed(SOME, None, None), "lam": 0.01, "close": SOME, "close_epochs": 7},
     "**At λ = 0.01 the Jacobian of the probabilities is 0.500 times that at λ = 0; without decay, but with as much "
     "training loss, it is 0.500 times.**"),
    ("smoothness", {"ratios": decayed(SOME, None, None), "lam": 0.01, "close": None, "loss_ratio": 3.0},
     "**At λ = 0.01, the last that fits the training images, the Jacobian of the probabilities is 0.50 [0.40, 0.60] "
     "times that at λ = 0, the training loss 3.00 times.**"),
    ("smoothness", {"ratios": decayed(SOME, None, None), "close": None, "loss_ratio": None}, "loss – times.**"),
    ("smoothness", {"close_epochs": 7, "ratios": decayed(SOME, None, SOME)},
     "Crosses: without weight decay after 7 epochs, which leave as much training loss. At the same λ ‖w‖ is "
     "0.5 [0.4, 0.6] times that at λ = 0. n ="),
    ("smoothness", {"close_epochs": None, "ratios": decayed(SOME, SOME, SOME)},
     "below 0.99. At the same λ the Jacobian of the logits is 0.5 [0.4, 0.6] times and ‖w‖ is 0.5 [0.4, 0.6] times"),
    ("mask-average", {"p": 0.5, "n_networks": 30.0, "changes": [
        {"metric": "loss", "factor": 1.0, "change": SOME}, {"metric": "accuracy", "factor": 100.0, "change": SOME}]},
     "**At p = 0.5 the average of 30 sub-networks differs from weight scaling by 0.50 [0.40, 0.60] nats of "
     "cross-entropy and 50 [40, 60] points of accuracy.** Weight"),
    ("tuning", {"methods": [TUNED | {"share_within": {}, "optimism": {}}], "n_train": 500, "n": [6]},
     "**Regret by strength.** Regret: how much worse"),
    ("tuning", {"methods": [TUNED], "margins": {"test_loss": 0.01, "test_accuracy": 0.01}},
     "**Regret by strength.** Of the effective strengths 25\u202f% for dropout come within 1\u202f% of test "
     "cross-entropy of the method's best. Regret:"),
    ("tuning", {"methods": [TUNED | {"share_within": {"test_accuracy": 0.5}}] * 2,
                "margins": {"test_loss": 0.01, "test_accuracy": 0.01}},
     "**Of the effective strengths 50\u202f% for dropout and 50\u202f% for dropout come within 1 percentage points of "
     "test accuracy of the method's best.** Regret:"),
    ("tuning", {"methods": [TUNED, TUNED | {"name": "decay", "optimism": {"test_loss": 0.01}}], "n": [6]},
     "Choosing each seed's strength on test data would flatter dropout by 0.0100 nats and 2.00 points of accuracy and "
     "decay by 0.0100 nats. Means over 6 seeds"),
    ("tuning", {"methods": [TUNED | {"optimism": {"test_accuracy": 0.02}}]}, "by 2.00 points of accuracy. Means"),
    ("tuning", {"methods": [TUNED | {"optimism": {}}], "n": [5, 6]}, "on validation data. Means over 5 to 6 seeds"),
]  # fmt: skip
DESCRIPTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("verdicts", {"counted": {"supported": 2, "qualified": 1}}, "the headings supported (2) and qualified (1). Each"),
    ("random-labels", {"true_labels": None}, "curves solid, for random labels. Right"),
    ("random-labels", {"true_labels": NETWORK}, "curves solid, for true labels and random labels. Right"),
    ("dropout-grid", {"maps": [{"alone": "", "x": "probability", "n": 6, "lam": 2, "probability": 3},
                               {"alone": "dropout alone", "x": "probability", "n": 4, "lam": 1, "probability": 4},
                               {"alone": "weight decay alone", "x": "lam", "n": 5, "lam": 5, "probability": 1}]},
     "From top to bottom: 2 rows for λ by 3 columns for p, a row of 4 cells, one for each p of dropout alone and a row "
     "of 5 cells, one for each λ of weight decay alone."),
    ("co-adaptation", {"deletion": False}, "squares and dashed lines for the second."),
    ("co-adaptation", {"deletion": True, "lines": ["p = 0", "p = 0.5"]}, "dashed lines for the second; and one panel "
     "with accuracy against the share of hidden units deleted, lines for p = 0 and p = 0.5."),
    ("smoothness", {"axes": ["weight decay λ"]}, "1 column of two panels, against weight decay λ. Above"),
    ("smoothness", {"axes": ["weight decay λ", "dropout probability p"]}, "2 columns of two panels, against weight "),
]  # fmt: skip


@cache
def study() -> Tables:
    return example_tables(Size(experiments=("fashion_mnist",), seeds=2))


@cache
def facts(name: str) -> Mapping[str, Any]:
    """What a made-up study's figure hands to its template."""
    exhibit = draw(name, study())
    assert exhibit is not None
    return exhibit.facts


@pytest.mark.parametrize(
    ("name", "block", "changed", "said"),
    [(name, "caption", *case) for name, *case in CAPTIONS] + [(name, "alt", *case) for name, *case in DESCRIPTIONS],
)
def test_every_outcome_has_its_sentence(name: str, block: str, changed: dict[str, Any], said: str) -> None:
    assert set(changed) <= set(facts(name))
    assert said in render(f"figures/{name}.md.j2", {**facts(name), **changed}, block)
