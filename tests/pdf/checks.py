"""What must hold of the report's PDF as a printed thing, as functions that list what is wrong."""

import itertools
import re

from pdf.layout import Element, Layout

HEADINGS = ("H1", "H2", "H3")


def headings_left_behind(layout: Layout) -> list[str]:
    """Headings without what they introduce below them on their page: text, or where there is none, a figure."""
    faults = []
    order = [element for element in layout.root.walk() if element.marks]
    figures = {id(inner) for figure in _figures(layout) for inner in figure.walk()}
    for heading in layout.of_kind(*HEADINGS):
        following = _after(order, heading)
        until = next((i for i, element in enumerate(following) if element.kind in HEADINGS), len(following))
        texts = [element for element in following[:until] if id(element) not in figures]
        first = next(iter(texts or following), None)
        if first is None or not _below(layout, heading, first):
            page = max(layout.pages(heading)) + 1
            faults.append(f"page {page}: the heading {layout.words(heading)!r} is left behind")
    return faults


def _figures(layout: Layout) -> list[Element]:
    """What holds a picture and its caption, wherever on the page it may stand."""
    return [
        element for element in layout.root.walk() if {"Figure", "Caption"} <= {child.kind for child in element.children}
    ]


def _below(layout: Layout, heading: Element, following: Element) -> bool:
    """Whether something begins on the heading's page, lower than the heading."""
    page = max(layout.pages(heading))
    low = min(extent.low for extent in layout.extents(heading) if extent.page == page)
    return any(extent.page == page and extent.high < low for extent in layout.extents(following))


def split_captions(layout: Layout) -> list[str]:
    """Captions that go over a page's end, or stand on another page than what they describe begins on."""
    faults = []
    for parent in layout.root.walk():
        for caption in (child for child in parent.children if child.kind == "Caption"):
            pages = layout.pages(caption)
            others = [child for child in parent.children if child is not caption and child.all_marks()]
            described = {min(layout.pages(other)) for other in others} if others else pages
            if len(pages) > 1:
                faults.append(f"the caption {layout.words(caption)!r} is split over pages")
            elif pages != described:
                faults.append(f"page {min(pages) + 1}: the caption {layout.words(caption)!r} stands alone")
    return faults


def empty_halves(layout: Layout, least: float = 0.5) -> list[str]:
    """Pages, but the last, that end before the share `least` of the height that full pages have."""
    ends = [min((extent.low for extent in layout.ink(page)), default=0.0) for page in range(len(layout.reader.pages))]
    tops = [max((extent.high for extent in layout.ink(page)), default=0.0) for page in range(len(layout.reader.pages))]
    top, bottom = max(tops), min(ends)
    return [
        f"page {number} ends after {(top - end) / (top - bottom):.0%}"
        for number, end in enumerate(ends[:-1], 1)
        if (top - end) / (top - bottom) < least
    ]


def missing_text(layout: Layout, wanted: list[str]) -> list[str]:
    """Texts that are on no single page; spaces and hyphens do not count."""
    pages = [bare(layout.text(page)) for page in range(len(layout.reader.pages))]
    return [text for text in wanted if not any(bare(text) in page for page in pages)]


def references_astray(layout: Layout) -> list[str]:
    """References ("Figure 3", "Table 1", "Equation 2") that lead to a page without what they name."""
    faults = []
    for link in layout.of_kind("Link"):
        named = re.fullmatch(r"(Figure|Table|Equation) (\d+)", layout.words(link))
        if named:
            wanted = f"({named[2]})" if named[1] == "Equation" else bare(f"{named[0]}.")
            page = layout.target(link)
            if page is None or wanted not in bare(layout.text(page)):
                faults.append(f"{named[0]} is not where its reference leads")
    return faults


def equation_numbers(layout: Layout) -> list[str]:
    """The numbers "(1)", "(2)", … that stand beside formulas, in reading order."""
    order = [element for element in layout.root.walk() if element.marks]
    numbers = []
    for formula, after in itertools.pairwise(order):
        found = re.match(r"\(\d+\)", layout.words(after))
        if formula.kind == "Formula" and found:
            numbers.append(found[0])
    return numbers


def bookmarks(layout: Layout) -> dict[str, int]:
    """Title → page, from 1, of all bookmarks."""
    found, waiting = {}, list(layout.reader.outline)
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting = item + waiting
        else:
            found[bare(str(item.title))] = (layout.reader.get_destination_page_number(item) or 0) + 1
    return found


def wrong_bookmarks(layout: Layout, titles: list[str]) -> list[str]:
    """Titles without a bookmark, or with one that leads to a page without them."""
    found = bookmarks(layout)
    faults = [f"no bookmark for {title!r}" for title in titles if bare(title) not in found]
    return faults + [
        f"the bookmark of {title!r} leads astray"
        for title in titles
        if bare(title) in found and bare(title) not in bare(layout.text(found[bare(title)] - 1))
    ]


def wrong_contents(layout: Layout, titles: list[str]) -> list[str]:
    """Titles that the contents do not list with the page they are on."""
    contents = [bare(layout.words(entry)) for entry in layout.of_kind("TOCI")]
    pages = {bare(title): page for title, page in headings(layout)}
    return [
        f"{title!r} is not in the contents on page {pages.get(bare(title))}"
        for title in titles
        if not any(re.match(rf"{re.escape(bare(title))}\.*{pages.get(bare(title))}", entry) for entry in contents)
    ]


def headings(layout: Layout) -> list[tuple[str, int]]:
    """Title without number, and page from 1, of every heading."""
    return [
        (re.sub(r"^[\d.]+\s*", "", layout.words(heading)), min(layout.pages(heading)) + 1)
        for heading in layout.of_kind(*HEADINGS)
    ]


def bare(text: str) -> str:
    """A text without what line breaking and bookmarks change: spaces, hyphens and the form of apostrophes."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text.replace("’", "'"))


def _after(order: list[Element], heading: Element) -> list[Element]:
    """The elements with content of their own that come after all of a heading."""
    inside = {id(element) for element in heading.walk()}
    return order[max(i for i, element in enumerate(order) if id(element) in inside) + 1 :]
