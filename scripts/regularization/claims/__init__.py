"""The claims of the chapter, one file each, and the ledger that weighs all of them against the study's tables.

Adding one = one file `cNN_what_it_says.py` that defines `CLAIM`. Negative controls (`nNN_…`) are judged the same way
and must be refused: they show that the ledger can say no.
"""

import importlib
import math
import pkgutil
from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from regularization.analysis.statistics import holm
from regularization.analysis.tables import SEPARATOR, Tables
from regularization.claims.claim import Claim, Judgement, Measurement, NotMeasured, judge
from regularization.claims.evidence import Evidence, Way
from regularization.claims.identities import Case

COLUMNS = [
    *("id", "statement", "section", "place", "estimand", "unit", "test", "margin"),
    *("effect", "ci_low", "ci_high", "n", "d_z", "p_superiority", "p_value", "p_adjusted"),
    *("verdict", "robust", "variations", "reason", "confirmatory", "rule", "rule_kind"),
    *("figure", "table", "needs", "conditions", "numbers", "amended"),
]
IDENTITIES = ["claim", *Case._fields]


@cache
def all_claims() -> tuple[Claim, ...]:
    """The chapter's claims, by id."""
    return _claims("c")


@cache
def all_controls() -> tuple[Claim, ...]:
    """The negative controls, by id."""
    return _claims("n")


def _claims(letter: str) -> tuple[Claim, ...]:
    names = [
        module.name
        for module in pkgutil.iter_modules([f"{__path__[0]}/chapter"])
        if module.name[:1] == letter and module.name[1:3].isdigit()
    ]
    return tuple(importlib.import_module(f"{__name__}.chapter.{name}").CLAIM for name in sorted(names))


def evaluate(
    tables: Tables, claims: Iterable[Claim], *, way: Way | None = None, adjusted: bool = True
) -> list[Judgement]:
    """Measure every claim, in another way if one is given, adjust the confirmatory p-values together, and judge."""
    claims = list(claims)
    measured = [measure(claim, tables, way=way) for claim in claims]
    p_values = [p_value(claim, found) for claim, found in zip(claims, measured, strict=True)]
    adjust = holm(p_values).tolist() if adjusted else p_values
    return [judge(claim, found, p) for claim, found, p in zip(claims, measured, adjust, strict=True)]


def measure(claim: Claim, tables: Tables, variation: str = "", *, way: Way | None = None) -> Measurement | NotMeasured:
    """Measure a claim, or one of the variations it declares."""
    try:
        return (claim.variations[variation] if variation else claim.evaluate)(
            Evidence(tables, generator(claim.id), way)
        )
    except NotMeasured as lack:
        return lack


def p_value(claim: Claim, found: Measurement | NotMeasured | None) -> float:
    """The p that Holm counts; NaN where there is none."""
    return found.p_value if claim.rule.confirmatory and isinstance(found, Measurement) else math.nan


def generator(claim_id: str) -> np.random.Generator:
    """The random generator of a claim's bootstrap and permutations: the same at every evaluation."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(claim_id.encode(), "little")))


def ledger(judgements: Iterable[Judgement], varied: pd.DataFrame | None = None) -> pd.DataFrame:
    """The judgements as a table with `COLUMNS`, one row a claim; `varied` is `variations.robustness_table`."""
    table = pd.DataFrame([_row(judgement) for judgement in judgements], columns=COLUMNS)
    if varied is not None:
        kept = varied["verdict"] == varied["id"].map(table.set_index("id")["verdict"])
        by_claim = kept.groupby(varied["id"]).agg(["mean", "size"]).reindex(table["id"])
        table["robust"], table["variations"] = by_claim["mean"].to_numpy(), by_claim["size"].fillna(0).to_numpy(int)
    return table


def identities_table(judgements: Iterable[Judgement]) -> pd.DataFrame:
    """All cases of all claims about identities, one a row, with `IDENTITIES`."""
    rows = [
        (judgement.claim.id, *case)
        for judgement in judgements
        if judgement.measured is not None
        for case in judgement.measured.cases
    ]
    return pd.DataFrame(rows, columns=IDENTITIES)


def _row(judgement: Judgement) -> dict[str, object]:
    claim = judgement.claim
    found = judgement.measured or Measurement(math.nan, math.nan, math.nan, 0)
    numbers = ("effect", "ci_low", "ci_high", "n", "d_z", "p_superiority", "p_value")
    return {
        **{
            name: claim.says(name) for name in ("statement", "section", "place", "estimand", "unit", "needs", "amended")
        },
        **{name: getattr(found, name) for name in numbers},
        **{name: getattr(judgement, name) for name in ("test", "p_adjusted", "verdict", "reason")},
        **{name: getattr(claim, name) for name in ("id", "figure", "table")},
        "margin": claim.rule.bar,
        "robust": math.nan,
        "variations": 0,
        "confirmatory": claim.rule.confirmatory,
        "rule": str(claim.rule),
        "rule_kind": claim.rule.kind,
        "conditions": SEPARATOR.join(": ".join(words) for words in judgement.conditions),
        "numbers": SEPARATOR.join(judgement.numbers),
    }
