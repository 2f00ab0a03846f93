"""The PDF as a document to read: the page's text and numbers, and page breaks in good places."""

import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import typst

from figures.example_tables import SMOKE, Size
from figures.reports import SOURCES, WHOLE, report
from pdf import checks, page_text
from pdf.checks import bare
from pdf.layout import Layout
from regularization.reporting.page.pdf import document

FIGURE = '#figure(image("a.svg", alt: "a square"), caption: [Figure 1. A caption.])\n'
SIZES = pytest.mark.parametrize("size", [WHOLE, SMOKE], ids=["whole", "smoke"])


@cache
def layout(size: Size) -> Layout:
    return Layout(report(size).pdf.read_bytes())


@cache
def body(size: Size) -> Element:
    """The body of the page."""
    return page_text.parsed(report(size).page)


def compiled(source: str, tmp_path: Path) -> Layout:
    """A small PDF/UA document."""
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="9" height="9"/></svg>'
    )
    (tmp_path / "a.typ").write_text(f"#set document(title: [x])\n{source}", encoding="utf-8")
    fonts = [str(SOURCES / "fonts")]
    return Layout(
        typst.compile(str(tmp_path / "a.typ"), font_paths=fonts, ignore_system_fonts=True, pdf_standards=["ua-1"])
    )


@SIZES
def test_the_pdf_holds_the_page_leads_to_every_section_and_breaks_in_good_places(size: Size) -> None:
    main = body(size)
    headings, captions = page_text.headings(main), page_text.captions(main)
    assert len(headings) > 10
    assert len(captions) > 5
    assert checks.missing_text(layout(size), [f"{number} {title}" for number, title in headings]) == []
    assert checks.missing_text(layout(size), [piece for caption in captions for piece in caption]) == []
    words = (str(element.attributes["/Alt"]) for element in layout(size).of_kind("Figure"))
    assert sorted(map(bare, words)) == sorted(map(bare, page_text.drawings(main)))
    numbers = page_text.equation_numbers(body(size))
    assert len(numbers) > 1
    assert checks.equation_numbers(layout(size)) == numbers == [f"({i})" for i in range(1, len(numbers) + 1)]
    assert checks.references_astray(layout(size)) == []
    headings = page_text.headings(body(size))
    assert checks.wrong_bookmarks(layout(size), [f"{number} {title}".strip() for number, title in headings]) == []
    sections = [title for _, title in page_text.headings(body(size), ("h2",))]
    assert checks.wrong_contents(layout(size), sections) == []
    assert checks.headings_left_behind(layout(size)) == []
    assert layout(size).of_kind("Caption")
    assert checks.split_captions(layout(size)) == []


def test_captions_carry_their_numbers_and_a_text_that_is_missing_is_found() -> None:
    """So figures and tables have the same numbers in both."""
    starts = [caption[0].strip() for caption in page_text.captions(body(WHOLE))]
    assert all(re.match(r"(Figure|Table) \d+\.", start) for start in starts)
    assert checks.missing_text(layout(WHOLE), [starts[0].replace("Figure 1.", "Figure 2.")]) != []
    assert checks.missing_text(layout(SMOKE), ["Supplement", "A section that nobody wrote"]) == [
        "A section that nobody wrote"
    ]


def test_bookmarks_contents_and_references_that_lead_astray_are_found(tmp_path: Path) -> None:
    good = f"See #link(<here>)[Figure 1].\n#pagebreak()\n{FIGURE.strip()}<here>"
    assert checks.references_astray(compiled(good, tmp_path)) == []
    astray = checks.references_astray(compiled(good.replace("[Figure 1]", "[Figure 2]"), tmp_path))
    assert astray == ["Figure 2 is not where its reference leads"]
    source = "#outline()\n#pagebreak()\n= One\nText.\n"
    assert checks.wrong_bookmarks(compiled(source, tmp_path), ["One"]) == []
    assert checks.wrong_contents(compiled(source, tmp_path), ["One"]) == []
    hidden = source.replace("= One", "#heading(outlined: false, bookmarked: false)[One]")
    assert checks.wrong_bookmarks(compiled(hidden, tmp_path), ["One"]) == ["no bookmark for 'One'"]
    assert checks.wrong_contents(compiled(hidden, tmp_path), ["One"]) == ["'One' is not in the contents on page 2"]


def test_pages_say_where_one_is_and_none_is_a_third_empty(tmp_path: Path) -> None:
    pages = len(layout(WHOLE).reader.pages)
    for number in range(2, pages + 1):
        assert f"{number} / {pages}" in " ".join(layout(WHOLE).text(number - 1).split())
        assert "Weight decay and dropout, measured" in layout(WHOLE).text(number - 1)
    ends = f"page {dict(checks.headings(layout(WHOLE)))['Supplement'] - 1} ends"  # the article's last page may
    assert [fault for fault in checks.empty_halves(layout(WHOLE), 2 / 3) if not fault.startswith(ends)] == []
    assert checks.empty_halves(compiled("#lorem(1400)", tmp_path)) == []
    broken = compiled("#lorem(400)\n#pagebreak()\nA line.\n#pagebreak()\nThe end.", tmp_path)
    assert [fault.split(" ends")[0] for fault in checks.empty_halves(broken)] == ["page 2"]


def test_a_heading_left_behind_and_a_caption_that_is_split_or_parted_are_found(tmp_path: Path) -> None:
    good = "= One\nText.\n= Two\n" + "#lorem(900)"
    assert checks.headings_left_behind(compiled(good, tmp_path)) == []
    bad = "= One\nText.\n#show heading: set block(sticky: false)\n#v(1fr)\n= Two\n#pagebreak()\nMore text."
    assert checks.headings_left_behind(compiled(bad, tmp_path)) == ["page 1: the heading 'Two' is left behind"]
    good = f"#set page(width: 300pt, height: 200pt, margin: 20pt)\n= One\nText.\n{FIGURE}"
    assert checks.split_captions(compiled(good, tmp_path)) == []
    breakable = "#show figure: set block(breakable: true)\n"
    assert "stands alone" in checks.split_captions(compiled(f"{breakable}#set figure(gap: 90pt)\n{good}", tmp_path))[0]
    long = good.replace("Figure 1. A caption.", "#lorem(200)")
    assert "is split" in checks.split_captions(compiled(breakable + long, tmp_path))[0]


def of_markdown(markdown: str) -> Layout:
    """A text of the report's kind, set as the report is."""
    return Layout(
        document(markdown, SOURCES, {}, Path(), {"title": "A title", "subtitle": "About it", "lang": "en-GB"})
    )


ASKED = "# Why? {#why .question}\n\n::: {.answer}\nBecause.\n:::\n\nA reason.\n\n"
MEASURED = "::: {.measured}\nWith a ruler.\n:::\n\n"


def test_how_it_was_measured_moves_to_the_supplement_under_its_question() -> None:
    part = "# Supplement {#supplement .part .unnumbered}\n\n# More {#more}\n\nAs well.\n\n"
    typeset = of_markdown(f"{ASKED}{MEASURED}{part}{MEASURED}")
    first, second = (" ".join(typeset.text(page).split()) for page in range(2))
    assert "Because." in first
    assert "ruler" not in first
    assert re.search(
        r"Supplement How it was measured Why\? With a ruler\. 2 More As well\. How it was measured\. With", second
    )
    alone = " ".join(of_markdown(f"{ASKED}{MEASURED}").text(0).split())
    assert "A reason. How it was measured. With a ruler." in alone


@pytest.mark.parametrize("between", ["", "First a word.\n\n", "## Later {#later .question}\n\n"])
def test_a_question_without_an_answer_right_below_it_stops_the_report(between: str) -> None:
    asked = (
        ASKED.replace("::: {.answer}", f"{between}::: {{.answer}}") if between else ASKED.replace(".answer", ".other")
    )
    with pytest.raises(RuntimeError, match='No answer follows the question "Why'):
        of_markdown(asked)


def test_records_stay_whole() -> None:
    record = (
        "::: {.claim #full-NAME}\n[**NAME.** A claim.]{.headline}\n\nTerm\n:   " + "words and more " * 60 + "\n:::\n\n"
    )
    typeset = of_markdown("# One\n\nText.\n\n" + "".join(record.replace("NAME", f"c{i}") for i in range(30)))
    assert len(typeset.reader.pages) > 2
    for page in range(len(typeset.reader.pages)):
        words = typeset.text(page)
        assert words.count("A claim.") == words.count("Term")
        assert re.search(r"c\d+\.\s+A claim", words[:120])


def table(rows: int) -> str:
    lines = "\n".join(f"| row{i} | value{i} |" for i in range(rows))
    return f"::: {{#tbl-x}}\n| what | measured |\n| :-- | --: |\n{lines}\n\n: **Table 1.** Rows.\n:::\n"


def test_a_long_table_goes_on_and_repeats_its_head_and_a_short_one_stays_whole() -> None:
    typeset = of_markdown(f"# One\n\nText.\n\n{table(90)}")
    (drawn,) = typeset.of_kind("Table")
    assert len(typeset.pages(drawn)) > 1
    for page in typeset.pages(drawn):
        assert "measured" in typeset.text(page)
    assert checks.split_captions(typeset) == []
    for lines in range(34, 46):  # wherever on the page it begins
        paragraphs = "\n\n".join(["A line."] * lines)
        typeset = of_markdown(f"# One\n\n{paragraphs}\n\n{table(12)}")
        (drawn,) = typeset.of_kind("Table")
        assert len(typeset.pages(drawn)) == 1, lines


def test_every_picture_and_formula_has_words_and_the_language_is_british_english() -> None:
    """As `pdf_problems` demands; here, that the words are ours and not a placeholder."""
    alts = [str(element.attributes["/Alt"]) for element in layout(WHOLE).of_kind("Figure", "Formula")]
    assert len(alts) > 40
    assert all(re.search(r"\w", alt) for alt in alts)
    pictures = [alt for alt in alts if len(alt) > 40]
    assert len(set(pictures)) == len(pictures)
    assert str(layout(WHOLE).reader.trailer["/Root"]["/Lang"]) == "en-GB"
    metadata = layout(WHOLE).reader.metadata
    assert metadata is not None
    assert bare(metadata.title or "") == bare("Weight decay and dropout, measured")
