"""The claims and their verdicts, as the report shows them; the words of a claim in full are its section's."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from regularization.analysis.tables import SEPARATOR, Estimate
from regularization.reporting.words import escaped, interval, listing, number, p_value

ORDER = ("supported", "qualified", "contradicted", "inconclusive")


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
            "holds in": f"{round(claim.robust * claim.variations)} of {claim.variations}" if claim.variations else "–",
            "effect": _effect(claim),
            "n": f"{int(claim.n):,}" if claim.n else "–",
            "adjusted p": p_value(claim.p_adjusted),
            "figure": claim.figure,
        }
        for claim in claims.itertuples()
    )


def in_full(claims: pd.DataFrame, varied: pd.DataFrame) -> list[dict[str, Any]]:
    """Every claim's columns, None for what it lacks; its effect in words, its conditions and numbers as lists.

    Its `changes` are the verdicts that variations of it give instead, by the variation.
    """
    if claims.empty:
        return []
    known = claims.astype(object).where(claims.notna() & ~claims.isin([np.inf, -np.inf]), None)
    verdict_of = dict(zip(claims["id"], claims["verdict"], strict=True))
    known["effect"] = [_effect(claim) for claim in claims.itertuples()]
    for column in ("conditions", "numbers"):
        known[column] = [text.split(SEPARATOR) if text else [] for text in known[column]]
    changes: dict[str, dict[str, str]] = {name: {} for name in known["id"]}
    for one in varied.itertuples():
        if one.verdict != verdict_of.get(one.id, one.verdict):
            changes[one.id][one.variation] = one.verdict
    return known.assign(changes=[changes[name] for name in known["id"]]).to_dict("records")


def tests(claims: pd.DataFrame) -> pd.DataFrame:
    """The tests that decided the claims, in words, and which claims each decided; empty without claims."""
    if claims.empty:
        return pd.DataFrame()
    used = claims[claims["n"] > 0].groupby("test", sort=False)["id"].agg(listing)
    return pd.DataFrame({"test and interval": map(escaped, used.index), "claims": used.to_list()})


def _effect(claim: NamedTuple) -> str:
    """Estimate, interval and unit; a dash where nothing was measured."""
    effect, low, high = (float(getattr(claim, name)) for name in ("effect", "ci_low", "ci_high"))
    if not np.isfinite(effect):
        return "–"
    finite = np.isfinite(low) and np.isfinite(high)
    value = interval(Estimate(effect, low, high, 2)) if finite else number(effect)
    return f"{value} {escaped(claim.unit)}".strip()  # type: ignore[attr-defined]
