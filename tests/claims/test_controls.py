"""The ledger can say no: shuffled labels are supported at the nominal rate only, and what is known false is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from claims import measured, number, verdict
from regularization.analysis.statistics import paired_contrast, sign_flip_null, sign_flip_share
from regularization.analysis.tables import Tables
from regularization.claims import evaluate, evidence
from regularization.claims.claim import AtLeast, Claim, Measurement
from regularization.claims.evidence import Evidence
from regularization.claims.swaps import N_SWAPS, NOMINAL, excess_support
from synthetic import cell, runs, tables

CERTAIN = 0.001  # how unlikely a count has to be before a test calls the rate wrong


def differences(rng: np.random.Generator, pairs: int) -> np.ndarray:
    """A real effect as seeds show it: skewed, of unequal size, in a tenth of the seeds the other way."""
    return (rng.gamma(1.5, 1.0, size=pairs) + 0.2) * np.where(np.arange(pairs) % 10 == 9, -0.5, 1.0)


@pytest.mark.parametrize(("pairs", "shuffles"), [(12, 400), (24, 80)])  # exact flips and t; Monte Carlo and BCa
def test_shuffled_labels_are_significant_and_supported_at_the_nominal_rates(pairs, shuffles):
    rng = np.random.default_rng(pairs)
    effect = differences(rng, pairs)
    found = [Measurement.of(paired_contrast(evidence.shuffled(effect, rng), rng=rng)) for _ in range(shuffles)]
    significant = sum(one.p_value < 0.05 for one in found)
    assert stats.binom.ppf(CERTAIN, shuffles, 0.05) <= significant <= stats.binom.isf(CERTAIN, shuffles, 0.05)
    for rule in (AtLeast(), AtLeast(0.1)):
        supported = sum(rule.verdict(one, one.p_value) == "supported" for one in found)
        assert supported <= stats.binom.isf(CERTAIN, shuffles, 0.025), "one of the two directions of a 5 % test"
    true = Measurement.of(paired_contrast(effect, rng=rng))
    assert AtLeast().verdict(true, true.p_value) == "supported", "the effect that shuffling destroys"


def swapped(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The runs of two cells with their labels (method, λ, p) swapped at random within every seed."""
    table = table.copy()
    names = ["run_id", "method", "lam", "p"]
    for _, seed in table.groupby("seed"):
        if rng.random() < 0.5:
            table.loc[seed.index, names] = seed[names].to_numpy()[::-1]
    return table


@pytest.mark.slow
@pytest.mark.parametrize(
    ("claim_id", "good", "bad"),
    [
        ("c25", ("layer_noise", 0.1, "0/0"), ("input_noise", 0.1, "0/0")),
        ("c32", ("dropout", 0.0, "0.5/0.5"), ("weight_decay", 0.01, "0/0")),
    ],
)
def test_a_claim_evaluated_on_shuffled_tables_is_supported_no_more_often_than_that(claim_id, good, bad):
    rng = np.random.default_rng(7)
    means = {"test_loss": 0.9, "validation_loss": 0.9, "test_accuracy": 0.8}
    better = {"test_loss": 0.7, "validation_loss": 0.7, "test_accuracy": 0.9}
    table = runs(
        cell("fashion_mnist", "samples_500", *bad, rng, noise=0.05, **means),
        cell("fashion_mnist", "samples_500", *good, rng, noise=0.05, **better),
    )
    # Strengths on either side that nobody would choose, so that the two are not at the edge of their grids.
    unfit = {"test_loss": 2.0, "validation_loss": 2.0, "test_accuracy": 0.5}
    edges = [
        cell("fashion_mnist", "samples_500", method, lam * times, p if not lam else "0/0", rng, **unfit)
        for method, lam, _ in (good, bad)
        for times, p in ((0.1, "0.1/0.1"), (10, "0.9/0.9"))
    ]
    assert verdict(claim_id, tables(table, *edges)) == "supported"
    shuffles = 40
    found = [verdict(claim_id, tables(swapped(table, rng), *edges)) for _ in range(shuffles)]
    positive = sum(one in ("supported", "qualified") for one in found)
    assert positive <= stats.binom.isf(CERTAIN, shuffles, 0.025)


@pytest.mark.slow
def test_among_34_nulls_holm_lets_one_through_in_at_most_one_ledger_of_twenty():
    rng = np.random.default_rng(8)

    def null(which: int) -> Claim:
        effect = differences(rng, 12)

        def measure(found: Evidence) -> Measurement:
            return Evidence(found.tables, rng).contrast(evidence.shuffled(effect, rng))

        return Claim(f"c{which:02}", AtLeast(), measure)

    ledgers, study = 20, tables(cell("fashion_mnist", "samples_500", "none", 0, "0/0", rng))
    judged = [evaluate(study, [null(which) for which in range(1, 35)]) for _ in range(ledgers)]
    wrong = sum(any(one.verdict == "supported" for one in ledger) for ledger in judged)
    assert wrong <= stats.binom.isf(CERTAIN, ledgers, 0.05)
    raw = sum(any(one.measured is not None and one.measured.p_value < 0.05 for one in ledger) for ledger in judged)
    assert raw > ledgers / 2, "without the correction most ledgers would have claimed something"


def linear(risk: tuple[float, float, float], norm: tuple[float, float, float] = (14, 2, 1)) -> Tables:
    """The chapter's setting at λ = 0, 3 and 10."""
    rng = np.random.default_rng(9)
    return tables(
        *(
            cell("linear_regression", "textbook", method, lam, "0", rng, n=60, noise=0.5, risk=r, weight_norm=w)
            for (method, lam), r, w in zip(
                (("none", 0), ("l2_penalty", 3), ("l2_penalty", 10)), risk, norm, strict=True
            )
        )
    )


def test_what_is_known_false_is_contradicted_and_a_rule_that_finds_effects_in_shuffled_labels_fails(monkeypatch):
    assert verdict("n01", linear((180, 5, 4))) == "contradicted"
    assert verdict("n01", linear((5, 180, 190))) == "supported"
    assert verdict("n02", linear((180, 5, 4))) == "contradicted"
    assert verdict("n02", linear((180, 5, 4), norm=(1, 2, 14))) == "supported"
    monkeypatch.setattr("regularization.claims.evidence.shuffled", lambda differences, rng: differences)
    assert verdict("n04", linear((180, 5, 4))) == "supported", "nothing was shuffled: the control has failed"


def test_shuffled_controls_find_nothing_where_there_is_a_large_effect_and_tell_how_often_they_do():
    rng = np.random.default_rng(10)
    study = tables(
        cell("fashion_mnist", "samples_500", "none", 0, "0/0", rng, test_loss=1.0),
        cell("fashion_mnist", "samples_500", "dropout", 0, "0.5/0.5", rng, test_loss=0.7),
    )
    assert verdict("n03", study) not in ("supported", "qualified")
    assert verdict("n04", linear((180, 5, 4))) not in ("supported", "qualified")
    assert verdict("c03", linear((180, 5, 4))) in ("supported", "qualified"), "which is there before the shuffle"
    found = measured("n04", linear((180, 5, 4)))
    share = number(found, "supported_swaps")
    assert found.n == N_SWAPS
    assert found.effect == pytest.approx(share - NOMINAL)
    assert stats.binom.ppf(CERTAIN, N_SWAPS, NOMINAL) <= share * N_SWAPS <= stats.binom.isf(CERTAIN, N_SWAPS, NOMINAL)


def test_every_swap_is_judged_as_a_claim_would_be():
    """The fast way through one null distribution gives the verdicts of the claims' own contrast."""
    differences_ = differences(np.random.default_rng(13), 12)
    fast = number(excess_support(differences_, np.random.default_rng(14)), "supported_swaps")
    rng = np.random.default_rng(14)
    swaps = [evidence.shuffled(differences_, rng) for _ in range(N_SWAPS)]
    judged = [Measurement.of(paired_contrast(one, rng=rng)) for one in swaps[:60]]
    assert excess_support(differences_, np.random.default_rng(14)).effect == fast - NOMINAL
    slow = [AtLeast().verdict(one, one.p_value) == "supported" for one in judged]
    null = sign_flip_null(differences_, rng=rng)
    half = stats.t.ppf(0.975, 11) * stats.sem(swaps, axis=1)
    quick = [(sign_flip_share(null, one) < 0.05) and one.mean() > h for one, h in zip(swaps, half, strict=True)]
    assert quick[:60] == slow
    assert np.mean(quick) == pytest.approx(fast)
