"""The page's typefaces, cut down to the glyphs the page uses and put into its style sheet."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont


class Face(NamedTuple):
    """A font file in report/fonts/ and how the style sheet calls it."""

    file: str
    family: str
    weight: int = 400
    style: str = "normal"


DRAWN_BY_MATHML = "√‖|()[]{}‾¯"  # glyphs that <msqrt> and stretched brackets draw without naming them in the text

FACES = (
    Face("STIXTwoText-Regular.ttf", "STIX Two Text"),
    Face("STIXTwoText-Italic.ttf", "STIX Two Text", style="italic"),
    Face("STIXTwoText-Bold.ttf", "STIX Two Text", weight=700),
    Face("STIXTwoMath-Regular.ttf", "STIX Two Math"),
    Face("NotoSerifSC-Regular.ttf", "Noto Serif SC"),
    Face("Inter-Regular.otf", "Inter"),
    Face("Inter-Bold.otf", "Inter", weight=700),
)


def font_faces(folder: Path, text: str) -> str:
    """Return @font-face rules with every face of `FACES` as WOFF2 data, holding only the characters of `text`."""
    characters = {ord(character) for character in text} | set(range(0x20, 0x7F))
    mathematics = _mathematical_italics(text) | set(map(ord, DRAWN_BY_MATHML))
    return "\n".join(
        _rule(folder, face, characters | mathematics if "Math" in face.family else characters) for face in FACES
    )


def _rule(folder: Path, face: Face, characters: set[int]) -> str:
    font = TTFont(folder / face.file, recalcTimestamp=False)  # without the time the same page gives the same bytes
    subsetter = subset.Subsetter(subset.Options(layout_features=["*"], hinting=False, recalc_timestamp=False))
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=None)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f"@font-face {{ font-family: '{face.family}'; font-weight: {face.weight}; font-style: {face.style}; "
        f"font-display: block; src: url(data:font/woff2;base64,{data}) format('woff2'); }}"
    )


def _mathematical_italics(text: str) -> set[int]:
    """Code points a browser shows for one-letter <mi> elements: λ is drawn as mathematical italic λ."""
    italics = {ord("h"): 0x210E}  # Planck's constant stands in for the missing italic h
    alphabets = ((0x41, 0x5A, 0x1D434), (0x61, 0x7A, 0x1D44E), (0x391, 0x3A9, 0x1D6E2), (0x3B1, 0x3C9, 0x1D6FC))
    for first, last, start in alphabets:
        italics |= {code: start + code - first for code in range(first, last + 1) if code != ord("h")}
    return {italics[ord(character)] for character in set(text) if ord(character) in italics}
