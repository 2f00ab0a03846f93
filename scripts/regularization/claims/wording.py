"""The words of claims and verdicts: blocks of the templates in `report/claims/`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from regularization.analysis.tables import Estimate
from regularization.naming import Key


def claim(name: str, block: str, **facts: object) -> str:
    """A block of a claim's template, or of what claims share."""
    template = f"claims/{name}.md.j2"
    return _block(template if block in _template(template).blocks else "claims/shared.md.j2", block, facts)


def verdict(block: str, **facts: object) -> str:
    """A block of the template of rules and verdicts."""
    return _block("claims/verdict.md.j2", block, facts)


def _block(name: str, block: str, facts: dict[str, object]) -> str:
    template = _template(name)
    text = "".join(template.blocks[block](template.new_context(facts)))
    return re.sub(r"[ \n]+", " ", text).strip()


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parents[3] / "report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "cell": cell,
        "decimals": lambda value, n: f"{value:.{n}f}",
        "shortest": lambda value: f"{value:g}",
        "significant": significant,
        "spaced": lambda name: name.replace("_", " "),
        "with_interval": with_interval,
    }
    return found


def significant(value: float, digits: int = 4) -> str:
    """A number to some significant digits, as a program writes it."""
    return f"{value:.{digits}g}"


def cell(key: Key) -> str:
    """A cell in words."""
    return f"{key.experiment}, setting {key.setting}, {key.method}, λ = {key.lam:g}, p = {key.p}"


def with_interval(estimate: Estimate) -> str:
    """A mean and its interval, to four decimals."""
    return f"{estimate.mean:.4f} [{estimate.low:.4f}, {estimate.high:.4f}]"
