"""The report's words are Jinja templates in `report/`; what they say depends on facts that the code hands them.

A template chooses between the sentences for each outcome; the code computes numbers, names and conditions only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from regularization.reporting import words

REPORT = Path(__file__).resolve().parents[3] / "report"

FILTERS = (
    *(words.number, words.plain, words.fixed, words.percent, words.interval, words.in_powers),
    *(words.listing, words.count, words.span, words.duration, words.short_duration),
    *(words.setting_title, words.capitalised, words.each),
)


@cache
def environment(report: Path = REPORT) -> Environment:
    """Where every template of the folder is rendered; a name that was not handed over is an error."""
    jinja = Environment(
        loader=FileSystemLoader(report),
        comment_start_string="{##",  # pandoc writes identifiers as {#name}
        comment_end_string="##}",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    jinja.filters |= {function.__name__: function for function in FILTERS}
    return jinja


def render(template: str, facts: Mapping[str, Any], block: str | None = None) -> str:
    """A template's text, or one of its blocks as one paragraph.

    Args:
        template: path below `report/`.
        facts: everything the template names.
        block: a block of the template; what the template imports or sets before its blocks is known in it.

    Raises:
        UndefinedError: if the template names something that is not among the facts.
        KeyError: if the template has no such block.
    """
    loaded = environment().get_template(template)
    if block is None:
        return loaded.render(facts)
    context = loaded.new_context(dict(facts))
    for _ in loaded.root_render_func(context):  # what is imported and set stands in the context afterwards
        pass
    return re.sub(r"[ \n]+", " ", "".join(loaded.blocks[block](context))).strip()
