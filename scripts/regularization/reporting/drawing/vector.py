"""What becomes of matplotlib's SVG: shorter, legible without the study's typeface, carrying its values, themed."""

import html
import json
import re
from dataclasses import asdict

from matplotlib.figure import Figure

from regularization.reporting.drawing.marks import Panel, panels
from regularization.reporting.drawing.style import COLOURS, FAMILY

FAMILIES = f"'{FAMILY}', 'Helvetica Neue', Arial, sans-serif"  # the others where the study's typeface is not installed
_METADATA = re.compile(r"<metadata>(.*?)</metadata>\n?", re.DOTALL)
_LEFT_OUT = re.compile(r"<metadata>.*?</metadata>|<!DOCTYPE[^>]*>|<!--.*?-->", re.DOTALL)
_COORDINATES = re.compile(r'(?<= )(?:d|x|y|width|height|points|transform)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'(?<=["(])#([^")]+)')
_LOOK = re.compile(r' style="([^"]*)"')
_STROKES = re.compile(r'<path d="([^"]*)"( [^>]*style="fill: none[^"]*"/>\n)((?:<path d="[^"]*"\2)+)')
_ID_IN_PAGE = re.compile(r'\bid="([^"]+)"')
_LINK = re.compile(r'(url\(#|xlink:href="#|href="#)([^)"]+)')
_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt" ')
_CLASS = re.compile(r'(\bclass="|[>}]\.)(c\d+)')
_DROPPED = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|(?<=<style>)text{.*?}|\*{[^}]*}", re.DOTALL)


def finished(svg: str, figure: Figure, *, again: bool = False) -> str:
    """The document that matplotlib just wrote of the figure: compact, with fallback typefaces and marks as metadata.

    `again`: what the marks say is stored with another drawing of the figure, so here are only their places.
    """
    svg = _compact(svg)
    marks = html.escape(_json(panels(figure), places=again), quote=False)
    start = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:start]}\n<metadata>{marks}</metadata>{svg[start:]}"


def marks(svg: str) -> str:
    """The marks that a finished drawing carries, as JSON: a list of panels, or of places."""
    found = _METADATA.search(svg)
    return html.unescape(found[1]) if found else "[]"


def bare(svg: str) -> str:
    """A finished drawing without its marks."""
    return _METADATA.sub("", svg)


def inline(text: str, name: str, alt: str, shape: str = "") -> str:
    """An SVG document as an element of an HTML page: `name`, unique there, prefixes ids; a screen reader says `alt`.

    Of drawings with the shapes "broad" and "narrow" the page shows the one that it has the width for.
    """
    svg = text[text.index("<svg") :]
    svg = _DROPPED.sub("", svg)
    svg = _ID_IN_PAGE.sub(rf'id="{name}-\1"', svg)
    svg = _CLASS.sub(rf"\g<1>{name}-\g<2>", svg)
    svg = _LINK.sub(rf"\g<1>{name}-\g<2>", svg)
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


def _compact(svg: str) -> str:
    """The same picture in fewer characters: see each step; nothing moves by more than a hundredth of a point."""
    svg = _COORDINATES.sub(lambda attribute: _short(attribute[0]), _LEFT_OUT.sub("", svg))
    used = list(dict.fromkeys(_REFERENCE.findall(svg)))
    svg = _ID.sub(lambda named: f' id="{_short_id(used, named[1])}"' if named[1] in used else "", svg)
    svg = _REFERENCE.sub(lambda named: f"#{_short_id(used, named[1])}", svg)
    svg = svg.replace(f"font-family: '{FAMILY}'; ", "")
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    svg = _STROKES.sub(_joined, _without_plain_groups(re.sub(r"\s*\n\s*", "\n", svg)))
    looks = {look: f"c{i}" for i, look in enumerate(dict.fromkeys(_LOOK.findall(svg)))}
    svg = _LOOK.sub(lambda look: f' class="{looks[look[1]]}"', svg)
    rules = "".join(f".{name}{{{look}}}" for look, name in looks.items())
    return svg.replace('<style type="text/css">', f"<style>text{{font-family: {FAMILIES}}}{rules}")


def _short_id(used: list[str], name: str) -> str:
    return f"{name[0]}{used.index(name)}"


def _without_plain_groups(svg: str) -> str:
    """The document without the groups that say nothing of what is in them."""
    kept, telling = [], []
    for part in re.split(r"(</?g\b[^>]*>)", re.sub(r"<g\b[^>]*/>", "", svg)):
        if part.startswith("<g"):
            telling.append(part != "<g>")
        tells = telling.pop() if part == "</g>" else part != "<g>"
        kept.append(part if tells else "")
    return re.sub(r"\n+", "\n", "".join(kept))


def _joined(strokes: re.Match[str]) -> str:
    """Strokes of one kind that follow each other as one path."""
    ways = [strokes[1], *re.findall(r'd="([^"]*)"', strokes[3])]
    return f'<path d="{"".join(ways)}"{strokes[2]}' if "opacity" not in strokes[2] else strokes[0]


def _short(attribute: str) -> str:
    """One attribute's coordinates: `d="M 1.23456 2 L 3 4 "` becomes `d="M1.23 2L3 4"`."""
    rounded = _LONG.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), attribute)
    return re.sub(r'\s*([A-Za-z])\s+|\s+(?=")|\s+(?=[A-Za-z])', r"\1", rounded)


def _json(found: list[Panel], *, places: bool) -> str:
    """Panels as JSON; a mark is a list [x, y] and what is there, or [left, top, right, bottom] and what is there.

    Or the places alone, in the same order, without panels and series.
    """
    records = [asdict(panel) for panel in found]
    every = [series for record in records for series in record["series"]]
    stored = [mark["place"] for series in every for mark in series["marks"]] if places else records
    for series in every:
        series["marks"] = [[*mark["place"], mark["x"], mark["y"]] for mark in series["marks"]]
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
