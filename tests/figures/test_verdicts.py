"""The forest plot of the claims: one row each, right of the line where its rule is met, whatever its kind."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from figures.drawn import shown, styled
from figures.example_tables import SMOKE, example_tables, without_analyses
from figures.reports import SOURCES
from regularization.analysis.tables import Tables
from regularization.claims import all_claims
from regularization.claims.claim import Measurement, Within
from regularization.reporting.drawing import style
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import svg_text
from regularization.reporting.figures import draw
from regularization.reporting.figures.claims import verdicts

N = 25

tables = styled(SMOKE)


FORESTS = ("verdicts", "verdicts-dropout")


def claims(**columns: object) -> pd.DataFrame:
    """A ledger with one claim, or with one a value of the columns that are lists."""
    shared = {
        "id": "c01",
        "section": "Weight decay",
        "statement": "A claim.",
        "verdict": "supported",
        "unit": "nats",
        "n": N,
    }
    return pd.DataFrame({**shared, **columns}, index=range(max(map(np.size, columns.values()))))


def place(kind: str, margin: float, effect: float, low: float, high: float) -> pd.Series:
    one = claims(rule_kind=kind, margin=margin, effect=effect, ci_low=low, ci_high=high)
    return verdicts.positions(one).iloc[0]


def test_every_claim_has_one_row_under_its_verdict_and_without_claims_there_is_no_figure(tables: Tables) -> None:
    told = []
    for name in FORESTS:
        axis = shown(name, tables).figure.axes[0]
        rows = {label.get_text(): at for at, label in zip(axis.get_yticks(), axis.get_yticklabels(), strict=True)}
        told += rows
        headings = {
            text.get_text().split(" (")[0]: text.get_position()[1] for text in axis.texts if "(" in text.get_text()
        }
        for claim in tables.claims[tables.claims["id"].isin(rows)].itertuples():
            above = {verdict: at for verdict, at in headings.items() if at < rows[claim.id]}
            assert max(above, key=above.__getitem__) == claim.verdict
    assert sorted(told) == sorted(tables.claims["id"])
    assert draw("verdicts", without_analyses(tables)) is None


def test_all_claims_of_the_study_fit_on_a_page_and_one_not_measured_has_no_value_at_a_glance(tables: Tables) -> None:
    """Higher than the template allows, the picture would be made smaller, or leave the page before it empty."""
    style.apply()
    all_of_them = pd.concat(
        [
            claims(
                id=c.id,
                section=c.says("section"),
                statement=c.says("statement"),
                rule_kind=c.rule.kind,
                margin=1.0,
                effect=1.0,
                ci_low=0.5,
                ci_high=2,
            )
            for c in all_claims()
        ],
        ignore_index=True,
    )
    drawn = [shown(name, example_tables(SMOKE).replace(claims=all_of_them)) for name in FORESTS]
    assert sum(len(one.data) for one in drawn) == len(all_claims())
    template = (SOURCES / "template.typ").read_text(encoding="utf-8")
    allowed = re.search(r"height > \d+mm \{ (\d+)mm \}", template)
    assert allowed is not None
    for one in drawn:
        width, height = one.figure.get_size_inches()
        assert width == style.WIDTH
        assert height * 25.4 <= int(allowed[1]), one.name
    # Its mark stands on the line at 0, which is not where it was found to be.
    one = shown("verdicts-at-a-glance", tables)
    told = set(re.findall(r'"(c\d\d)","', svg_text(one.figure, one.name)))
    assert told == set(tables.claims.loc[tables.claims["n"] > 0, "id"])


def test_an_effect_is_told_in_standard_deviations_from_its_bar_and_every_rule_has_its_place() -> None:
    differences = np.random.default_rng(0).normal(3, 2, N)
    half = stats.t.ppf(0.975, N - 1) * stats.sem(differences)
    mean, std = differences.mean(), differences.std(ddof=1)
    found = place("at least", 0.5, mean, mean - half, mean + half)
    assert found["position"] == pytest.approx((mean - 0.5) / std)
    assert found["high"] - found["position"] == pytest.approx(half / std)
    assert place("within", 0.05, 0, -0.01, 0.01)["position"] == 1
    for side in (-1, 1):
        assert place("within", 0.05, side * 0.05, side * 0.06, side * 0.04)["position"] == pytest.approx(0)
    folded = place("within", 0.05, 0.01, -0.02, 0.04)
    assert (folded["low"], folded["high"]) == pytest.approx((0.2, 1))
    assert place("identity", 0.0, 0.0, np.nan, np.nan)["position"] == 1
    assert place("identity", 0.0, 1e-300, np.nan, np.nan)["position"] == -np.inf
    with pytest.raises(ValueError, match="claim c01: unknown kind of rule 'by vote'"):
        place("by vote", 0.0, 1.0, 0.5, 1.5)


@pytest.mark.parametrize("claim", all_claims(), ids=lambda claim: claim.id)
@pytest.mark.parametrize(("low", "high"), [(-3.0, -2.0), (-0.5, 0.4), (0.96, 0.99), (0.2, 2.0), (7.0, 8.0)])
def test_a_whole_interval_right_of_the_line_is_what_the_rule_asks_for(claim, low: float, high: float) -> None:
    """The picture and the rule agree, for every claim's own rule and intervals on any side of its bar."""
    rule = claim.rule
    margin = {"at least": "margin", "within": "high", "nearly all": "share", "identity": "tolerance"}[rule.kind]
    bar = getattr(rule, margin)
    if isinstance(rule, Within):
        assert rule.low in (-rule.high, -np.inf), "the picture takes the margin for both sides"
        low, high = low * bar, high * bar
        if rule.low == -np.inf:  # of a distance, which has no other side
            low, high = max(low, 0.0), abs(high)
    if rule.kind == "nearly all":
        low, high = np.clip([low, high], 0, 1)
    effect = (low + high) / 2
    met = rule.verdict(Measurement(effect, low, high, N, "test", 0.001), 0.001) == "supported"
    if rule.kind == "identity":
        assert (place(rule.kind, bar, effect, np.nan, np.nan)["position"] >= 0) == met
    elif rule.kind == "nearly all":  # what is asked for beside the interval is that there be no exception at all
        assert (place(rule.kind, bar, effect, low, high)["low"] >= 0) == (low >= bar)
    else:
        assert (place(rule.kind, bar, effect, low, high)["low"] > 0) == met


def test_what_lies_beyond_has_an_arrow_what_was_not_measured_says_so_and_an_identity_has_no_interval(tables):
    far = claims(rule_kind="within", margin=0.05, effect=50.0, ci_low=49.0, ci_high=51.0, verdict="contradicted")
    one = shown("verdicts", tables.replace(claims=far))
    assert [line.get_marker() for line in one.figure.axes[0].lines].count("<") == 1
    lines = [line for line in one.figure.axes[0].lines if line.get_marker() == "X"]
    assert min(line.get_xdata()[0] for line in lines if line.get_transform() == one.figure.axes[0].transData) == -20
    one = shown("verdicts-dropout", tables)  # c30 was not measured
    assert svg_text(one.figure, one.name).count("not measured") == 1
    identity = claims(rule_kind="identity", margin=1e-12, effect=1e-16, ci_low=np.nan, ci_high=np.nan)
    one = shown("verdicts", tables.replace(claims=identity))
    assert not one.figure.axes[0].collections


def test_every_claim_names_a_figure_and_a_table_and_colour_and_marker_both_tell_its_verdict() -> None:
    for claim in all_claims():
        assert claim.figure in FIGURES, claim.id
        assert claim.table, claim.id
    colours, markers, _ = zip(*verdicts.VERDICTS.values(), strict=True)
    assert len(set(colours)) == len(set(markers)) == len(verdicts.VERDICTS)
