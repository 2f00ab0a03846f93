"""Figures made fit for inlining: ids that cannot clash, colours that follow the page's light and dark mode."""

import html
import re

from regularization.reporting.drawing.style import COLOURS

_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(url\(#|xlink:href="#|href="#)([^)"]+)')
_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt" ')
_CLASS = re.compile(r'(\bclass="|[>}]\.)(c\d+)')
_LEFT_OUT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|(?<=<style>)text{.*?}|\*{[^}]*}", re.DOTALL)


def inline(text: str, name: str, alt: str, shape: str = "") -> str:
    """An SVG document as an element of an HTML page: `name`, unique there, prefixes ids; a screen reader says `alt`.

    Of drawings with the shapes "broad" and "narrow" the page shows the one that it has the width for.
    """
    svg = text[text.index("<svg") :]
    svg = _LEFT_OUT.sub("", svg)
    svg = _ID.sub(rf'id="{name}-\1"', svg)
    svg = _CLASS.sub(rf"\g<1>{name}-\g<2>", svg)
    svg = _REFERENCE.sub(rf"\g<1>{name}-\g<2>", svg)
    svg = svg.replace("xlink:href", "href").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = _SIZE.sub("", svg, count=1)
    svg = themed(svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg).strip()
    return svg.replace("<svg ", f'<svg class="{shape}" role="img" aria-label="{html.escape(alt)}" ', 1)


def themed(text: str) -> str:
    """Replace each of the palette's colours by its CSS variable: "fill: #1c2127" → "fill: var(--ink)", in JSON too."""
    for name, (light, _) in COLOURS.items():
        text = re.sub(rf'(?<=: ){light}\b|(?<=:"){light}(?=")', f"var(--{name})", text, flags=re.IGNORECASE)
    return text


def css_variables() -> str:
    """The palette as CSS: light alone, and light or dark by the page's colour scheme where the browser knows how."""
    light = " ".join(f"--{name}: {pair[0]};" for name, pair in COLOURS.items())
    both = " ".join(f"--{name}: light-dark({', '.join(pair)});" for name, pair in COLOURS.items())
    return f":root {{ {light} }}\n@supports (color: light-dark(#fff, #000)) {{ :root {{ {both} }} }}"
