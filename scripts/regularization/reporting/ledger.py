"""The claims and their verdicts, as the report shows them; the words are its sections'.

A claim that the study lacks the runs for was not measured (n is 0): it is named and counts nowhere.
"""

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from regularization.analysis.statistics import ALPHA
from regularization.analysis.tables import SEPARATOR, Estimate, Tables
from regularization.reporting.words import escaped, interval, number

ORDER = ("supported", "qualified", "contradicted", "inconclusive")
ALGEBRA = "identities"  # the table of claims that nothing was trained for
KINDS = {  # of variations, by their names; any other is a claim's own
    "halves": "(even|odd)_seeds",
    "statistics": "median|.*_interval",
    "margins": ".*_margin",
    "processors": "arithmetic_.*",
}


def context(study: Tables) -> dict[str, Any]:
    """What the sections say of the claims: `claims` by id, `groups` of them by their question, and counts."""
    measured = in_full(study.claims, study.verdict_robustness)
    return {
        "claims": measured,
        "groups": groups(measured),
        "not_measured": [name for name in study.claims.get("id", []) if name not in measured],
        "verdicts": verdicts(measured),
        "kept": kept(study.claims, study.verdict_robustness),
        "alpha": ALPHA,
        "controls": study.controls.to_dict("records"),
    }


def verdicts(measured: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Verdict → number of claims, in the order of `ORDER`, those that occur."""
    found = [claim["verdict"] for claim in measured.values()]
    return {verdict: found.count(verdict) for verdict in ORDER if verdict in found}


def in_full(claims: pd.DataFrame, varied: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Every measured claim's columns by its id, None for what it lacks; its conditions and numbers as lists.

    `effect` is in words, `answer` Markdown, and `changes` are the verdicts that variations give instead, by name.
    """
    if claims.empty:
        return {}
    claims = claims[claims["n"] > 0]
    known = claims.astype(object).where(claims.notna() & ~claims.isin([np.inf, -np.inf]), None)
    known["effect"] = [_effect(claim) for claim in claims.itertuples()]
    other = re.compile(rf"\b({'|'.join(known['id'])})\b")  # an answer that leads on to another claim is a link
    known["answer"] = [other.sub(r"[\1](#claim-\1)", escaped(answer)) for answer in known["answer"]]
    for column in ("conditions", "numbers"):
        known[column] = [text.split(SEPARATOR) if text else [] for text in known[column]]
    found = {claim["id"]: {**claim, "changes": {}} for claim in known.to_dict("records")}
    for one in varied.itertuples():
        if one.id in found and one.verdict != found[one.id]["verdict"]:
            found[one.id]["changes"][one.variation] = one.verdict
    return found


def groups(measured: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The claims by the question that they answer, in the order of their ids; those by algebra last."""
    found: dict[str, list[dict[str, Any]]] = {}
    for claim in measured.values():
        found.setdefault(claim["section"], []).append(claim)
    algebra = {name: all(one["table"].startswith(ALGEBRA) for one in own) for name, own in found.items()}
    return {name: found[name] for name in sorted(found, key=algebra.__getitem__)}


def kept(claims: pd.DataFrame, varied: pd.DataFrame) -> dict[str, dict[str, int]]:
    """By kind of variation, in how many of them (`n`) a claim keeps its verdict (`kept`); those that were tried."""
    if varied.empty:
        return {}
    same = varied["verdict"] == varied["id"].map(claims.set_index("id")["verdict"])
    named = [varied["variation"].str.fullmatch(pattern) for pattern in KINDS.values()]
    kinds = pd.Series(np.select(named, [*KINDS], "own"), varied.index)
    counted = same.groupby(kinds).agg(["sum", "size"])
    return {str(kind): {"kept": int(row["sum"]), "n": int(row["size"])} for kind, row in counted.iterrows()}


def _effect(claim: NamedTuple) -> str:
    """Estimate, interval and unit; a dash where nothing was measured."""
    effect, low, high = (float(getattr(claim, name)) for name in ("effect", "ci_low", "ci_high"))
    if not np.isfinite(effect):
        return "–"
    finite = np.isfinite(low) and np.isfinite(high)
    value = interval(Estimate(effect, low, high, 2)) if finite else number(effect)
    return f"{value} {escaped(claim.unit)}".strip()  # type: ignore[attr-defined]
