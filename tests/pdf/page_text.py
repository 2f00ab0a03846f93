"""What the HTML report says, to be looked for in the PDF: headings, captions, and numbers by anchor."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

_EMBEDDED = re.compile(r"base64,[A-Za-z0-9+/=]+")
LEFT_OUT = ("header-section-number", "web", "data")  # numbers, and what only the page has


def parsed(page: str) -> Element:
    """The page's body."""
    root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(_EMBEDDED.sub("base64,", page))
    return root.find(".//main")


def headings(main: Element, tags: tuple[str, ...] = ("h1", "h2", "h3")) -> list[tuple[str, str]]:
    """Number ("" if it has none) and title of every heading of the report's text, in order."""
    found, left_out = [], _only_on_the_page(main)
    for element in main.iter():
        if element.tag in tags and element not in left_out:
            number = "".join(
                "".join(span.itertext()) for span in element.iter("span") if "header-section-number" in _classes(span)
            )
            found.append((number, " ".join("".join(pieces(element)).split())))
    return found


def captions(main: Element) -> list[list[str]]:
    """Every title and caption of a figure, and caption of a table, as its pieces of text between formulas."""
    left_out = _only_on_the_page(main)
    titled = [
        element for element in main.iter("figure") if element not in left_out and "picture" not in _classes(element)
    ]
    parts = [[one for one in element.iter() if _is_caption(one)] for element in titled]
    parts += [[element] for element in main.iter("caption") if element not in left_out]
    return [[piece for part in some for piece in pieces(part)] for some in parts]


def drawings(main: Element) -> list[str]:
    """The words for every drawing of the report's text."""
    left_out = _only_on_the_page(main)
    figures = (element for element in main.iter("figure") if element not in left_out)
    return [next(one.get("aria-label", "") for one in figure.iter() if one.get("role") == "img") for figure in figures]


def _is_caption(element: Element) -> bool:
    return element.tag == "figcaption" or "figure-title" in _classes(element)


def equation_numbers(main: Element) -> list[str]:
    """The numbers "(1)", "(2)", … of the displayed equations, in order."""
    return ["".join(element.itertext()) for element in main.iter("span") if "number" in _classes(element)]


def pieces(element: Element) -> Iterator[str]:
    """The texts between the formulas of an element, without what only the page has."""
    texts = [""]

    def gather(node: Element) -> None:
        if str(node.tag).endswith("math"):
            texts.append("")
        elif not set(LEFT_OUT) & set(_classes(node)) and node.get("download") is None:
            texts[-1] += node.text or ""
            for child in node:
                gather(child)
                texts[-1] += child.tail or ""

    gather(element)
    return iter(texts)


def _classes(element: Element) -> list[str]:
    return element.get("class", "").split()


def _only_on_the_page(main: Element) -> set[Element]:
    return {element for part in main.iter() if "web" in _classes(part) for element in part.iter()}
