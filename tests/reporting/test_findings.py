"""What the findings say of each outcome, from made-up facts; ¶ is the end."""

from __future__ import annotations

import math
from typing import Any

import pytest

from regularization.analysis.tables import Estimate
from regularization.reporting.facts.findings import Finding

INITIAL = {"share": 0.98, "risk": 187.9, "in_null_space": 184.2, "directions": 180, "zero": 0.0186}
PAIRS = {"n": 4, "n_lower": 3, "before": 2.0, "after": 1.0}
DECAY = {"lam": 3.0, "factor": 2.0, "erased": True, "textbook": PAIRS, "zero_init": PAIRS | {"n_lower": 1}}
SIZES = {"n_train": 200, "n_features": 200, "peak": 6.39, "peak_inside": True, "best_at_peak": 0.02,
         "best_always_falls": True}  # fmt: skip
BETTER = Estimate(0.002, 0.001, 0.003, 4)
DROPOUT = {"n_train": 60_000, "change": BETTER, "undecided": False, "train": 0.995, "test": 0.85}
SMALL = {"n_train": 500, "before": 1.0, "after": 0.8, "fall": 0.2, "difference": Estimate(-0.2, -0.3, -0.1, 4),
         "n_lower": 4}  # fmt: skip
GRID = {"lam": 0.01, "p": 0.5, "n_train": 500, "loss": 0.7, "neither": 0.8, "edge": None}

SAID: list[tuple[str, dict[str, Any], str]] = [
    ("initialisation", INITIAL, "98 % of the chapter's “overfitting” at λ = 0 is initialisation. The run's"),
    ("initialisation", INITIAL, "SGD never moves them. Started at zero, the same run ends at 0.0186.¶"),
    ("initialisation", INITIAL | {"zero": None}, "no training input reaches: SGD never moves them.¶"),
    ("weight_decay", DECAY, "λ = 3 divides the chapter's risk by 2.0, mostly by erasing the initialisation. The risk"),
    ("weight_decay", DECAY | {"factor": 0.5, "erased": False}, "λ = 3 multiplies the chapter's risk by 2.0. The risk"),
    ("weight_decay", DECAY, "falls in 3 of 4 seeds, from 2.00 to 1.00. Where there is no initialisation to erase it "
     "changes 2.00 to 1.00 (1 of 4 seeds improve).¶"),
    ("weight_decay", DECAY | {"zero_init": None}, "The risk falls in 3 of 4 seeds, from 2.00 to 1.00.¶"),
    ("sample_size", SIZES, "more samples first hurt, then help; with the best λ they always help. The minimum-norm"),
    ("sample_size", SIZES | {"best_always_falls": False}, "more samples first hurt, then help. The"),
    ("sample_size", SIZES | {"peak_inside": False}, "More samples help. The minimum-norm solution's risk is highest at "
     "n = 200 with 200 features: 6.39. With the best ridge penalty for that n it is 0.0200.¶"),
    ("sample_size", SIZES | {"best_at_peak": None}, "with 200 features: 6.39.¶"),
    ("textbook_dropout", DROPOUT, "On 60,000 images dropout helps. Test accuracy changes by 0.20 [0.10, 0.30] "
     "percentage points over 4 seeds. Without it, 99.5 % of the training and 85.0 % of the test images are right.¶"),
    ("textbook_dropout", DROPOUT | {"change": Estimate(-0.002, -0.003, -0.001, 4)}, "dropout costs accuracy. Test"),
    ("textbook_dropout", DROPOUT | {"change": Estimate(0.1, math.nan, math.nan, 1), "undecided": True},
     "dropout makes no difference that 1 seed can tell. Test accuracy"),
    ("textbook_dropout", DROPOUT | {"train": None}, "percentage points over 4 seeds.¶"),
    ("small_samples", SMALL, "At 500 images dropout cuts the test cross-entropy by 20 %. From 1.00 to 0.800 nats at "
     "p = 0.5; lower in 4 of 4 seeds (difference −0.20 [−0.30, −0.10]).¶"),
    ("small_samples", SMALL | {"fall": -0.1}, "dropout raises the test cross-entropy by 10 %."),
    ("interaction", GRID, "the best cell uses both dropout and weight decay. Validation data choose λ = 0.01 and "
     "p = 0.5 at n = 500: a test cross-entropy of 0.700, against 0.800 with neither.¶"),
    ("interaction", GRID | {"p": 0.0}, "the best cell uses weight decay alone."),
    ("interaction", GRID | {"lam": 0.0}, "the best cell uses dropout alone."),
    ("interaction", GRID | {"lam": 0.0, "p": 0.0}, "the best cell uses neither regularizer."),
    ("interaction", GRID | {"neither": None}, "a test cross-entropy of 0.700.¶"),
    ("interaction", GRID | {"edge": ("crossed", ["λ", "p"])}, "with neither. It lies on the edge of the crossed grid: "
     "its largest λ and largest p.¶"),
    ("interaction", GRID | {"edge": ("alone", ["λ"])}, "It lies at the largest λ of its method alone.¶"),
    ("interaction", GRID | {"edge": ("outside", [])}, "It lies outside the crossed grid.¶"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "said"), SAID)
def test_a_finding_says_what_was_found(name: str, facts: dict[str, Any], said: str) -> None:
    finding = Finding(name, facts, "fig-any")
    assert said in f"{finding.headline}. {finding.text}¶".replace("\u202f", " ")
