"""Where things stand in a tagged PDF: its structure elements in reading order, and where on which pages they are."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream, DictionaryObject, IndirectObject, PdfObject, StreamObject

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Extent:
    """How far something reaches down and up on a page, in points from its lower edge."""

    page: int
    low: float
    high: float


@dataclass(frozen=True)
class Element:
    """A structure element: kind ("H1", "Caption", …), what it holds, its own marks (page, number), its links."""

    kind: str
    attributes: DictionaryObject
    children: list[Element] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    annotations: list[DictionaryObject] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all_marks(self) -> list[tuple[int, int]]:
        """Marked content of this element and all below it."""
        return [mark for element in self.walk() for mark in element.marks]


class Layout:
    """A tagged PDF's structure and where its marked content stands.

    Args:
        data: the PDF.
    """

    def __init__(self, data: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(data))
        self._pages = {page.indirect_reference.idnum: i for i, page in enumerate(self.reader.pages)}  # type: ignore[union-attr]
        self._extents = {
            (i, number): extent
            for i, page in enumerate(self.reader.pages)
            for number, extent in marked_extents(page, i, self.reader).items()
        }

    @cached_property
    def _texts(self) -> list[tuple[str, dict[int, str]]]:
        return [marked_texts(page) for page in self.reader.pages]

    @cached_property
    def root(self) -> Element:
        """The whole document."""
        return self._element(self.reader.trailer["/Root"]["/StructTreeRoot"], None)

    def target(self, link: Element) -> int | None:
        """The page that a link leads to, None if it leads out of the document."""
        found = link.annotations[0]
        destination = _resolved(found["/Dest"] if "/Dest" in found else found["/A"].get("/D", []))
        return self._pages[destination[0].idnum] if destination else None

    def of_kind(self, *kinds: str) -> list[Element]:
        """All elements of some kinds, in reading order."""
        return [element for element in self.root.walk() if element.kind in kinds]

    def extents(self, element: Element) -> list[Extent]:
        """Where an element's marks stand; marks without ink are left out."""
        return [self._extents[mark] for mark in element.all_marks() if mark in self._extents]

    def pages(self, element: Element) -> set[int]:
        """The pages an element stands on, from 0."""
        return {page for page, _ in element.all_marks()}

    def ink(self, page: int) -> list[Extent]:
        """Everything on a page but headers, footers and other decoration."""
        return [extent for extent in self._extents.values() if extent.page == page]

    def text(self, page: int) -> str:
        """A page's text, headers and footers too."""
        return self._texts[page][0]

    def words(self, element: Element) -> str:
        """An element's own text."""
        return " ".join("".join(self._texts[page][1].get(mark, "") for page, mark in element.all_marks()).split())

    def _element(self, node: PdfObject, page: int | None) -> Element:
        node = _resolved(node)
        assert isinstance(node, DictionaryObject)
        page = self._pages[node.raw_get("/Pg").idnum] if "/Pg" in node else page
        element = Element(str(node.get("/S", "")).removeprefix("/"), node)
        children = _resolved(node.get("/K", []))
        for child in children if isinstance(children, list) else [children]:
            child = _resolved(child)
            if isinstance(child, int):
                assert page is not None
                element.marks.append((page, int(child)))
            elif child.get("/Type") == "/MCR" or "/MCID" in child:
                own = self._pages[child.raw_get("/Pg").idnum] if "/Pg" in child else page
                assert own is not None
                element.marks.append((own, int(child["/MCID"])))
            elif child.get("/Type") == "/OBJR":
                element.annotations.append(child["/Obj"].get_object())
            else:
                element.children.append(self._element(child, page))
        return element


def marked_extents(page: PageObject, index: int, reader: PdfReader) -> dict[int, Extent]:
    """Marked content number → where it stands, from the page's drawing operators; artifacts have no number."""
    found: dict[int, list[float]] = {}
    contents = page.get_contents()
    if contents is None:
        return {}
    state, line, stack, open_marks = IDENTITY, IDENTITY, [], list[int | None]()
    for operands, operator in ContentStream(contents, reader).operations:
        heights: list[float] = []
        match operator:
            case b"q":
                stack.append(state)
            case b"Q":
                state = stack.pop()
            case b"cm":
                state = _product(_numbers(operands), state)
            case b"BT":
                line = IDENTITY
            case b"Tm":
                line = _numbers(operands)
            case b"Td" | b"TD":
                line = _product((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
            case b"BDC" | b"BMC":
                open_marks.append(_number(operands))
            case b"EMC":
                open_marks.pop()
            case b"Tj" | b"TJ":
                heights = [_height(_product(line, state), 0, 0)]
            case b"m" | b"l":
                heights = [_height(state, float(operands[0]), float(operands[1]))]
            case b"re":
                x, y, width, height = map(float, operands)
                heights = [_height(state, x, y), _height(state, x + width, y + height)]
            case b"Do":
                box = _box(page, str(operands[0]))
                heights = [_height(state, box[0], box[1]), _height(state, box[2], box[3])]
        number = _innermost(open_marks)
        if heights and number is not None:
            found.setdefault(number, []).extend(heights)
    return {number: Extent(index, min(heights), max(heights)) for number, heights in found.items()}


def marked_texts(page: PageObject) -> tuple[str, dict[int, str]]:
    """The page's text, and the part of each marked content by its number."""
    found: dict[int, str] = defaultdict(str)
    open_marks: list[int | None] = []

    def follow(operator: bytes, operands: list[PdfObject], *_: object) -> None:
        if operator == b"EMC":
            open_marks.pop()
        elif operator in (b"BDC", b"BMC"):
            open_marks.append(_number(operands))

    def gather(text: str, *_: object) -> None:
        if (number := _innermost(open_marks)) is not None:
            found[number] += text

    return page.extract_text(visitor_operand_before=follow, visitor_text=gather), found


def _number(operands: list[PdfObject]) -> int | None:
    """The number that marked content is begun with, if any."""
    properties = operands[1] if len(operands) > 1 else {}
    return int(properties["/MCID"]) if "/MCID" in properties else None  # type: ignore[operator,index]


def _innermost(open_marks: list[int | None]) -> int | None:
    return next((mark for mark in reversed(open_marks) if mark is not None), None)


def _box(page: PageObject, name: str) -> tuple[float, float, float, float]:
    """The bounding box of a form on the page, or of a picture: the unit square."""
    drawing = _resolved(page["/Resources"]["/XObject"][name])
    assert isinstance(drawing, StreamObject)
    if drawing.get("/Subtype") != "/Form":
        return (0, 0, 1, 1)
    x0, y0, x1, y1 = map(float, drawing["/BBox"])
    return (x0, y0, x1, y1)


def _product(first: Matrix, then: Matrix) -> Matrix:
    """Apply `first`, then `then`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _height(matrix: Matrix, x: float, y: float) -> float:
    return matrix[1] * x + matrix[3] * y + matrix[5]


def _numbers(operands: list[PdfObject]) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in operands)  # type: ignore[arg-type]
    return (a, b, c, d, e, f)


def _resolved(node: PdfObject) -> PdfObject:
    return node.get_object() if isinstance(node, IndirectObject) else node  # type: ignore[return-value]
