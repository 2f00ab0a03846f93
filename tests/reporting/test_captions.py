"""Captions for Snakemake's own report: the Markdown of ours as reStructuredText."""

import json
from pathlib import Path

import pytest
from docutils.core import publish_parts

from figures.reports import report
from regularization.reporting.drawing import exhibit
from regularization.reporting.page.captions import caption, restructured


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


def test_formulas_stay_formulas_every_caption_is_understood_and_before_drawing_there_is_none(tmp_path: Path) -> None:
    shown = as_html(restructured("It is $s_0\\sqrt{d - n}\\,(1 - \\eta\\lambda)^T$ with $s_0$."))
    assert "formula" in shown
    assert "$" not in shown
    # Docutils writes what it does not understand as a system message into the page.
    entries = exhibit.read(report().figures)
    for name in entries:
        shown = as_html(caption(report().figures / f"{name}.json"))
        assert "system-message" not in shown, name
        assert "problematic" not in shown, name
    assert "system-message" in as_html("**never closed")
    words = tmp_path / "a.json"
    assert caption(words) == ""
    words.write_text(json.dumps({"caption": "", "alt": "Not drawn."}), encoding="utf-8")
    assert caption(words) == "Not drawn."


def as_html(text: str) -> str:
    return publish_parts(text, writer="html", settings_overrides={"report_level": 1})["body"].strip()
