"""A figure's words for Snakemake's own report (`snakemake --report`), which is written in reStructuredText."""

import re

_TOKEN = re.compile(
    r"\$(?P<formula>[^$]+)\$|\\(?P<escaped>[^\w\s])|(?P<strong>\*\*)|(?P<emphasis>\*)|(?P<special>[\\`_|])", re.ASCII
)


def restructured(markdown: str) -> str:
    """Markdown of the captions' kind as reStructuredText: strong text, formulas, escaped characters; no emphasis."""

    def token(match: re.Match[str]) -> str:
        if match["formula"]:
            return f":math:`{match['formula']}`"
        if match["strong"]:
            return "**"
        if match["emphasis"]:
            return ""
        return "\\" + (match["escaped"] or match["special"])

    return _TOKEN.sub(token, " ".join(markdown.split()))
