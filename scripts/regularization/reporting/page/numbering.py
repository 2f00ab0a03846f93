"""Numbers of figures, tables and equations, and references to them: the same in HTML and in PDF.

Numbers are given in the order in which the text meets them; a reference may come before its target, so the text is
rendered twice: the first pass learns the numbers, the second writes them.
"""

from collections.abc import Mapping

KINDS = {"fig": "Figure", "tbl": "Table", "eq": "Equation"}


class Numbering:
    """The numbers of one pass; `known` are those of the pass before, by anchor, None in the first."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self._known = known
        self.given: dict[str, int] = {}

    def number(self, anchor: str) -> int:
        """Give the next number of its kind to an anchor such as "fig-norm"; `ValueError` if taken or of no kind."""
        kind = anchor.partition("-")[0]
        if kind not in KINDS:
            raise ValueError(f"anchor {anchor!r} must start with one of {', '.join(KINDS)} and a hyphen")
        if anchor in self.given:
            raise ValueError(f"{anchor!r} is used twice")
        self.given[anchor] = 1 + sum(other.startswith(f"{kind}-") for other in self.given)
        return self.given[anchor]

    def placed(self, anchor: str) -> bool:
        """Whether the pass before gave a number to an anchor; in the first, anything may still come."""
        return self._known is None or anchor in self._known

    def reference(self, anchor: str) -> str:
        """A link such as "[Figure 3](#fig-stability)"; `KeyError` in the second pass if nothing has that anchor."""
        kind = anchor.partition("-")[0]
        if not self.placed(anchor):
            raise KeyError(f"reference to {anchor!r}, which is not in the report")
        return f"[{KINDS[kind]}\u00a0{(self._known or {}).get(anchor, 0)}](#{anchor})"
