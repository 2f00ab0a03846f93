"""The report's words are Jinja templates in `report/`; what they say depends on facts that the code hands them.

A template chooses between the sentences for each outcome; the code computes numbers, names and conditions only.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

REPORT = Path(__file__).resolve().parents[3] / "report"


def claims() -> dict[str, Path]:
    """The chapter's claims by id, each with the file of its words."""
    return {path.name.partition("_")[0]: path for path in sorted(REPORT.glob("claims/c[0-9]*.md.j2"))}


def sections(folder: Path = REPORT / "sections") -> dict[str, Path]:
    """The report's sections by name, in its order, each with the file of its words."""
    return {path.name.partition("_")[2].partition(".")[0]: path for path in sorted(folder.glob("[!.]*.md.j2"))}


def environment(filters: Iterable[Callable[..., Any]], report: Path = REPORT) -> Environment:
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
    jinja.filters |= {function.__name__: function for function in filters}
    return jinja


def paragraph(jinja: Environment, template: str, block: str, facts: Mapping[str, Any]) -> str:
    """One block of a template, as one paragraph; what the template imports or defines outside blocks is known in it.

    Raises `UndefinedError` if the block names what is not among the facts, and `KeyError` if there is no such block.
    """
    loaded = jinja.get_template(template)
    context = loaded.new_context(dict(facts))
    blocks, context.blocks = context.blocks, defaultdict(lambda: [lambda _: iter(())])  # others may lack their facts
    for _ in loaded.root_render_func(context):  # what is imported and defined stands in the context afterwards
        pass
    context.blocks = blocks
    return re.sub(r"[ \n]+", " ", "".join(loaded.blocks[block](context))).strip()
