"""What a configuration chooses: sections, claims, and with them the tables and figures that are made."""

import json
import random
import re
from pathlib import Path

import pytest

from figures.example_tables import Size, example_tables
from figures.reports import SOURCES
from regularization.analysis import catalogue
from regularization.analysis.catalogue import TABLES
from regularization.analysis.tables import Tables
from regularization.claims import all_claims, chosen_claims
from regularization.reporting.build import context
from regularization.reporting.drawing import catalogue as drawings
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import Entry
from regularization.reporting.figures import draw
from regularization.reporting.page import markdown
from regularization.study import reading
from regularization.system.wording import claims, sections
from studies import ROOT, entry, study

SECTIONS = [*sections()]
WORDS = {name: Entry(name, f"**{name}.** Dots.", name) for name in FIGURES}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return example_tables()


def facts(tables: Tables, **configuration: object) -> dict:
    given = {"experiments": tables.experiments, **configuration}
    return context(tables, WORDS, json.dumps(given), Path("nowhere"), SOURCES, "unknown")


def test_whatever_sections_are_chosen_no_link_leads_nowhere_and_nothing_else_is_shown(tables: Tables) -> None:
    everything, rng = facts(tables), random.Random(0)
    marks = {"error": "{#error ", "claims": "#claim-", "methods": "{#methods}", "reproduce": "{#reproduce}"}
    for chosen in [*([one] for one in SECTIONS), *(rng.sample(SECTIONS, rng.randint(2, 12)) for _ in range(20))]:
        left_out = [name for name in SECTIONS if name not in chosen]
        text = markdown.render(SOURCES / "sections", WORDS, {**everything, "left_out": left_out})
        anchors = re.findall(r"\{[^{}\n]*#([\w-]+)", text)
        assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= set(anchors), chosen
        assert "\u00a00]" not in text, "a reference without a number"
        assert {name for name, mark in marks.items() if mark in text} == {*marks} & {*chosen}


def test_the_report_says_that_sections_and_claims_were_chosen(tables: Tables) -> None:
    found = facts(tables, sections=["claims", "reproduce"], claims=["c01", "c03"])
    text = markdown.render(SOURCES / "sections", WORDS, found)
    assert f"chose 2 of the {len(claims())} claims" in text
    assert "the sections answers, setups, error" in text


def test_the_standard_study_asks_for_everything_and_a_subset_for_what_it_trains() -> None:
    standard = reading.validated(reading.load([ROOT / "config.yaml"]), check_machine=False)
    assert catalogue.asked(standard) == [*TABLES]
    assert list(drawings.asked(standard)) == [*FIGURES]
    linear = entry("linear_regression", methods=["l2_penalty"], lam=[0, 3, 10], seeds=50)
    few, unclaimed = study(linear), study(linear, claims=[], sections=["setups"])
    assert {*TABLES} - {*catalogue.asked(few)} == {"decomposition", "examples"}
    assert {figure.section for figure in drawings.asked(few).values()} == {"claims", "weight_decay", "study"}
    assert not {"weight-decay-account", "setup-network"} & {*drawings.asked(few)}
    assert {*catalogue.asked(few)} - {*catalogue.asked(unclaimed)} == {*catalogue.tables_of("ledger")}
    assert {*drawings.asked(unclaimed)} == {"setup-linear", "weight-decay-curves"}


def test_what_a_study_does_not_ask_for_could_not_have_been_drawn(tables: Tables) -> None:
    """Of each figure that asks for something: without just that there is nothing to draw."""
    linear, network = (example_tables(Size(experiments=(name,), seeds=2)) for name in tables.experiments)
    without = {"fashion_mnist": linear, "linear_regression": network}
    for name, figure in FIGURES.items():
        needed = {table: TABLES[table].asked_by for table in figure.tables}
        lacking = [without[one] for one in {drawings.EXPERIMENTS.get(figure.section), *needed.values()} & set(without)]
        lacking += [
            tables.replace(**{table: tables.table(table).iloc[:0]})
            for table, what in needed.items()
            if what and what not in without
        ]
        assert [draw(name, study) for study in lacking] == [None] * len(lacking), name


def test_the_claims_beside_the_tables_are_those_of_the_configuration_there(tmp_path: Path) -> None:
    assert chosen_claims(tmp_path / "tables") == all_claims()
    for chosen in (None, (), ("c03", "c01")):
        (tmp_path / "config.json").write_text(study(entry("linear_regression"), claims=chosen).as_json())
        found = [claim.id for claim in chosen_claims(tmp_path / "tables")]
        assert found == (sorted(chosen) if chosen is not None else [claim.id for claim in all_claims()])
