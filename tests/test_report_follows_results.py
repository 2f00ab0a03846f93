"""The report's prose follows the results: from contrary results, and from other verdicts, no sentence is left over."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from figures.contrary import VERDICTS, contrary_world, world
from figures.example_tables import SMOKE, example_tables
from figures.reports import SOURCES
from regularization.figures.drawing import draw_all
from regularization.figures.exhibit import Entry
from regularization.reporting import ledger, markdown
from regularization.reporting.build import context
from regularization.reporting.findings import findings
from regularization.tables import Tables

# Words that compare or judge: a sentence with one of them speaks of a result, unless it is listed below.
JUDGING = re.compile(
    r"\b(higher|highest|lower|lowest|more|most|mostly|less|least|fewer|better|best|worse|worst|larger|smaller|dramatic|"
    r"falls?|rises?|shrinks?|grows?|helps?|hurts?|improves?|hardly|nearly|costs?|cuts|raises|divides|multiplies|easier|"
    r"contradicted|supported|qualified|inconclusive)\b"
)


@cache
def text_of(contrary: bool) -> str:
    return rendered(contrary_world() if contrary else world())


def rendered(tables: Tables) -> str:
    """All sections and captions of a study, as Markdown."""
    figures = {one.name: Entry(one.name, one.section, one.caption, one.alt) for one in draw_all(tables)}
    everything = context(tables, figures, "", Path("nowhere"), SOURCES, "unknown")
    return markdown.render(SOURCES / "sections", figures, everything)


def judging(text: str) -> set[str]:
    """The sentences that compare or judge, without mark-up."""
    text = re.sub(r'(?m)^:::.*$|^\|.*$|alt="[^"]*"', "", text)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)(\{[^}]*\})?", r"\1", text)
    sentences = re.split(r"(?<=[.?!:])\**\s+|\n\n", text)
    return {" ".join(sentence.split()) for sentence in sentences if JUDGING.search(sentence)}


# Sentences that are true whatever was measured, by how they begin: definitions, theory, how a figure is read, what the
# chapter says, what was fixed in advance.
TRUE_ANYWAY: tuple[str, ...] = ()


def test_no_judging_sentence_survives_contrary_results() -> None:
    stale = [
        sentence for sentence in sorted(judging(text_of(False)) & judging(text_of(True))) if not sentence.startswith(TRUE_ANYWAY)
    ]
    assert stale == []


def test_every_sentence_excused_is_there() -> None:
    said = judging(text_of(False))
    assert [excuse for excuse in TRUE_ANYWAY if not any(sentence.startswith(excuse) for sentence in said)] == []


def test_a_typed_judgement_would_be_found() -> None:
    typed = "\n\nDropout helps most where samples are few.\n\n"
    assert judging(text_of(False) + typed) & judging(text_of(True) + typed) - judging(text_of(False)) == {
        "Dropout helps most where samples are few."
    }


def test_headlines_turn_round_with_the_results() -> None:
    straight, turned = ({one.headline for one in sum(findings(study).values(), [])} for study in (world(), contrary_world()))
    assert any("divides the chapter's risk" in headline for headline in straight)
    assert any("multiplies the chapter's risk" in headline for headline in turned)
    assert any("dropout cuts the test cross-entropy" in headline for headline in straight)
    assert any("dropout raises the test cross-entropy" in headline for headline in turned)
    assert not any("erasing the initialisation" in headline for headline in turned)


@pytest.mark.parametrize("contrary", [False, True], ids=["as expected", "contrary"])
def test_the_ledger_in_the_text_is_the_ledger_in_the_table(contrary: bool) -> None:
    study, text = (contrary_world() if contrary else world()), text_of(contrary)
    counts = study.claims["verdict"].value_counts()
    for verdict in VERDICTS:
        assert len(re.findall(rf"\[\*\*c\d\d, \[{verdict}\]", text)) == counts.get(verdict, 0)
    said = ledger.verdicts(study.claims)
    assert said is not None
    assert text.count(said.words) == 2
    for claim in study.claims.itertuples():
        assert (f"**{claim.id}**, {claim.verdict}." in text) == (claim.verdict != "supported")


def test_a_study_of_another_size_says_nothing_that_it_did_not_measure() -> None:
    text = rendered(example_tables(SMOKE))
    assert "nan" not in re.sub(r"\w*nan\w+|\w+nan\w*", "", text)
    for absent in ("samples_2000", "double descent", "more samples"):
        assert absent not in text, absent
