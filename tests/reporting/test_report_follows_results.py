"""The report's prose follows the results: from contrary results, and from other verdicts, no sentence is left over."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from figures.contrary import VERDICTS, contrary_world, world
from figures.drawn import draw_all
from figures.example_tables import SMOKE, example_tables
from figures.reports import SOURCES
from regularization.analysis.tables import Tables
from regularization.reporting.build import context
from regularization.reporting.drawing.exhibit import entry
from regularization.reporting.page import markdown

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
    figures = {name: entry(name, exhibit) for name, exhibit in draw_all(tables).items()}
    everything = context(tables, "", Path("nowhere"), SOURCES, "unknown")
    return markdown.render(SOURCES / "sections", figures, everything)


def judging(text: str) -> set[str]:
    """The sentences that compare or judge, without mark-up."""
    # No tables, no headings, which ask, and no statements of the chapter.
    text = re.sub(r'(?m)^:::.*$|^\|.*$|^#.*$|^.*\{\.place \.web\}$|alt="[^"]*"', "", text)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)(\{[^}]*\})?", r"\1", text)
    sentences = re.split(r"(?<=[.?!:])\**\s+|\n\n", text)
    whole = {" ".join(sentence.split()) for sentence in sentences if JUDGING.search(sentence)}
    return whole - {f"{verdict}." for verdict in VERDICTS}  # a claim's own, compared below


# Sentences that are true whatever was measured, by how they begin.
TRUE_ANYWAY = tuple(yaml.safe_load(Path(__file__).with_name("true_anyway.yaml").read_text(encoding="utf-8")))


def test_no_judging_sentence_survives_contrary_results_and_headlines_turn_round_with_them() -> None:
    stale = [
        sentence
        for sentence in sorted(judging(text_of(False)) & judging(text_of(True)))
        if not sentence.startswith(TRUE_ANYWAY)
    ]
    assert stale == []
    said = judging(text_of(False))
    assert [excuse for excuse in TRUE_ANYWAY if not any(sentence.startswith(excuse) for sentence in said)] == []
    typed = "\n\nDropout helps most where samples are few.\n\n"
    assert judging(text_of(False) + typed) & judging(text_of(True) + typed) - judging(text_of(False)) == {
        "Dropout helps most where samples are few."
    }
    straight, turned = (text_of(contrary).split("{.strip}")[1].split("*How sure")[0] for contrary in (False, True))
    assert "**The huge test error is" in straight
    assert "**The huge test error is" not in turned
    assert "Weight decay looks like a cure" not in turned


@pytest.mark.parametrize("contrary", [False, True], ids=["as expected", "contrary"])
def test_the_ledger_in_the_text_is_the_ledger_in_the_table(contrary: bool) -> None:
    study, text = (contrary_world() if contrary else world()), text_of(contrary)
    cards = re.findall(r'::: \{\.card #claim-(c\d\d) verdict="(\w+)"', text)
    measured = study.claims[study.claims["n"] > 0]
    assert dict(cards) == measured.set_index("id")["verdict"].to_dict()


def unstudied(text: str, tables: Tables) -> list[str]:
    """Settings of the configuration that a text names, though the study has no run of them."""
    catalogue = yaml.safe_load((SOURCES.parent / "config.yaml").read_text(encoding="utf-8"))["settings"]
    named = {name for experiment in catalogue.values() for name in experiment}
    named -= {name for experiment in tables.experiments for name in tables.studied(experiment)}
    return sorted(name for name in named if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.]?\w)", text))


def test_a_study_of_another_size_says_nothing_that_it_did_not_measure_and_a_setting_not_run_would_be_found() -> None:
    smoke = example_tables(SMOKE)
    text = rendered(smoke)
    assert "nan" not in re.sub(r"\w*nan\w+|\w+nan\w*", "", text)
    assert "double descent" not in text
    assert unstudied(text, smoke) == []
    text = "The setting `samples_500`, unlike samples_2000 and zero_init_noise_0.1, was run."
    assert unstudied(text, example_tables(SMOKE)) == ["samples_2000", "zero_init_noise_0.1"]
