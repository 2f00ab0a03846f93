"""The claims of the chapter, one file each, and the ledger that weighs all of them against the study's tables.

Adding one = one file `cNN_what_it_says.py` that defines `CLAIM`, and a template of that name in `report/claims/` with
its words and, above them, why it is asked as it is. `controls` shows that the ledger can say no.
"""

import importlib
import json
import math
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from regularization.analysis.catalogue import store
from regularization.analysis.statistics import holm
from regularization.analysis.tables import SEPARATOR, Tables
from regularization.claims.claim import Case, Claim, Judgement, Measurement, NotMeasured, judge
from regularization.claims.evidence import Evidence, Gather
from regularization.study.configuration import Configuration
from regularization.system.files import write_bytes

COLUMNS = [
    *("id", "statement", "section", "place", "estimand", "unit", "test", "margin"),
    *("effect", "ci_low", "ci_high", "n", "d_z", "p_superiority", "p_value", "p_adjusted"),
    *("verdict", "answer", "robust", "variations", "reason", "confirmatory", "rule", "rule_kind"),
    *("figure", "table", "needs", "conditions", "numbers", "amended"),
]
SAID = ("statement", "section", "place", "estimand", "unit", "needs", "amended", "figure", "table")
IDENTITIES = ["claim", *Case._fields]


@cache
def all_claims() -> tuple[Claim, ...]:
    """The chapter's claims, by id."""
    names = [module.name for module in pkgutil.iter_modules([f"{__path__[0]}/chapter"])]
    return tuple(importlib.import_module(f"{__name__}.chapter.{name}").CLAIM for name in sorted(names))


def chosen_claims(tables: Path, config: Path | None = None) -> tuple[Claim, ...]:
    """The claims that a configuration chooses, by default the one beside a study's tables; without one, all."""
    config = config or tables.parent / "config.json"
    chosen = Configuration.read(config).claims if str(config) == "-" or config.is_file() else None
    return tuple(claim for claim in all_claims() if chosen is None or claim.id in chosen)


def evaluate(
    tables: Tables, claims: Iterable[Claim], *, evidence: Gather = Evidence, adjusted: bool = True
) -> list[Judgement]:
    """Measure every claim, on other evidence if any is given, adjust the confirmatory p-values together, and judge."""
    claims = list(claims)
    measured = [measure(claim, tables, evidence=evidence) for claim in claims]
    p_values = [p_value(claim, found) for claim, found in zip(claims, measured, strict=True)]
    adjust = holm(p_values).tolist() if adjusted else p_values
    judged = [judge(claim, found, p) for claim, found, p in zip(claims, measured, adjust, strict=True)]
    return [replace(one, facts=partial(_facts, one.claim, tables)) for one in judged]


def _facts(claim: Claim, tables: Tables) -> Mapping[str, object]:
    return claim.facts(Evidence(tables, generator(claim.id)))


def measure(
    claim: Claim, tables: Tables, variation: str = "", *, evidence: Gather = Evidence
) -> Measurement | NotMeasured:
    """Measure a claim, or one of the variations it declares."""
    how = claim.variations[variation] if variation else claim.evaluate
    try:
        found = how(asked := evidence(tables, generator(claim.id)))
        return found if isinstance(found, Measurement) else asked.measured(found, claim.rule)
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


def write(table: pd.DataFrame, name: str, folder: Path) -> None:
    """Write a ledger as JSON, and as a table in Parquet and CSV."""
    records = json.loads(table.to_json(orient="records"))
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    store(name, table, folder / "tables" / f"{name}.parquet")
    write_bytes(f"{text}\n".encode(), folder / f"{name}.json")


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
        **{name: claim.says(name) for name in SAID},
        **{name: getattr(found, name) for name in numbers},
        **{name: getattr(judgement, name) for name in ("test", "p_adjusted", "verdict", "answer", "reason")},
        "id": claim.id,
        "margin": claim.rule.bar,
        "robust": math.nan,
        "variations": 0,
        "confirmatory": claim.rule.confirmatory,
        "rule": str(claim.rule),
        "rule_kind": claim.rule.kind,
        "conditions": SEPARATOR.join(": ".join(words) for words in judgement.conditions),
        "numbers": SEPARATOR.join(judgement.numbers),
    }
