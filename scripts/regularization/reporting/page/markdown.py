"""The report's sections (`report/sections/*.md.j2`) rendered to one Markdown text, the same for HTML and PDF."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from regularization.reporting import wording
from regularization.reporting.drawing.exhibit import Entry
from regularization.reporting.page.numbering import KINDS, Numbering
from regularization.system.wording import sections

DOWNLOAD = "download:"  # scheme of links to files that the page carries; html.py turns them into data


@dataclass(frozen=True)
class Elements:
    """What the templates can call, for one pass of numbering."""

    figures: Mapping[str, Entry]
    numbering: Numbering

    def has(self, name: str) -> bool:
        """Whether the study has the data for a figure."""
        return name in self.figures

    def placed(self, name: str) -> bool:
        """Whether the text shows a figure, or what has an anchor such as "tbl-gates", so that it can be referred to."""
        is_anchor = name.partition("-")[0] in KINDS
        return self.numbering.placed(name if is_anchor else f"fig-{name}")

    def fig(self, name: str) -> str:
        """A figure with its number, its caption and links to its data and its drawing."""
        entry = self.figures[name]
        label = f"Figure {self.numbering.number(f'fig-{name}')}"
        links = f"[Data (CSV)]({DOWNLOAD}{name}.csv){{.data}} [Drawing (SVG)]({DOWNLOAD}{name}.svg){{.data}}"
        return (
            f'::: {{.figure #fig-{name} label="{label}" alt="{_attribute(entry.alt)}"}}\n'
            f"**{label}.** {entry.caption} {links}\n:::"
        )

    def picture(self, name: str) -> str:
        """A figure's drawing alone, without a number: its words stand beside it."""
        return f'::: {{.picture #fig-{name} alt="{_attribute(self.figures[name].alt)}"}}\n:::'

    def tbl(self, frame: pd.DataFrame, anchor: str, caption: str) -> str:
        """A numbered table; numbers in it are text already. The first column is set left, the others right."""
        number = self.numbering.number(anchor)
        numeric = [frame[name].astype(str).str.match(r"^[≥<−–\d]").all() for name in frame.columns[1:]]
        rows = [list(frame.columns), [":--"] + ["--:" if is_numeric else ":--" for is_numeric in numeric]]
        rows += frame.astype(str).to_numpy().tolist()
        body = "\n".join(f"| {' | '.join(_cell(value) for value in row)} |" for row in rows)
        return f"::: {{#{anchor}}}\n{body}\n\n: **Table {number}.** {caption}\n:::"

    def eq(self, anchor: str, spoken: str, caller: Callable[[], str]) -> str:
        """A numbered display equation; `spoken` says it in words."""
        number, words = self.numbering.number(anchor), _attribute(spoken)
        return f'::: {{.equation #{anchor} number="{number}" words="{words}"}}\n$${caller().strip()}$$\n:::'


def render(folder: Path, figures: Mapping[str, Entry], context: Mapping[str, Any]) -> str:
    """All sections of a folder, in the order of their files' names, but those that `left_out` of the context names.

    `context` has every name but the calls of `Elements`.
    """
    environment = wording.environment(folder.parent)
    templates = [path for name, path in sections(folder).items() if name not in context.get("left_out", ())]
    known: dict[str, int] | None = None
    for _ in range(2):
        elements = Elements(figures, Numbering(known))
        calls = {name: getattr(elements, name) for name in ("has", "placed", "fig", "picture", "tbl", "eq")}
        calls["ref"] = elements.numbering.reference
        text = "\n\n".join(
            environment.get_template(f"{folder.name}/{path.name}").render(**context, **calls) for path in templates
        )
        known = elements.numbering.given
    return _kept_together(_without_lost_links(text))


def definition(term: str, text: str) -> str:
    """One entry of a definition list."""
    return f"{term}\n:   {text}\n"


def _without_lost_links(text: str) -> str:
    """Links to sections and cards that are left out are their words alone."""
    anchors = set(re.findall(r"\{[^{}\n]*#([\w-]+)", text))
    return re.sub(r"\[([^][]+)\]\(#([\w-]+)\)", lambda link: link[0] if link[2] in anchors else link[1], text)


def _kept_together(text: str) -> str:
    """Put no line break into "λ = 3" and "95 %"; formulas are left alone."""
    parts = re.split(r"(\$[^$]*\$)", text)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"\b([λnpση](?:\\?\*)?) ([=≈]) (?=[\d−λ])", "\\1\u00a0\\2\u00a0", parts[i])
        parts[i] = re.sub(r"(?<=\d) %", "\u202f%", parts[i])
    return "".join(parts)


def _cell(value: str) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _attribute(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
