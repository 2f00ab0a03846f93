"""What the figures say of each outcome, from made-up facts; and that only their templates hold prose."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes

from figures.example_tables import Size, example_tables
from regularization.analysis.tables import Estimate, Tables
from regularization.reporting import figures
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.figures import draw
from regularization.reporting.wording import REPORT, environment, render

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

CHOSEN = {"setting": "converged", "lam": 3.0, "risk": 0.02, "at_zero": 0.05, "optimal": 10.0}
PANEL = {"title": "converged", "apart": [{"method": "a", "share": 0.000024}, {"method": "b", "share": 0.25}]}
END = {"n_train": 20, "mean": 0.5}
BOUNDARY = {"value": 650.0, "ci_low": float("nan"), "ci_high": float("nan")}
NOISES = [{"sigma": 0.1, "linear_model": 0.1, "network": 0.2}, {"sigma": 1.0, "linear_model": 0.5, "network": 0.6}]
CHANGE = {"strength": "p", "at": 0.5, "bias": [0.1, 0.2], "variance": [0.4, 0.3]}
COST = {"experiment": "linear_regression", "title": "linear", "n_methods": 1, "core_seconds": 130.0, "training": 13.0,
        "n_runs": 1, "per_run": 0.0013}  # fmt: skip

CAPTIONS += [
    ("weight-decay-account", {"chapters": []}, "**What the risk is made of.** Every run's"),
    ("weight-decay-account", {"chapters": [{"lam": 3.0, "initialisation": 0.5, "fitted_noise": 0.1, "risk": 2.0}]},
     "makes 25.0\u202f% of a risk of 2.000 at λ = 3.** Initialisation left over and label noise that was learnt there: "
     "0.5000 and 0.100 at λ = 3. Every"),
    ("weight-decay-account", {"n": [1], "n_diverged": [0]}, "over 1 seed; a single seed has no interval. No run"),
    ("weight-decay-account-path", {"from_zero": True, "expected": False}, "learnt (started at zero) goes from"),
    ("weight-decay-account-path", {"from_zero": False, "expected": False}, "L2 penalty. Means over"),
    ("weight-decay-curves", {"reference": None, "n_seeds": [20, 100]}, "medians over 20 and 100 seeds, bands"),
    ("weight-decay-equivalences", {"panels": [{"title": "converged", "apart": []}]},
     "**Regularizers as paths of norm and risk.** Started at zero"),
    ("weight-decay-equivalences", {"panels": [PANEL, {"title": "short", "apart": PANEL["apart"][1:]}]},
     "**Farthest from ridge's path: b (25.0\u202f% of the risk, converged) and b (25.0\u202f% of the risk, short).** "
     "The others get away by up to 0.002\u202f% by a (converged). Started at zero"),
    ("weight-decay-equivalences", {"n_outside": 1, "n_lost": 0},
     "where ridge has no such ‖w‖. 1 cell with a higher risk lies above the picture. Means"),
    ("weight-decay-equivalences", {"n_outside": 0, "n_lost": 1},
     "1 cell in which a run diverged is left out."),
    ("weight-decay-equivalences", {"n_outside": 2, "n_lost": 0, "n": [5, 6]},
     "2 cells with a higher risk lie above the picture. Means over 5 to 6 seeds. No run diverged."),
    ("weight-decay-implementations", {"published": None, "mapped": 2e-15},
     "**Mapped, no run at any λ differs by more than 2.0 × 10⁻¹⁵ of its risk.** Left"),
    ("weight-decay-implementations", {"published": None, "mapped": None},
     "**The concise version against the one from scratch.** Left"),
    ("weight-decay-implementations", {"published": 0.5, "mapped": None, "n_higher": 3, "n_published": 4, "n_exact": 0},
     "at λ = 3 is off by 50.0\u202f% on average.** As published it is the higher one in 3 of 4 seeds. Left"),
    ("weight-decay-implementations", {"n_exact": 1, "n_differences": 2000}, "(1 of 2,000 differences are exactly 0)."),
    ("weight-decay-large-weights", {"large": None, "small": None, "at_random": None, "minimiser": None},
     "**Change of the risk against λ, with large true weights.** Large"),
    ("weight-decay-large-weights", {"large": SOME, "small": None, "at_random": None, "minimiser": 2.0},
     "changes the risk by 50 [40, 60]\u202f% with large true weights.**"),
    ("weight-decay-large-weights", {"large": None, "small": SOME, "at_random": SOME, "minimiser": None},
     "The ratio at λ = 3 is 0.50 [0.40, 0.60] from N(0, 1) initial weights. Means"),
    ("weight-decay-large-weights", {"large": SOME, "small": SOME, "at_random": SOME, "minimiser": 2.0},
     "The ratio at λ = 3 is 0.50 [0.40, 0.60] from N(0, 1) initial weights and 2.00 for the minimiser with 500 "
     "samples. Means"),
    ("weight-decay-norm", {"predicted": False, "predicted_at_zero": None, "boundaries": [None]}, ".** Means over"),
    ("weight-decay-norm", {"first": {"lam": 0.0, "mean": 2.0}, "predicted_at_zero": 1.5, "boundaries": [650.0, 630.0]},
     "; at λ = 0 the null space alone predicts 1.50.** Thick"),
    ("weight-decay-norm", {"boundaries": [650.0, 630.0]}, "Above λ ≈ 650 and 630 (left and right) the step itself"),
    ("weight-decay-risk", {"chosen": [], "exact": False, "expected": False, "dropout": False, "boundaries": [None]},
     "**Exact risk against λ.** Exact risk E(y − ŷ)², not half of it. Means"),
    ("weight-decay-risk", {"chosen": [CHOSEN, CHOSEN | {"lam": 0.0, "optimal": None}], "spoken_of": ["L2 penalty"]},
     "**Chosen on validation data, the best λ is 3 (trained to convergence, σ = 0.1) and 0 (trained to convergence, "
     "σ = 0.1).** Risk there, L2 penalty: 0.0200, against 0.0500 at λ = 0 (ridge in theory: λ\\* = 10); 0.0200. Exact"),
    ("weight-decay-risk-zero-init", {"expected": True, "perturbed": True, "dropout": True},
     "what is done to the inputs; dropout's over the first few seeds only. Dropout acts on the inputs and is drawn"),
    ("weight-decay-risk-zero-init", {"expected": True, "perturbed": False}, "initial weights and label noise."),
    ("weight-decay-samples", {"peak": None, "last": None, "theories": set()},
     "**Risk and generalisation gap against the number of samples.** 200 features, σ = 0.1, started at zero; λ* = "
     "dσ²/(n‖w\\*‖²) is the best ridge penalty for each n. Means"),
    ("weight-decay-samples", {"peak": 200, "at_peak": {"0": 2.0}, "last": 300, "at_last": {"chapter": 0.5}},
     "is highest at n = 200: 2.00.** At n = 300 it is 0.500 with λ = 3. 200"),
    ("weight-decay-samples", {"peak": 200, "at_peak": {"0": 2.0, "best": 0.5}}, "2.00, against 0.500 with λ\\* there"),
    ("weight-decay-more-samples", {"ends": []}, "**The chapter's run with more samples.** The chapter's own"),
    ("weight-decay-more-samples", {"ends": [END, END | {"n_train": 500}], "theories": {"exact"}},
     "from 0.500 at n = 20 to 0.500 at n = 500, with d = 200 inputs.** The"),
    ("weight-decay-stability", {"stable": [300.0, 600.0], "some": [], "lost": [700.0], "last_norm": 1e9},
     "**The theory's boundary is λ = 650: up to λ = 600 no run diverges, from λ = 700 all do.** At λ = 700 ‖w‖ is"),
    ("weight-decay-stability", {"stable": [], "some": [700.0, 800.0], "lost": [], "last_norm": float("nan")},
     ": some do at λ = 700 and 800.** Above: median"),
    ("weight-decay-stability", {"boundary": BOUNDARY}, "over the seeds' inputs. Below"),
    ("weight-decay-stability", {"boundary": BOUNDARY | {"ci_low": 640.0, "ci_high": 660.0}, "n_diverged": [1]},
     "the seeds' inputs (650.00, 95 % interval [640.00, 660.00]). Below"),
    ("bias-variance-crossed", {"cells": [{"method": "a", "sampling": 0.5}, {"method": "b", "sampling": 0.25}]},
     "the training set makes 50\u202f% (a) and 25\u202f% (b).** Every"),
    ("bias-variance-example", {"bias": [], "variance": [], "by_noise": []},
     "**Bias and variance in the chapter's example.** Mean squared"),
    ("bias-variance-example", {"by_noise": NOISES}, "The network has the larger variance at every noise level shown."),
    ("bias-variance-example", {"by_noise": [{**one, "network": 0.0} for one in NOISES]},
     "The linear model has the larger variance at every noise level shown."),
    ("bias-variance-example", {"by_noise": [NOISES[0] | {"network": 0.0}, NOISES[1]]},
     "depends on the noise: at σ = 1 the network's on x² is 0.600, the linear model's 0.500. Mean"),
    ("bias-variance-linear", {"by_lambda": True, "ends": [], "peak": None},
     "**Bias and variance against λ.** Computed from the weights"),
    ("bias-variance-linear", {"by_lambda": False, "ends": [], "peak": END, "last": END},
     "**Over n, the variance without a penalty is highest at n = 20 (0.500) and 0.500 at n = 20.** Computed from the "
     "weights, so exact over inputs. Over"),
    ("bias-variance-linear", {"by_lambda": True, "peak": END, "last": END}, ".** Over n, the variance without"),
    ("bias-variance-network", {"changes": []}, "**Bias and variance of the network.** Strengths"),
    ("bias-variance-network", {"changes": [CHANGE, CHANGE | {"strength": "lam", "at": 0.01}]},
     "**With dropout p = 0.5 bias² goes from 0.100 to 0.200, variance from 0.400 to 0.300; with weight decay λ = 0.01 "
     "from 0.100 to 0.200 and from 0.400 to 0.300.**"),
    ("study-cost", {"experiments": [COST]},
     "**Linear regression takes 2.2 min on one core for 1 run (1.3 ms a run).** Training takes "
     "10\u202f% (linear regression) of that."),
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
    return example_tables(Size(seeds=3))


@cache
def facts(name: str) -> Mapping[str, Any]:
    """What a made-up study's figure hands to its template."""
    exhibit = draw(name, study())
    assert exhibit is not None
    return exhibit.facts


def said(name: str, block: str, changed: dict[str, Any]) -> str:
    return render(f"figures/{name}.md.j2", {**facts(name), **changed}, block)


@pytest.mark.parametrize(
    ("name", "block", "changed", "words"),
    [(name, "caption", *case) for name, *case in CAPTIONS] + [(name, "alt", *case) for name, *case in DESCRIPTIONS],
)
def test_every_outcome_has_its_sentence(name: str, block: str, changed: dict[str, Any], words: str) -> None:
    assert set(changed) <= set(facts(name))
    assert words in said(name, block, changed)


def wordings(source: str) -> set[str]:
    """Every piece of text in a template that can stand in what it renders, white space aside."""
    tree = environment().parse(source)
    pieces = [node.data for node in tree.find_all(nodes.TemplateData)]
    chosen = [choice for node in tree.find_all(nodes.CondExpr) for choice in (node.expr1, node.expr2)]
    pieces += [node.value for node in chosen if isinstance(node, nodes.Const) and isinstance(node.value, str)]
    return {text for piece in pieces if re.search(r"\w", text := " ".join(re.split(r"[ \n]+", piece)).strip())}


def test_every_piece_of_every_template_is_said_in_some_outcome() -> None:
    """What no test renders could be wrong for ever: a typo, a missing blank, a name that no module hands over."""
    cases = [*((name, {}) for name in FIGURES), *((name, changed) for name, changed, _ in (*CAPTIONS, *DESCRIPTIONS))]
    texts = [said(name, block, changed) for name, changed in cases for block in ("caption", "alt")]
    assert [text for text in texts if re.search(r" [.,;:)](\s|\*|$)", text)] == []  # a blank that a macro left behind
    everything = "\n".join(texts)
    for path in sorted((REPORT / "figures").glob("*.md.j2")):
        silent = {piece for piece in wordings(path.read_text(encoding="utf-8")) if piece not in everything}
        assert silent == set(), path.name


def test_there_is_a_template_for_every_figure_and_for_nothing_else() -> None:
    there = {path.name.removesuffix(".md.j2") for path in (REPORT / "figures").iterdir()}
    assert there == {*FIGURES, "shared"}


# --- no prose in the modules ------------------------------------------------------------------------------------------

MOST_WORDS = 7  # of a label, a legend's entry or a heading of the picture itself
FOLDER = Path(figures.__file__).parent


def prose(source: str) -> list[str]:
    """Strings with more words than a label has, docstrings and messages of errors aside."""
    tree = ast.parse(source)
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Assert):
            aside |= set(ast.walk(node))
        elif isinstance(node, ast.Expr):  # docstrings, of modules, functions, classes and constants
            aside.add(node.value)
    strings = [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        if isinstance(node, ast.JoinedStr)
        else node.value
        for node in ast.walk(tree)
        if node not in aside and isinstance(node, ast.JoinedStr | ast.Constant)
    ]
    return [text for text in strings if isinstance(text, str) and len(re.findall(r"[^\W\d_]{2,}", text)) > MOST_WORDS]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_of_figures_holds_no_prose(path: Path) -> None:
    assert prose(path.read_text(encoding="utf-8")) == []


def test_prose_in_a_module_would_be_found() -> None:
    docstring = '"""What is drawn and how: a docstring of more words than a label has."""'
    assert prose(f'def f(x):\n    {docstring}\n    return "{docstring.strip(chr(34))}"') != []
    assert prose(f"def f(x):\n    {docstring}\n    return 1") == []
