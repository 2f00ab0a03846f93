"""The claims and their verdicts, as the report shows them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from regularization.analysis.tables import SEPARATOR, Estimate
from regularization.reporting.words import in_powers, interval, listing, number

ORDER = ("supported", "qualified", "contradicted", "inconclusive")


class Control(NamedTuple):
    """A negative control and its verdict, which should not be "supported"; as Markdown."""

    statement: str
    verdict: str


def verdicts(claims: pd.DataFrame) -> dict[str, int]:
    """Verdict → number of claims, in the order of `ORDER`, those that occur."""
    n = claims["verdict"].value_counts().to_dict() if len(claims) else {}
    return {verdict: int(n[verdict]) for verdict in [*ORDER, *sorted(set(n) - set(ORDER))] if verdict in n}


def table(claims: pd.DataFrame) -> pd.DataFrame:
    """One row a claim, all texts: claim, statement, verdict, effect, n, adjusted p, figure (its name)."""
    return pd.DataFrame(
        {
            "claim": claim.id,
            "statement": escaped(claim.statement),
            "verdict": claim.verdict,
            "effect": _effect(claim),
            "n": f"{int(claim.n):,}" if claim.n else "–",
            "adjusted p": _p(claim.p_adjusted),
            "figure": claim.figure,
        }
        for claim in claims.itertuples()
    )


class InFull(NamedTuple):
    """A claim with all that decided it: (term, text) pairs, as Markdown; `figure` is a name or empty."""

    id: str
    verdict: str
    statement: str
    figure: str
    facts: list[tuple[str, str]]


def in_full(claims: pd.DataFrame) -> list[InFull]:
    """Every claim with its quantity, rule, measurements and why it has its verdict."""
    return [
        InFull(claim.id, claim.verdict, escaped(claim.statement), claim.figure, list(_facts(claim)))
        for claim in claims.itertuples()
    ]


def _facts(claim: NamedTuple) -> Iterator[tuple[str, str]]:
    """What there is to say of a claim; what it lacks is left out."""
    for term, column in (("Chapter", "section"), ("Quantity", "estimand"), ("Needs", "needs"), ("Rule", "rule")):
        if text := _text(claim, column):
            yield term, escaped(text)
    if claim.n:  # type: ignore[attr-defined]
        yield "Measured", f"{_effect(claim)}, n = {int(claim.n):,}; {escaped(_text(claim, 'test'))}"  # type: ignore[attr-defined]
    sizes = [("d_z", number), ("p_superiority", number), ("p_value", _p), ("p_adjusted", _p)]
    known = {name: text(value) for name, text in sizes if np.isfinite(value := float(getattr(claim, name)))}
    if known:
        yield "Size and p", escaped(", ".join(f"{_NAMES[name]} {_related(text)}" for name, text in known.items()))
    for term, column in (("Also", "conditions"), ("Numbers", "numbers")):
        if text := _text(claim, column):
            yield term, "; ".join(map(escaped, text.split(SEPARATOR)))
    yield "Verdict", f"{claim.verdict}. {escaped(_text(claim, 'reason'))}"  # type: ignore[attr-defined]
    if text := _text(claim, "amended"):
        yield "Changed after a first look", escaped(text)
    yield "Table", f"`{_text(claim, 'table')}`"


_NAMES = {"d_z": "d_z", "p_superiority": "P(A > B)", "p_value": "p", "p_adjusted": "adjusted p"}


def _related(value: str) -> str:
    """With an equals sign, unless it is a bound: "= 0.04" or "< 0.001"."""
    return value if value.startswith("<") else f"= {value}"


def _text(claim: NamedTuple, column: str) -> str:
    value = getattr(claim, column)
    return value if isinstance(value, str) else ""


def tests(claims: pd.DataFrame) -> pd.DataFrame:
    """The tests that decided the claims, in words, and which claims each decided; empty without claims."""
    if claims.empty:
        return pd.DataFrame()
    used = claims[claims["n"] > 0].groupby("test", sort=False)["id"].agg(listing)
    return pd.DataFrame({"test and interval": map(escaped, used.index), "claims": used.to_list()})


def reservations(claims: pd.DataFrame) -> list[str]:
    """Why claims are not supported, one text a claim."""
    if claims.empty:
        return []
    open_ones = claims[claims["verdict"] != "supported"]
    return [f"**{claim.id}**, {claim.verdict}. {escaped(claim.reason)}" for claim in open_ones.itertuples()]


class Amended(NamedTuple):
    """A claim of which something was changed after a first look, as Markdown."""

    id: str
    statement: str
    text: str


def amended(claims: pd.DataFrame) -> list[Amended]:
    """The claims that were changed after a first look at results, and what and why."""
    if "amended" not in claims.columns:
        return []
    return [
        Amended(claim.id, escaped(claim.statement), escaped(text))
        for claim in claims.itertuples()
        if (text := _text(claim, "amended"))
    ]


def controls(table: pd.DataFrame) -> list[Control]:
    """The negative controls."""
    return [Control(escaped(str(one.statement).rstrip(".")), one.verdict) for one in table.itertuples()]


def escaped(text: str) -> str:
    """Text of any kind as Markdown that shows it as it is; the bar is left to the table that it stands in."""
    return re.sub(r"([\\`*_{}\[\]<>#~^$@])", r"\\\1", in_powers(str(text)))


def _effect(claim: NamedTuple) -> str:
    """Estimate, interval and unit; a dash where nothing was measured."""
    effect, low, high = (float(getattr(claim, name)) for name in ("effect", "ci_low", "ci_high"))
    if not np.isfinite(effect):
        return "–"
    finite = np.isfinite(low) and np.isfinite(high)
    value = interval(Estimate(effect, low, high, 2)) if finite else number(effect)
    return f"{value} {escaped(claim.unit)}".strip()  # type: ignore[attr-defined]


def _p(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return "< 0.001" if value < 0.001 else number(value, 2)
