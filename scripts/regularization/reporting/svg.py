"""Figures made fit for inlining: ids that cannot clash, colours that follow the page's light and dark mode."""

from __future__ import annotations

import html
import re

from regularization.figures.style import COLOURS

_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(url\(#|xlink:href="#|href="#)([^)"]+)')
_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt" ')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


def inline(text: str, name: str, alt: str) -> str:
    """Return an SVG document as an element of an HTML page.

    Args:
        text: the SVG document as matplotlib writes it.
        name: prefix of every id in it; unique on the page.
        alt: what a screen reader says instead.
    """
    svg = text[text.index("<svg") :]
    svg = _METADATA.sub("", _COMMENT.sub("", svg))
    svg = _ID.sub(rf'id="{name}-\1"', svg)
    svg = _REFERENCE.sub(rf"\g<1>{name}-\g<2>", svg)
    svg = svg.replace("xlink:href", "href").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = _SIZE.sub("", svg, count=1)
    svg = themed(svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg).strip()
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)


def themed(svg: str) -> str:
    """Replace each of the palette's colours by its CSS variable: style="fill: #1c2127" → "fill: var(--ink)"."""
    for name, (light, _) in COLOURS.items():
        svg = re.sub(rf"(?<=: ){light}\b", f"var(--{name})", svg, flags=re.IGNORECASE)
    return svg


def css_variables(dark: bool) -> str:
    """The palette as CSS declarations for light or dark paper."""
    return " ".join(f"--{name}: {pair[dark]};" for name, pair in COLOURS.items())
