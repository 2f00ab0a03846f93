"""Each variation changes what it should, and a verdict that hangs on a choice is a close call."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from claims import CLAIMS
from regularization.analysis.statistics import equivalence
from regularization.analysis.tables import Tables
from regularization.claims import evaluate, ledger
from regularization.claims.claim import AtLeast, Claim, InNearlyAll, Measurement, Rule, Within
from regularization.claims.evidence import Evidence, linear
from regularization.claims.variations import overlaid, robustness_table
from synthetic import cell, tables

NONE, DECAY = linear(), linear("l2_penalty", 3.0)


def gain(evidence: Evidence) -> Measurement:
    return evidence.contrast(evidence.differences(NONE, DECAY, "risk"))


def gain_of_test_loss(evidence: Evidence) -> Measurement:
    return evidence.contrast(evidence.differences(NONE, DECAY, "test_loss"))


def study(gains: np.ndarray, **others: np.ndarray) -> Tables:
    """Two cells whose paired differences are given."""
    rng, n = np.random.default_rng(0), len(gains)
    cells = [cell(*key[:4], "0", rng, n=n, noise=0.0, risk=9.0, test_loss=9.0) for key in (NONE, DECAY)]
    cells[1] = cells[1].assign(risk=9.0 - gains, test_loss=9.0 - others.get("test_loss", gains))
    return tables(*cells)


def varied(
    gains: np.ndarray, rule: Rule | None = None, claim: Claim | None = None, **others: np.ndarray
) -> pd.DataFrame:
    claim = replace(
        claim or CLAIMS["c03"], rule=rule or AtLeast(), evaluate=gain, **({} if claim else {"variations": {}})
    )
    made = study(gains, **others)
    judgements = evaluate(made, [claim])
    table = robustness_table(judgements, made)
    shown = ledger(judgements, table).iloc[0]
    assert shown["variations"] == len(table)
    assert shown["robust"] == pytest.approx((table["verdict"] == shown["verdict"]).mean())
    return table.set_index("variation")


EVEN = np.linspace(0.8, 1.2, 12)
GENERAL = ["median", "other_interval", "sign_flip_interval", "even_seeds", "odd_seeds"]


def test_a_clear_effect_keeps_its_verdict_in_every_variation_and_each_measures_it_anew():
    found = varied(EVEN)
    assert found.index.tolist() == GENERAL, "a rule without a margin has none to change"
    assert set(found["verdict"]) == {"supported"}
    assert found["ci_low"].nunique() == len(found)


def test_one_outlier_makes_a_mean_and_not_a_median_and_the_half_without_it_says_otherwise():
    gains = np.where(np.arange(12) == 3, 60.0, np.resize([-0.2, -0.1, -0.3], 12))
    found = varied(gains)["effect"]
    assert found["median"] == pytest.approx(-0.2, abs=0.05)
    assert found["even_seeds"] == pytest.approx(gains[::2].mean())
    assert found["odd_seeds"] == pytest.approx(gains[1::2].mean())


def test_seeds_that_disagree_are_a_close_call():
    gains = np.where(np.arange(24) % 2, 0.0, 2.0) + np.linspace(-0.1, 0.1, 24)
    found = varied(gains)["verdict"]
    assert (found["even_seeds"], found["odd_seeds"]) == ("supported", "inconclusive")


def test_a_half_with_too_few_pairs_for_any_p_is_not_asked():
    assert varied(EVEN[:10]).index.tolist() == GENERAL[:3]


@pytest.mark.parametrize(
    ("rule", "half", "double"),
    [
        (AtLeast(0.7), "supported", "qualified"),  # above 0, and below 1.4
        (Within(-1.3, 1.3), "contradicted", "supported"),
    ],
)
def test_a_margin_is_halved_and_doubled(rule, half, double):
    found = varied(EVEN, rule)["verdict"]
    assert (found["half_margin"], found["double_margin"]) == (half, double)


def test_of_a_share_the_odds_are_halved_and_doubled_and_the_p_of_an_equivalence_moves_with_its_margin():
    measured = Measurement(0.95, 0.93, 0.97, 12, p_value=0.01)
    assert AtLeast(0.9).scaled(2.0, measured, bounded=True) == (AtLeast(pytest.approx(18 / 19)), 0.01)
    assert AtLeast(0.9).scaled(2.0, measured, bounded=False) == (AtLeast(1.8), 0.01)
    assert InNearlyAll(0.9).scaled(0.5, measured, bounded=True) == (InNearlyAll(pytest.approx(9 / 11)), 0.01)
    values = np.linspace(-1, 2, 12)
    tight, wide = (Evidence(study(EVEN), np.random.default_rng(0)) for _ in range(2))
    found = Measurement.of(equivalence(values, low=-1, high=1), tight)
    rule, p = Within(-1, 1).scaled(2.0, found, bounded=False)
    assert rule == Within(-2, 2)
    assert p == pytest.approx(Measurement.of(equivalence(values, low=-2, high=2), wide).p_value, rel=1e-6)


def test_a_claim_has_variations_of_its_own_and_one_that_the_study_lacks_is_no_variation():
    def lacking(evidence: Evidence) -> Measurement:
        return evidence.contrast(evidence.differences(NONE, linear("l2_penalty", 99.0), "risk"))

    claim = replace(CLAIMS["c03"], variations={"test_loss": gain_of_test_loss, "elsewhere": lacking})
    found = varied(EVEN, claim=claim, test_loss=-EVEN)
    assert found.index.tolist() == [*GENERAL, "test_loss"]
    assert found.loc["test_loss", "verdict"] == "contradicted"


def test_algebra_is_asked_with_other_random_numbers_and_nothing_else():
    made = study(EVEN)
    judgements = evaluate(made, [CLAIMS["c20"], CLAIMS["c66"]])
    found = robustness_table(judgements, made)
    assert found[["id", "variation"]].to_numpy().tolist() == [["c20", "other_numbers"], ["c66", "other_numbers"]]
    assert found["verdict"].tolist() == ["supported", "contradicted"]
    assert found["effect"].iloc[0] != judgements[0].measured.effect
    assert ledger(judgements, found)["robust"].tolist() == [1, 1]


def test_the_runs_of_another_processor_replace_the_studys_own_and_no_others():
    here, there = study(EVEN), study(-EVEN)
    part = there.runs[(there.runs["method"] == "l2_penalty") & (there.runs["seed"] < 3)]
    both = overlaid(here, there.replace(runs=part))
    assert len(both.runs) == len(here.runs)
    differences = Evidence(both, np.random.default_rng(0)).differences(NONE, DECAY, "risk")
    np.testing.assert_allclose(differences, np.where(np.arange(12) < 3, -EVEN, EVEN))
    found = both.cell(DECAY, "risk")
    assert found is not None
    assert found.mean == pytest.approx((9 - differences).mean()), "cells are computed anew"
