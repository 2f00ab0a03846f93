"""A caption in other forms: its title as plain text, and reStructuredText for Snakemake's own report."""

import re

_TOKEN = re.compile(
    r"\$(?P<formula>[^$]+)\$|\\(?P<escaped>[^\w\s])|(?P<strong>\*\*)|(?P<emphasis>\*)|(?P<special>[\\`_|])", re.ASCII
)
_TITLE = re.compile(r"\*\*((?:\\.|\*(?!\*)|[^\\*])+)\*\*")


def title(markdown: str) -> str:
    """The bold text that a caption begins with, without its marks: "**It is *3*.** Means …" → "It is 3."."""
    found = _TITLE.match(markdown)
    return re.sub(r"\\([^\w\s])|[*$]", lambda mark: mark[1] or "", found[1]) if found else ""


def restructured(markdown: str) -> str:
    """Markdown of the captions' kind as reStructuredText: strong text, formulas, escaped characters; no emphasis."""

    def token(match: re.Match[str]) -> str:
        if match["formula"]:
            return f":math:`{match['formula']}`"
        if match["strong"] or match["emphasis"]:
            return match["strong"] or ""
        return "\\" + (match["escaped"] or match["special"])

    return _TOKEN.sub(token, " ".join(markdown.split()))
