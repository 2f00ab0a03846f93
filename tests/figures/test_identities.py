"""The figure of the identities shows the claims' own numbers, and what fails apart from what holds."""

import pandas as pd
import pytest

from figures.drawn import Drawn, shown
from figures.example_tables import SMOKE, example_tables
from regularization.analysis.tables import Tables
from regularization.claims import all_claims, evaluate, identities_table
from regularization.claims.claim import Case, Identity, largest
from regularization.reporting.drawing import style
from regularization.reporting.figures import draw
from regularization.reporting.figures import identities as figure


@pytest.fixture(scope="module")
def tables() -> Tables:
    """A made-up study with the identities as they are measured."""
    style.apply()
    study = example_tables(SMOKE)
    claims = [claim for claim in all_claims() if claim.of_algebra]
    return study.replace(identities=identities_table(evaluate(study, claims)))


def marks(one: Drawn) -> dict[str, list[tuple[float, int]]]:
    """Value and row of every mark of the left panel, by what it stands for."""
    return {
        str(line.get_label()): list(zip(line.get_xdata(), line.get_ydata(), strict=True))
        for line in one.figure.axes[0].lines
    }


def test_every_claim_that_names_the_figure_has_a_title_and_one_row_where_all_errors_are_0(tables):
    named = {claim.id for claim in all_claims() if claim.says("figure") == "identities"}
    assert named == set(figure.errors(tables.identities)["claim"])
    own = {claim.id for claim in all_claims() if "identities" in claim.says("table")}
    assert set(figure.TITLES) == own, f"say in figures/identities.py, TITLES, what the errors of {own} are of"
    texts = [text.get_text() for text in shown("identities", tables).figure.axes[0].texts]
    assert len(texts) == len(named)
    assert all(text.split()[1:] for text in texts)
    assert draw("identities", tables.replace(identities=pd.DataFrame())) is None

    def rows(table: pd.DataFrame) -> list[str]:
        data = figure.errors(table)
        return data.loc[data["claim"] == "c21"].drop_duplicates("row")["row_label"].tolist()

    assert rows(tables.identities) == ["all 4 cases"]
    one = (tables.identities["claim"] == "c21") & (tables.identities["case"] == "engine")
    broken = tables.identities.assign(
        value=tables.identities["value"].mask(one & (tables.identities["value"] == 0), 0.1)
    )
    assert rows(broken) == ["from scratch", "concise", "engine", "dropout layer"]


def test_the_finding_counts_and_names_what_fails_and_errors_are_marked_by_whether_they_pass(tables: Tables) -> None:
    data = figure.errors(tables.identities)
    found = marks(shown("identities", tables))
    assert {value for value, _ in found["exactly 0"]} == {0.0}
    assert len(found["exactly 0"]) == (data["value"] == 0).sum()
    assert all(0 < value <= 1e-12 for value, _ in found["within its tolerance"])
    rows = data.drop_duplicates("row").set_index("row")["row_label"]
    biases = {"from scratch", "torch.nn.Linear"}  # which do not start at 0
    beyond = {"Adam with L2 penalty", "torch.optim.Adam", "ReLU layer"} | biases
    assert {rows[row] for _, row in found["beyond it"]} == beyond
    assert sum(len(found[kind]) for kind in ("exactly 0", "within its tolerance", "beyond it")) == len(data)
    assert {row for _, row in found["tolerance"]} == set(data["row"])
    rows = figure.errors(tables.identities).drop_duplicates("row")
    assert not rows.duplicated(["claim", "row_label"]).any()
    for _, own in rows.groupby("claim"):
        assert own["row"].tolist() == list(range(own["row"].min(), own["row"].max() + 1))
    before = shown("identities", tables).finding
    assert "not so: Adam with L2 penalty, torch.optim.Adam and 3 more." in before
    held = tables.identities.assign(value=0.0)
    assert "hold to rounding." in (finding := shown("identities", tables.replace(identities=held)).finding)
    assert finding.startswith("All ")
    broken = tables.identities.assign(value=1.0)
    assert (finding := shown("identities", tables.replace(identities=broken)).finding).startswith("0 of ")
    assert finding.endswith(" more.")
    wrong = Case("engine", "0.5", "output", float("nan"), 0.0)
    assert not wrong.passes
    assert pd.isna(largest([Case("engine", "0", "output", 1.0), wrong]))


def test_the_numbers_behind_a_relu_are_the_claims_and_those_of_the_verdicts_are_in_the_table(tables: Tables) -> None:
    (judged,) = evaluate(tables, [claim for claim in all_claims() if claim.id == "c20"])
    assert judged.measured is not None
    numbers = {number.facts["p"]: number.facts["value"] for number in judged.measured.notes.numbers}
    behind = figure.ratios(tables.identities)
    assert dict(zip(behind["p"], behind["value"], strict=True)) == numbers
    line = shown("identities", tables).figure.axes[1].lines[0]
    assert list(line.get_ydata()) == list(numbers.values())
    # The effect of every claim that is an identity can be found again among its rows.
    named = {
        "c09": ("from scratch", "l2_penalty", "weight_decay", "torch.optim.SGD"),
        "c20": ("dropout layer",),
        "c21": ("from scratch", "concise", "engine", "dropout layer"),
        "c23": ("from scratch",),
    }
    table = tables.identities
    assert not table.duplicated(["claim", "case", "p", "quantity"]).any()
    judged = {j.claim.id: j for j in evaluate(tables, [claim for claim in all_claims() if claim.of_algebra])}
    for claim, cases in named.items():
        found = judged[claim]
        own = table[(table["claim"] == claim) & table["case"].isin(cases) & (table["quantity"] != "end_output")]
        errors = own.loc[own["tolerance"].notna() & (own["quantity"] != "accepted")]
        assert found.measured is not None
        assert errors["value"].max() == found.measured.effect, claim
        assert isinstance(found.claim.rule, Identity)
        assert set(errors["tolerance"]) == {found.claim.rule.tolerance}, claim
    alike = table[(table["claim"] == "c22") & (table["case"] == "engine") & (table["quantity"] == "masks_alike")]
    assert judged["c22"].measured is not None
    assert 1 - alike["value"].item() == judged["c22"].measured.effect
