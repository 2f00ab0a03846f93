"""The controls can fail: a biased rule, a claim that finds what is not there, a rule that misses what is planted."""

import numpy as np
import pandas as pd
import pytest

from claims import CLAIMS
from regularization.analysis.tables import Tables
from regularization.claims import all_claims, controls
from regularization.claims.claim import AtLeast, Claim, Measurement, Within
from regularization.claims.controls import against_itself, null_ledgers, power, summary
from regularization.claims.evidence import Evidence, linear
from synthetic import cell, tables

STRENGTHS = (0.0, 1.0, 3.0, 10.0)


@pytest.fixture(scope="module")
def study() -> Tables:
    """A large effect of weight decay, in cells whose runs differ by luck."""
    rng = np.random.default_rng(0)
    return tables(
        *(
            cell(
                "linear_regression", "textbook", "l2_penalty" if lam else "none", lam, "0", rng,
                n=60, noise=1.0, risk=100 - 5 * lam, train_loss=20 + lam, validation_loss=100 - 5 * lam,
            )
            for lam in STRENGTHS
        )
    )  # fmt: skip


def gain(evidence: Evidence) -> Measurement:
    return evidence.contrast(evidence.differences(linear(), linear("l2_penalty", 3.0), "risk"))


def dishonest(evidence: Evidence) -> Measurement:
    """The best of several strengths on the runs that judge it, and a p that does not know."""
    gains = [evidence.differences(linear(), linear("l2_penalty", lam), "risk") for lam in STRENGTHS[1:]]
    best = max(gains, key=np.mean)
    return Measurement(best.mean(), best.mean() - 0.1, best.mean() + 0.1, 12, p_value=0.001)


def claim(evaluate) -> Claim:
    return Claim(CLAIMS["c03"].module, AtLeast(), evaluate)


def passed(ledgers: pd.DataFrame) -> dict[str, bool]:
    return summary(ledgers).set_index("id")["passed"].to_dict()


def test_ledgers_without_an_effect_support_nothing_though_the_study_does(study):
    ledgers, taken = null_ledgers(study, [claim(gain), CLAIMS["c01"]], n=200)
    assert [one.evaluate for one in taken] == [gain], "c01 compares no two cells of a setting"
    assert ledgers["n_claims"].eq(1).all()
    assert len(ledgers) == ledgers["ledger"].nunique() == 200
    assert 0 < ledgers["n_supported"].sum() < 20, "by chance some"
    assert passed(ledgers) == {"null_at_least": True}


def test_a_claim_that_finds_what_is_not_there_fails_the_null_ledgers(study):
    ledgers, _ = null_ledgers(study, [claim(dishonest)], n=60)
    assert passed(ledgers) == {"null_at_least": False}
    [reason] = summary(ledgers)["reason"]
    assert "more often than the 5 %" in reason
    assert "no more often" not in reason


def test_the_same_ledgers_come_out_twice_and_a_study_without_such_claims_has_none(study):
    first, second = (null_ledgers(study, [claim(gain)], n=5)[0] for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    ledgers, taken = null_ledgers(study, [CLAIMS["c01"]], n=5)
    assert (len(ledgers), taken) == (0, [])


def test_cells_against_themselves_support_nothing_and_what_is_planted_is_found(study):
    ledgers = against_itself(study, 300)
    found = summary(ledgers).set_index("id")
    kinds = {"difference", "margin", "equivalence", "share_of_runs", "condition"}
    assert set(found.index) == {*(f"a_a_{kind}" for kind in kinds), "planted_difference"}
    assert found["passed"].all(), found["reason"].tolist()
    planted = found.loc["planted_difference"]
    assert planted["ci_low"] < planted["expected"] == power(12) < planted["ci_high"]


@pytest.mark.parametrize(
    ("rule", "failing"),
    [(AtLeast, {"a_a_difference", "a_a_margin", "planted_difference"}), (Within, {"a_a_equivalence"})],
)
def test_a_rule_that_looks_at_the_estimate_alone_is_caught(study, monkeypatch, rule, failing):
    def biased(self, measured, p_adjusted):
        inside = abs(measured.effect) < self.high if rule is Within else measured.effect > self.margin
        return "supported" if inside else "inconclusive"

    monkeypatch.setattr(rule, "verdict", biased)
    found = passed(against_itself(study, 200))
    assert {name for name, well in found.items() if not well} == failing


def test_a_rule_that_misses_what_is_there_is_caught_by_what_was_planted(study, monkeypatch):
    monkeypatch.setattr(controls, "PLANTED", 0.5)
    ledgers = against_itself(study, 200)
    monkeypatch.setattr(controls, "PLANTED", 1.0)
    [row] = summary(ledgers).query("kind == 'planted'").to_dict("records")
    assert not row["passed"]
    assert "the rule misses what is there" in row["reason"]


def test_power_is_that_of_the_paired_t_test():
    rng = np.random.default_rng(1)
    values = rng.standard_normal((4_000, 12)) + 0.8
    t = values.mean(axis=1) / (values.std(axis=1, ddof=1) / np.sqrt(12))
    assert power(12, 0.8) == pytest.approx((t > 2.201).mean(), abs=0.02)


def test_every_claim_can_be_asked_whether_it_has_nothing_to_find(study):
    """One that is asked about a study it does not know is left out and is no error."""
    _, taken = null_ledgers(study, all_claims(), n=1)
    assert {one.id for one in taken} >= {"c03"}
