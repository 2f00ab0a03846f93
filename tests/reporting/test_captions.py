"""Captions for Snakemake's own report: the Markdown of ours as reStructuredText."""

import pytest
from docutils.core import publish_parts

from figures.reports import report
from regularization.reporting.drawing import exhibit
from regularization.reporting.drawing.captions import restructured, title


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**λ\\* is 3.** Dots are *means*.", "<p><strong>λ* is 3.</strong> Dots are means.</p>"),
        ("‖w‖ and |w_i| of `x_`, \\# 5", "<p>‖w‖ and |w_i| of `x_`, # 5</p>"),
        ("one\ntwo", "<p>one two</p>"),
    ],
)
def test_what_is_strong_stays_so_and_signs_stay_signs(markdown: str, html: str) -> None:
    assert as_html(restructured(markdown)) == html


def test_a_title_is_the_first_sentence_as_plain_text() -> None:
    assert title("**The *best* λ\\* is 3 \\# λ\\***. **Dots** are means.") == "The best λ* is 3 # λ*"
    assert title("Dots are **means**.") == ""
    for name, entry in exhibit.read(report().figures).items():
        assert entry.title, name
        assert not any(mark in entry.title for mark in ("**", "\\", "$")), name


def test_formulas_stay_formulas_and_every_caption_is_understood() -> None:
    shown = as_html(restructured("It is $s_0\\sqrt{d - n}\\,(1 - \\eta\\lambda)^T$ with $s_0$."))
    assert "formula" in shown
    assert "$" not in shown
    # Docutils writes what it does not understand as a system message into the page.
    for name in exhibit.read(report().figures):
        shown = as_html((report().figures / f"{name}.rst").read_text(encoding="utf-8"))
        assert "system-message" not in shown, name
        assert "problematic" not in shown, name
    assert "system-message" in as_html("**never closed")


def as_html(text: str) -> str:
    return publish_parts(text, writer="html", settings_overrides={"report_level": 1})["body"].strip()
