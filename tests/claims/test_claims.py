"""The ledger: every claim is there, follows its rule, and can be supported as well as refused."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import shared
from claims import reads_well
from regularization import claims
from regularization.analysis.tables import Estimate
from regularization.claims import all_claims, chosen_claims, evaluate, ledger
from regularization.claims.claim import (
    AtLeast,
    Identity,
    InNearlyAll,
    Judgement,
    Measurement,
    Notes,
    Outcome,
    Rule,
    Within,
    judge,
)
from regularization.claims.evidence import Evidence
from studies import entry, study
from synthetic import cell, tables

CLAIMS = {claim.id: claim for claim in all_claims()}


EMPTY = tables(cell("linear_regression", "other", "none", 0, "0", np.random.default_rng(0), risk=1))


def test_all_claims_are_there_say_what_they_test_and_what_was_changed_after_a_first_look():
    ids = [claim.id for claim in all_claims()]
    assert {f"c{number:02}" for number in (*range(1, 34), *range(35, 47), *range(50, 68))} <= set(ids)
    assert len(ids) == len(set(ids))
    assert "c34" not in ids, "one claim with c21"
    for claim in CLAIMS.values():
        for block in ("statement", "section", "estimand", "unit", "needs"):
            assert claim.says(block), (claim.id, block)
    table = ledger(evaluate(EMPTY, all_claims())).set_index("id")["amended"]
    assert {"c08", "c24", "c29"} <= set(table[table != ""].index)
    assert table["c05"] == ""


def test_a_study_without_the_runs_is_inconclusive_never_an_error_and_rules_say_what_is_adjusted():
    found = {judgement.claim.id: judgement for judgement in evaluate(EMPTY, CLAIMS.values())}
    for claim in CLAIMS.values():
        if claim.says("needs") == "nothing trained":
            assert found[claim.id].measured is not None, claim.id
        else:
            assert (found[claim.id].verdict, found[claim.id].measured) == ("inconclusive", None), claim.id
            assert "Not measured" in found[claim.id].reason
    assert "p is not of the margin" in str(AtLeast(0.5))
    assert "not adjusted" in str(AtLeast(0.5))
    assert "not adjusted" in str(Within(-1, 1))
    assert "adjusted p < 0.05 and it is below 0" in str(AtLeast())


@pytest.mark.parametrize("chosen", [None, (), ("c03", "c01")])
def test_claims_are_those_that_the_configuration_beside_the_tables_chooses(tmp_path, chosen):
    assert chosen_claims(tmp_path / "tables") == all_claims()
    (tmp_path / "config.json").write_text(study(entry("linear_regression"), claims=chosen).as_json())
    found = [claim.id for claim in chosen_claims(tmp_path / "tables")]
    assert found == (list(CLAIMS) if chosen is None else sorted(chosen))


@pytest.mark.arithmetic
def test_the_identities_hold_and_are_qualified_where_the_statement_says_too_much():
    identities = [claim for claim in all_claims() if claim.says("needs") == "nothing trained"]
    judgements = evaluate(EMPTY, identities)
    found = {j.claim.id: j.verdict for j in judgements}
    for one, by_rule in itertools.product(judgements, ("supported", "contradicted")):
        assert reads_well(answer := replace(one, by_rule=by_rule).answer), answer
    assert found == {
        "c09": "supported",
        "c20": "supported",
        "c21": "supported",
        "c22": "supported",
        "c23": "supported",
        "c46": "supported",
        "c66": "contradicted",  # the library draws them
    }


RULES = {"at least": AtLeast, "within": Within, "identity": Identity, "nearly all": InNearlyAll}
MOST = "whether the gap is half of the risk was not tested"
ELSEWHERE = "the gap beyond a constant's is 0.100 [−0.100, 0.300] times the variance of the targets, so none"


def judged(rule: Rule, effect: float, low: float, high: float, p: float, **outcomes: Outcome | bool) -> Judgement:
    """The verdict of a rule on c01 and its conditions, by their blocks."""
    notes = Notes()
    for block, outcome in outcomes.items():
        facts = {"lowest": 0.6} if block == "most" else {"setting": "zero_init", "value": Estimate(0.1, -0.1, 0.3, 9)}
        notes.condition(block, outcome, **facts)
    measured = Measurement(effect, low, high, 12, "test", p, notes=notes)
    return judge(replace(CLAIMS["c01"], rule=rule), measured, p)


def test_conditions_that_fail_qualify_and_those_not_tested_leave_open_by_name():
    judgement = judged(AtLeast(), 1, 0.5, 1.5, 0.01, most=True, elsewhere=np.False_)  # numpy's as well
    assert judgement.verdict == "qualified"
    assert ELSEWHERE in judgement.reason
    assert "half of the risk" not in judgement.reason
    found = judged(AtLeast(), 1, 0.5, 1.5, 0.01, most="not shown")
    assert found.verdict == "qualified"
    assert f"Open: {MOST}" in found.reason
    assert "Against" not in found.reason
    found = judged(AtLeast(), 1, 0.5, 1.5, 0.01, most="not tested", elsewhere="fails")
    assert found.verdict == "inconclusive"
    assert f"Not tested, which leaves the claim open: {MOST}" in found.reason
    assert judged(AtLeast(), -1, -1.5, -0.5, 0.01, most="not tested").verdict == "contradicted"
    assert found.conditions == [("not tested", MOST), ("fails", f"started from zero weights {ELSEWHERE}")]


@pytest.mark.parametrize(
    ("centre", "above", "below"), [(2.0, "holds", "fails"), (0.0, "fails", "holds"), (1.0, "not shown", "not shown")]
)
def test_an_interval_on_one_side_of_the_bar_decides_and_one_across_it_is_not_shown(centre, above, below):
    evidence = Evidence(EMPTY, np.random.default_rng(0))
    values = centre + np.linspace(-0.5, 0.5, 12)
    for given in (values, evidence.mean(values)):
        assert (evidence.above(given, 1.0), evidence.below(given, 1.0)) == (above, below)


@pytest.mark.parametrize(("rule", "effect", "low", "high", "p", "expected", "said"), shared.cases(__file__))
def test_the_verdict_follows_from_the_numbers_and_the_reason_says_where_they_lie(
    rule, effect, low, high, p, expected, said
):
    rule = RULES[rule[0]](*rule[1])
    assert rule.verdict(Measurement(effect, low, high, 12, "test", p), p) == expected
    judgement = judged(rule, effect, low, high, p)
    assert judgement.verdict == expected
    assert said in judgement.reason


def test_the_ledger_is_deterministic_and_has_a_row_a_claim():
    rng = np.random.default_rng(8)
    study = tables(
        *(
            cell("linear_regression", setting, method, lam, "0", rng, n=30, noise=0.01, risk=risk, train_loss=1)
            for setting, method, lam, risk in (
                ("textbook", "none", 0, 3),
                ("textbook", "l2_penalty", 3, 2),
                ("more_samples_500", "none", 0, 1.5),
            )
        )
    )
    first, second = (evaluate(study, all_claims()) for _ in range(2))
    assert repr(first) == repr(second)  # repr: NaN is not equal to itself
    table = ledger(first)
    assert list(table.columns) == claims.COLUMNS
    assert table["id"].tolist() == [claim.id for claim in all_claims()]
    assert set(table["verdict"]) <= {"supported", "qualified", "contradicted", "inconclusive"}
