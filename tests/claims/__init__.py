"""What the tests of claims ask of a measurement."""

from __future__ import annotations

from typing import Any

from regularization.claims.claim import Judgement, Measurement


def number(measured: Measurement | None, block: str, **facts: object) -> Any:
    """The value of the one number with this name and these facts."""
    assert measured is not None
    [found] = [one for one in measured.notes.numbers if one.block == block and facts.items() <= one.facts.items()]
    return found.facts["value"]


def failed(judgement: Judgement) -> list[str]:
    """The conditions that do not hold, in words."""
    assert judgement.measured is not None
    return [text for outcome, text in judgement.conditions if outcome != "holds"]
