"""The claims and their verdicts, as the report shows them."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from regularization.reporting.words import interval, listing, number
from regularization.tables import Estimate

ORDER = ("supported", "qualified", "contradicted", "inconclusive")


class Verdicts(NamedTuple):
    """How many claims there are, and in words how many have each verdict."""

    n: int
    words: str


class Controls(NamedTuple):
    """How many negative controls there are, how many were supported (none should be), and all by name."""

    n: int
    n_supported: int
    words: str


def verdicts(claims: pd.DataFrame) -> Verdicts | None:
    """The verdicts counted, e.g. "12 are supported, 3 qualified and 1 contradicted"; None without claims."""
    if claims.empty:
        return None
    parts = [f"{n} {verdict}" for verdict, n in _counted(claims).items()]
    verb = "is" if parts[0].startswith("1 ") else "are"
    return Verdicts(len(claims), listing([parts[0].replace(" ", f" {verb} ", 1), *parts[1:]]))


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


def reservations(claims: pd.DataFrame) -> list[str]:
    """Why claims are qualified or inconclusive, one text a claim."""
    if claims.empty:
        return []
    open_ones = claims[claims["verdict"].isin(["qualified", "inconclusive"])]
    return [f"**{claim.id}**, {claim.verdict}. {escaped(claim.reason)}" for claim in open_ones.itertuples()]


def controls(table: pd.DataFrame) -> Controls | None:
    """The negative controls, or None where there are none."""
    if table.empty:
        return None
    said = [f"*{escaped(str(one.statement).rstrip('.'))}* ({one.verdict})" for one in table.itertuples()]
    return Controls(len(table), int((table["verdict"] == "supported").sum()), "; ".join(said))


def escaped(text: str) -> str:
    """Text of any kind as Markdown that shows it as it is; the bar is left to the table that it stands in."""
    return re.sub(r"([\\`*_{}\[\]<>#~^$@])", r"\\\1", str(text))


def _counted(claims: pd.DataFrame) -> dict[str, int]:
    """Verdict → number of claims, in the order of `ORDER`, those that occur."""
    n = claims["verdict"].value_counts()
    return {verdict: int(n[verdict]) for verdict in [*ORDER, *sorted(set(n.index) - set(ORDER))] if verdict in n.index}


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
