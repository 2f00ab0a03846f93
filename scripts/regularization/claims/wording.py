"""The words of claims and verdicts: blocks of the templates in `report/claims/`."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from regularization.analysis.tables import Estimate
from regularization.reporting import words
from regularization.system.wording import environment, paragraph

SHARED, VERDICT = "claims/shared.md.j2", "claims/verdict.md.j2"


def claim(name: str, block: str, **facts: object) -> str:
    """A block of a claim's template, or of what claims share."""
    template = f"claims/{name}.md.j2"
    found = template if block in JINJA.get_template(template).blocks else SHARED
    return words.in_powers(paragraph(JINJA, found, block, facts))


def control(block: str, **facts: object) -> str:
    """A block of the template of controls."""
    return paragraph(JINJA, "claims/controls.md.j2", block, facts)


def verdict(block: str, **facts: object) -> str:
    """A block of the template of rules and verdicts."""
    return words.in_powers(paragraph(JINJA, VERDICT, block, facts))


def decimals(value: float, n: int) -> str:
    return f"{value:.{n}f}"


def shortest(value: float) -> str:
    """A strength or level as it was written: 3.0 → "3", 0.05 → "0.05"."""
    return f"{value:g}"


def significant(value: float, digits: int = 4) -> str:
    """A number to some significant digits, as a program writes it."""
    return f"{value:.{digits}g}"


def signed(value: float, n: int) -> str:
    """A change to some decimals, with its sign."""
    return f"{value:+.{n}f}".replace("-", "−")


def as_change(log_ratio: float) -> str:
    """log(without/with) as the change from without, in percent."""
    return signed(100 * (math.exp(-log_ratio) - 1), 1)


def with_interval(estimate: Estimate) -> str:
    """A mean and its interval, to four decimals."""
    return f"{estimate.mean:.4f} [{estimate.low:.4f}, {estimate.high:.4f}]"


def of_block(said: Iterable[Any], block: str, **facts: object) -> list[dict[str, Any]]:
    """The facts of the conditions, or numbers, that name a block and have these facts, in order."""
    return [one.facts for one in said if one.block == block and facts.items() <= one.facts.items()]


def digits(error: float) -> int:
    """To how many decimal digits two numbers agree that differ by so much, relative to 1; at most 16."""
    return 16 if error == 0 else math.floor(-math.log10(error))


def noted(notes: Iterable[Any], block: str, **facts: object) -> Mapping[str, Any] | None:
    """The facts of the first condition, or number, of a block with these facts; None where it was not tested."""
    return next((one for one in of_block(notes, block, **facts) if one.get("outcome") != "not tested"), None)


JINJA = environment(
    (
        *(as_change, decimals, digits, noted, of_block, shortest, signed, significant, with_interval),
        *(words.number, words.plain, words.fixed, words.percent, words.interval, words.listing, words.count),
        *(words.capitalised, words.in_powers, words.spaced),
    )
)
