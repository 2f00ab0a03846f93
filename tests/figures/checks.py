"""What must hold of any report, as functions that list what is wrong. The tests also show that each can find fault."""

import io
import re
from collections import Counter

import html5lib
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

MEGABYTE = 1_000_000
_EMBEDDED = re.compile(r"base64,[A-Za-z0-9+/=]+")


def page_problems(page: str) -> list[str]:
    """Faults of an HTML report: structure, self-containment, text alternatives, size."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(_EMBEDDED.sub("base64,", page))  # fonts and data say nothing here and take long to parse
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    names = Counter(element.get("id") for element in elements if element.get("id"))
    problems = [f"not valid HTML: {error[1]} at {error[0]}" for error in parser.errors]
    problems += [f"id {name!r} is used {n} times" for name, n in names.items() if n > 1]
    for element in elements:
        target = element.get("href") or element.get("src") or ""
        if target.startswith("#") and target[1:] not in names:
            problems.append(f"{target} leads nowhere")
        if element.tag != "a" and re.match(r"(https?:)?//", target):
            problems.append(f"<{element.tag}> fetches {target}")
        if element.tag == "img":
            problems.append("a picture that is not inline")
    for used in re.findall(r"url\(#([^)]+)\)", page):
        if used not in names:
            problems.append(f"url(#{used}) leads nowhere")
    if re.search(r"url\(\s*['\"]?(?!#|%23|data:)", page) or "@import" in page:
        problems.append("the style sheet fetches something")
    figures = [element for element in elements if element.tag == "figure"]
    for figure in figures:
        drawings = [element for element in figure.iter() if str(element.tag).endswith("svg")]
        caption = "".join("".join(element.itertext()) for element in figure.iter("figcaption"))
        alt = drawings[0].get("aria-label", "") if drawings else ""
        if len(alt) < 40 or drawings[0].get("role") != "img":
            problems.append(f"{figure.get('id')}: no description of the picture")
        elif alt in caption:
            problems.append(f"{figure.get('id')}: the description repeats the caption")
    if root.get("lang") is None:
        problems.append("the page does not say its language")
    if len(page.encode()) > 5 * MEGABYTE:
        problems.append("larger than 5 MB")
    return problems


def pdf_problems(data: bytes) -> list[str]:
    """Faults of a PDF report: tags, language, title, text alternatives, embedded fonts."""
    reader = PdfReader(io.BytesIO(data))
    catalogue = reader.trailer["/Root"]
    problems = []
    if not catalogue.get("/MarkInfo", {}).get("/Marked"):
        problems.append("not tagged")
    if not str(catalogue.get("/Lang", "")).startswith("en"):
        problems.append("no language")
    if not (reader.metadata and reader.metadata.title):
        problems.append("no title")
    tagged = structure(catalogue["/StructTreeRoot"]) if "/StructTreeRoot" in catalogue else []
    for kind in ("/Figure", "/Formula"):
        without = [element for element in tagged if element.get("/S") == kind and not element.get("/Alt")]
        problems += [f"{kind} without words"] * len(without)
    if not any(element.get("/S") == "/Figure" for element in tagged):
        problems.append("no figure")
    for number, page in enumerate(reader.pages, 1):
        problems += [f"page {number}: font {font} is not embedded" for font in _missing_fonts(page)]
    return problems


def structure(root: DictionaryObject) -> list[DictionaryObject]:
    """All elements of a PDF's structure tree."""
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, DictionaryObject):
            found.append(node)
            if "/K" in node:
                waiting.append(node["/K"])
    return found


def _missing_fonts(page: DictionaryObject) -> list[str]:
    missing = []
    for resources in _resources(page):
        for font in resources.get("/Font", {}).values():
            font = font.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner.get("/FontDescriptor", {})
            descriptor = descriptor.get_object() if isinstance(descriptor, IndirectObject) else descriptor
            if inner.get("/Subtype") != "/Type3" and not any(
                f"/FontFile{kind}" in descriptor for kind in ("", "2", "3")
            ):
                missing.append(str(font.get("/BaseFont")))
    return missing


def _resources(page: DictionaryObject) -> list[DictionaryObject]:
    """The resources of a page and of the drawings placed on it."""
    found, waiting = [], [page]
    while waiting:
        resources = waiting.pop().get("/Resources")
        if resources is None:
            continue
        resources = resources.get_object()
        found.append(resources)
        waiting += [item.get_object() for item in resources.get("/XObject", {}).values()]
    return found
