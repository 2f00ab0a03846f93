"""The ledger: every claim is there, follows its rule, and can be supported as well as refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from regularization import claims
from regularization.analysis.statistics import paired_contrast
from regularization.claims import all_claims, all_controls, evaluate, evidence, ledger
from regularization.claims.claim import (
    AtLeast,
    Identity,
    InNearlyAll,
    Judgement,
    Measurement,
    Notes,
    Rule,
    Within,
    judge,
)
from synthetic import cell, tables

CLAIMS = {claim.id: claim for claim in (*all_claims(), *all_controls())}


EMPTY = tables(cell("linear_regression", "other", "none", 0, "0", np.random.default_rng(0), risk=1))


def verdict(claim_id: str, study) -> str:
    [judgement] = evaluate(study, [CLAIMS[claim_id]])
    return judgement.verdict


def test_all_34_claims_are_there_and_say_what_they_test():
    assert [claim.id for claim in all_claims()] == [f"c{number:02}" for number in range(1, 35)]
    assert len(all_controls()) >= 4
    for claim in CLAIMS.values():
        for block in ("statement", "section", "estimand", "unit", "needs"):
            assert claim.says(block), (claim.id, block)


def test_a_study_without_the_runs_is_inconclusive_never_an_error():
    found = {judgement.claim.id: judgement for judgement in evaluate(EMPTY, all_claims())}
    for claim in all_claims():
        if claim.says("needs") == "nothing trained":
            assert found[claim.id].measured is not None, claim.id
        else:
            assert (found[claim.id].verdict, found[claim.id].measured) == ("inconclusive", None), claim.id
            assert "Not measured" in found[claim.id].reason


@pytest.mark.arithmetic
def test_the_identities_hold_and_are_qualified_where_the_statement_says_too_much():
    identities = [claim for claim in all_claims() if claim.says("needs") == "nothing trained"]
    found = {j.claim.id: j.verdict for j in evaluate(EMPTY, identities)}
    assert found == {
        "c09": "qualified",  # not for Adam with L2
        "c20": "qualified",  # not behind a nonlinearity
        "c21": "supported",
        "c22": "supported",
        "c23": "supported",
        "c34": "supported",
    }


@pytest.mark.arithmetic
def test_an_identity_that_is_broken_is_contradicted(monkeypatch):
    monkeypatch.setattr("regularization.textbook.dropout.dropout_layer", lambda x, p, u: (u > p) * x)  # no 1/(1 − p)
    assert verdict("c20", EMPTY) == "contradicted"
    assert verdict("c23", EMPTY) == "contradicted"


# --- rules ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "effect", "low", "high", "p", "expected"),
    [
        (AtLeast(), 1, 0.5, 1.5, 0.01, "supported"),
        (AtLeast(), 1, 0.5, 1.5, 0.2, "inconclusive"),
        (AtLeast(), 1, -0.5, 2.5, 0.01, "inconclusive"),
        (AtLeast(), -1, -1.5, -0.5, 0.01, "contradicted"),
        (AtLeast(), -1, -1.5, -0.5, 0.2, "inconclusive"),  # refused by the same adjusted p as supported
        (AtLeast(0.9), 1, 0.5, 1.5, 0.01, "qualified"),
        (AtLeast(0.9), 0.1, -0.2, 0.4, 0.5, "contradicted"),
        (Within(-1, 1), 0.1, -0.5, 0.7, 0.01, "supported"),
        (Within(-1, 1), 0.1, -0.5, 0.7, 0.2, "inconclusive"),
        (Within(-1, 1), 0.9, 0.5, 1.3, 0.4, "inconclusive"),
        (Within(-1, 1), 2, 1.5, 2.5, 1, "contradicted"),
        (Within(-math.inf, 1), 0.1, -9, 0.7, 0.01, "supported"),
        (Within(-math.inf, 1), 2, 1.5, 2.5, 1, "contradicted"),
        (Identity(1e-9), 1e-12, math.nan, math.nan, math.nan, "supported"),
        (Identity(1e-9), 1e-3, math.nan, math.nan, math.nan, "contradicted"),
        (InNearlyAll(), 1, 0.98, 1, math.nan, "supported"),
        (InNearlyAll(), 0.99, 0.96, 1, math.nan, "qualified"),
        (InNearlyAll(), 0.5, 0.4, 0.6, math.nan, "contradicted"),
        (InNearlyAll(), 1, 0.7, 1, math.nan, "inconclusive"),
    ],
)
def test_the_verdict_follows_from_the_numbers(rule, effect, low, high, p, expected):
    assert rule.verdict(Measurement(effect, low, high, 12, "test", p), p) == expected


MOST, ELSEWHERE = "the gap is at least half of the risk in every seed", "in zero init too, in every seed"


def judged(rule: Rule, effect: float, low: float, high: float, p: float, **holds: bool | None) -> Judgement:
    """The verdict of a rule on c01 and its conditions, by their blocks."""
    notes = Notes()
    for block, outcome in holds.items():
        notes.condition(block, outcome, setting="zero_init")
    measured = Measurement(effect, low, high, 12, "test", p, notes=notes)
    return judge(replace(CLAIMS["c01"], rule=rule), measured, p)


def test_a_failed_condition_qualifies_and_is_named():
    judgement = judged(AtLeast(), 1, 0.5, 1.5, 0.01, most=True, elsewhere=np.False_)  # numpy's as well
    assert judgement.verdict == "qualified"
    assert ELSEWHERE in judgement.reason
    assert MOST not in judgement.reason


@pytest.mark.parametrize(
    ("rule", "effect", "low", "high", "p", "said"),
    [
        (AtLeast(), 1, 0.5, 1.5, 0.01, "The effect, 1 [0.5, 1.5] squared error, lies above 0"),
        (AtLeast(), -1, -1.5, -0.5, 0.01, "lies below 0"),
        (AtLeast(), 1, -0.5, 1.5, 0.5, "leaves open on which side of 0"),
        (AtLeast(), 1, 0.5, 1.5, 0.2, "not significant after Holm"),
        (AtLeast(0.9), 1, 0.5, 1.5, 0.01, "reaches below 0.9"),
        (AtLeast(0.9), 0.1, -0.2, 0.4, 0.5, "lies below 0.9"),
        (Within(-1, 1), 2, 1.5, 2.5, 1, "does not lie between -1 and 1"),
        (Within(-1, 1), 0.9, 0.5, 1.3, 0.4, "does not lie wholly between -1 and 1, nor wholly outside"),
        (Within(-1, 1), 0.1, -0.5, 0.7, 0.2, "not significant after Holm"),
        (Within(-math.inf, 1), 0.1, -9, 0.7, 0.01, "lies below 1"),
        (Identity(1e-9), 1e-3, math.nan, math.nan, math.nan, "The effect, 0.001 squared error, is above 1e-09"),
        (InNearlyAll(), 0.99, 0.96, 1, math.nan, "but there are exceptions"),
    ],
)
def test_the_reason_says_where_the_numbers_lie(rule, effect, low, high, p, said):
    assert said in judged(rule, effect, low, high, p).reason


def test_every_verdict_names_the_conditions_that_speak_against_the_effect():
    refused = judged(AtLeast(), -1, -1.5, -0.5, 0.01, most=True, elsewhere=False)
    assert refused.verdict == "contradicted"
    assert f"Holds nevertheless: {MOST}" in refused.reason
    assert f"Fails as well: {ELSEWHERE}" in refused.reason
    undecided = judged(AtLeast(), 0, -1, 1, 0.9, most=True, elsewhere=False)
    assert undecided.verdict == "inconclusive"
    assert ELSEWHERE in undecided.reason


def test_what_decides_and_was_not_tested_leaves_a_claim_inconclusive_but_not_unrefuted():
    found = judged(AtLeast(), 1, 0.5, 1.5, 0.01, most=None)
    assert found.verdict == "inconclusive"
    assert f"not tested: {MOST}" in found.reason
    assert judged(AtLeast(), -1, -1.5, -0.5, 0.01, most=None).verdict == "contradicted"
    assert found.conditions == [("not tested", MOST)]


def test_the_rules_say_what_is_adjusted_and_what_p_is_of():
    assert "p is not of the margin" in str(AtLeast(0.5))
    assert "not adjusted" in str(AtLeast(0.5))
    assert "not adjusted" in str(Within(-1, 1))
    assert "adjusted p < 0.05 and it lies below 0" in str(AtLeast())


def test_what_was_changed_after_a_first_look_is_in_the_ledger():
    table = ledger(evaluate(EMPTY, all_claims())).set_index("id")["amended"]
    assert {"c08", "c24", "c29"} <= set(table[table != ""].index)
    assert table["c01"] == ""


# --- claims on studies whose answer is known ------------------------------------------------------------------


def linear(rng, *, risk_decay, risk_none=100.0, setting="textbook", n=30, **more):
    """A chapter's setting without and with λ = 3."""
    return [
        cell("linear_regression", setting, "none", 0, "0", rng, n=n, noise=1, risk=risk_none, train_loss=1, **more),
        cell(
            "linear_regression", setting, "l2_penalty", 3, "0", rng, n=n, noise=1, risk=risk_decay, train_loss=1, **more
        ),
    ]


def test_the_claims_about_weight_decay_can_win_and_lose():
    rng = np.random.default_rng(0)
    helps, hurts = tables(*linear(rng, risk_decay=30)), tables(*linear(rng, risk_decay=150))
    nothing = tables(*linear(rng, risk_decay=100))
    assert [verdict("c03", study) for study in (helps, hurts, nothing)] == ["supported", "contradicted", "inconclusive"]
    assert [verdict("n01", study) for study in (helps, hurts)] == ["contradicted", "supported"]
    assert verdict("c01", helps) == "supported"
    assert verdict("c01", tables(*linear(rng, risk_decay=1, risk_none=1))) == "inconclusive"
    assert verdict("c04", helps) == "supported"


def test_smaller_weights_in_every_seed():
    rng = np.random.default_rng(0)

    def study(norms):
        cells = [cell("linear_regression", "textbook", "none", 0, "0", rng, n=100, weight_norm=norms[0])]
        cells += [
            cell("linear_regression", "textbook", "l2_penalty", lam, "0", rng, n=100, weight_norm=norm)
            for lam, norm in zip((1, 10, 100), norms[1:], strict=True)
        ]
        return tables(*cells)

    assert verdict("c05", study([4, 3, 2, 1])) == "supported"
    assert verdict("c05", study([4, 3, 3, 1])) == "contradicted"


def test_equivalence_needs_precision_not_only_a_small_effect():
    def study(accuracy, noise):
        rng = np.random.default_rng(1)
        named = {"n": 12, "noise": noise, "test_loss": 1.0}
        return tables(
            cell("fashion_mnist", "samples_500", "none", 0, "0/0", rng, test_accuracy=0.8, **named),
            cell("fashion_mnist", "samples_500", "weight_decay", 0.001, "0/0", rng, test_accuracy=accuracy, **named),
            cell("fashion_mnist", "samples_500", "weight_decay", 0.01, "0/0", rng, test_accuracy=0.8, **named),
        )

    assert verdict("c13", study(0.8, 0.0005)) == "supported"
    assert verdict("c13", study(0.8, 0.02)) == "inconclusive"
    assert verdict("c13", study(0.82, 0.0005)) == "contradicted"


def network(rng, losses, **more):
    """Test and validation loss of weight decay and dropout cells at 500 images."""
    return tables(
        *(
            cell("fashion_mnist", "samples_500", method, lam, p, rng, test_loss=loss, validation_loss=loss, **more)
            for (method, lam, p), loss in losses.items()
        )
    )


def test_dropout_against_weight_decay_is_decided_by_the_cells_validation_chooses():
    rng = np.random.default_rng(2)
    decay = {("weight_decay", 0.001, "0/0"): 0.9, ("weight_decay", 0.01, "0/0"): 0.7}
    better, worse = {("dropout", 0, "0.5/0.5"): 0.6}, {("dropout", 0, "0.5/0.5"): 0.8}
    assert verdict("c32", network(rng, decay | better, test_accuracy=0.8)) in ("supported", "qualified")
    assert verdict("c32", network(rng, decay | worse, test_accuracy=0.8)) == "contradicted"


def test_noise_in_every_layer_and_too_much_dropout():
    rng = np.random.default_rng(3)
    noise = {("input_noise", 0.1, "0/0"): 0.8, ("layer_noise", 0.1, "0/0"): 0.7}
    assert verdict("c25", network(rng, noise, test_accuracy=0.8)) in ("supported", "qualified")
    swapped = {("input_noise", 0.1, "0/0"): 0.7, ("layer_noise", 0.1, "0/0"): 0.8}
    assert verdict("c25", network(rng, swapped, test_accuracy=0.8)) == "contradicted"
    p = {("dropout", 0, "0.5/0.5"): 0.7, ("dropout", 0, "0.9/0.9"): 1.5}
    assert verdict("c30", network(rng, p, train_accuracy=0.5, train_loss=0.5)) in ("supported", "qualified")


def test_robustness_compares_losses_of_accuracy_not_accuracies():
    rng = np.random.default_rng(4)
    cells = [
        cell("fashion_mnist", "samples_500", "none", 0, "0/0", rng),
        cell("fashion_mnist", "samples_500", "dropout", 0, "0.5/0.5", rng),
    ]

    def study(drop_none, drop_dropout):
        rows = []
        for table, start, drop in ((cells[0], 0.9, drop_none), (cells[1], 0.7, drop_dropout)):
            for run in table["run_id"]:
                rows += [
                    (run, "noise_accuracy", level, start - drop * level / 0.3 + 0.001 * rng.standard_normal())
                    for level in (0.0, 0.1, 0.2, 0.3, 0.5)
                ]
        return tables(*cells, probes=pd.DataFrame(rows, columns=["run_id", "probe", "level", "value"]))

    assert verdict("c27", study(0.2, 0.1)) == "supported", "although dropout's accuracy is lower everywhere"
    assert verdict("c27", study(0.1, 0.2)) == "contradicted"


# --- the ledger can say no ------------------------------------------------------------------------------------


def test_shuffled_labels_are_supported_at_no_more_than_the_nominal_rate():
    rng = np.random.default_rng(6)
    effect = rng.gamma(2.0, 1.0, size=12) + 1  # a real, skewed effect that shuffling must destroy
    rule, n = AtLeast(), 300
    supported = 0
    for _ in range(n):
        measured = Measurement.of(paired_contrast(evidence.shuffled(effect, rng), rng=rng))
        supported += rule.verdict(measured, measured.p_value) == "supported"
    assert supported <= stats.binom.ppf(0.999, n, 0.025), "one of the two directions of a 5 % test"
    true = Measurement.of(paired_contrast(effect, rng=rng))
    assert rule.verdict(true, true.p_value) == "supported", "the effect itself is found"


def test_under_nothing_but_nulls_holm_supports_any_claim_in_at_most_one_ledger_of_twenty():
    rng = np.random.default_rng(7)
    n, wrong = 60, 0
    for _ in range(n):
        measured = [Measurement.of(paired_contrast(rng.standard_normal(12), rng=rng)) for _ in range(34)]
        adjusted = claims.holm([m.p_value for m in measured])
        wrong += any(AtLeast().verdict(m, p) == "supported" for m, p in zip(measured, adjusted, strict=True))
    assert wrong <= stats.binom.ppf(0.999, n, 0.05)


def test_the_ledger_is_deterministic_and_has_a_row_a_claim():
    rng = np.random.default_rng(8)
    study = tables(*linear(rng, risk_decay=30))
    first, second = (ledger(evaluate(study, all_claims())) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert list(first.columns) == claims.COLUMNS
    assert len(first) == 34
    assert set(first["verdict"]) <= {"supported", "qualified", "contradicted", "inconclusive"}
