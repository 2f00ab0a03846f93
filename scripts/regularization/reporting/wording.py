"""The one environment of the report's words: its templates with the filters that write numbers and lists."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from regularization.reporting import words
from regularization.system import wording
from regularization.system.wording import REPORT

FILTERS = (
    *(words.number, words.plain, words.fixed, words.percent, words.interval, words.p_value),
    *(words.in_powers, words.escaped, words.verbatim, words.bibtex),
    *(words.listing, words.count, words.span, words.duration, words.short_duration),
    *(words.setting_title, words.experiment_title, words.capitalised, words.each),
)


@cache
def environment(report: Path = REPORT) -> Environment:
    """Where every template of the folder is rendered; a name that was not handed over is an error."""
    return wording.environment(FILTERS, report)


def render(template: str, facts: Mapping[str, Any], block: str | None = None) -> str:
    """The text of a template below `report/`, or one of its blocks as a paragraph; errors as in `paragraph`."""
    if block is None:
        return environment().get_template(template).render(facts)
    return wording.paragraph(environment(), template, block, facts)
