"""How sure a verdict is: every claim weighed again in each other way that could be defended.

A claim is evaluated anew on changed evidence. A half of the seeds has so few of them that its p-values are not
adjusted: it is asked whether it says the same, not whether it would have been enough. A change that leaves everything
that was measured as it was is no variation: a share of runs has no median, and algebra has no seeds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd

from regularization.analysis.aggregation import cells_table
from regularization.analysis.catalogue import TABLES
from regularization.analysis.statistics import holm
from regularization.analysis.tables import Tables
from regularization.claims import evaluate, measure, p_value
from regularization.claims.claim import Claim, Judgement, Verdict, judge
from regularization.claims.evidence import FEWEST, Evidence, Way
from regularization.naming import Key

HALVES = {"even_seeds": 0, "odd_seeds": 1}  # so that pairs of cells with unlike numbers of seeds keep their halves
MARGINS = {"half_margin": 0.5, "double_margin": 2.0}
BOUNDED = ("share", "accuracy")  # units of effects of at most 1
BY_RUN = ("runs", "curves", "probes", "calibration", "account")  # tables that name their runs
BY_CELL = ("decomposition", "tuning")  # analyses, which a folder may lack


class Varied(NamedTuple):
    """A claim's verdict under one variation."""

    id: str
    variation: str
    effect: float
    ci_low: float
    ci_high: float
    verdict: Verdict


def robustness_table(
    judgements: Sequence[Judgement], tables: Tables, other_arithmetic: Mapping[str, Tables] | None = None
) -> pd.DataFrame:
    """Weigh every claim that was measured under each variation: id, variation, effect, ci_low, ci_high, verdict.

    Besides the claim's own variations: medians; the other interval, and that of the sign-flip test; either half of the
    seeds; half and twice the margin (of a share or an accuracy: half and twice its odds); and the tables of other
    processors, by name. Claims about algebra are asked with other random numbers, and have those of their own.
    """
    found = [*_general(judgements, tables, other_arithmetic or {}), *_margins(judgements), *_own(judgements, tables)]
    order = {judgement.claim.id: i for i, judgement in enumerate(judgements)}
    return pd.DataFrame(sorted(found, key=lambda one: order[one.id]), columns=list(Varied._fields))


def _general(judgements: Sequence[Judgement], tables: Tables, others: Mapping[str, Tables]) -> Iterator[Varied]:
    trained = {j.claim.id: j for j in judgements if j.measured and not j.claim.of_algebra}
    claims = [judgement.claim for judgement in trained.values()]
    for way in get_args(Way):
        for varied in evaluate(tables, claims, evidence=partial(Evidence, way=way)):
            if _numbers(varied) != _numbers(trained[varied.claim.id]):
                yield from _row(varied, way)
    for name, parity in HALVES.items():
        for varied in evaluate(half(tables, parity), claims, adjusted=False):
            enough = not varied.claim.rule.confirmatory or (varied.measured and varied.measured.n >= FEWEST)
            if enough and _numbers(varied) != _numbers(trained[varied.claim.id]):
                yield from _row(varied, name)
    algebra = [j.claim for j in judgements if j.measured and j.claim.of_algebra]

    def other_numbers(tables: Tables, rng: np.random.Generator) -> Evidence:
        return Evidence(tables, np.random.Generator(rng.bit_generator.jumped()))  # type: ignore[attr-defined]

    for varied in evaluate(tables, algebra, evidence=other_numbers):
        yield from _row(varied, "other_numbers")
    for name, other in others.items():
        for varied in evaluate(overlaid(tables, other), claims):
            yield from _row(varied, f"arithmetic_{name}")


def _margins(judgements: Sequence[Judgement]) -> Iterator[Varied]:
    for judgement in judgements:
        claim, found = judgement.claim, judgement.measured
        for name, factor in MARGINS.items():
            scaled = found and claim.rule.scaled(factor, found, claim.says("unit") in BOUNDED)
            if found and scaled:
                rule, p = scaled
                adjusted = _adjusted(judgements, claim, p) if rule.confirmatory else p
                yield from _row(judge(replace(claim, rule=rule), found, adjusted), name)


def _own(judgements: Sequence[Judgement], tables: Tables) -> Iterator[Varied]:
    for claim in (judgement.claim for judgement in judgements if judgement.measured):
        for name in claim.variations:
            found = measure(claim, tables, name)
            yield from _row(judge(claim, found, _adjusted(judgements, claim, p_value(claim, found))), name)


def _adjusted(judgements: Sequence[Judgement], claim: Claim, p: float) -> float:
    """A claim's p among those of the ledger, adjusted."""
    ids = [judgement.claim.id for judgement in judgements]
    p_values = [p if j.claim is claim else p_value(j.claim, j.measured) for j in judgements]
    return float(holm(p_values)[ids.index(claim.id)])


def _row(judgement: Judgement, variation: str) -> Iterator[Varied]:
    """The row of a variation; none where the study lacks the runs for it."""
    if found := judgement.measured:
        yield Varied(judgement.claim.id, variation, found.effect, found.ci_low, found.ci_high, judgement.verdict)


def _numbers(judgement: Judgement) -> str:
    """What was measured, to be compared: NaN is not equal to itself, its text is."""
    found, outcomes = judgement.measured, [one.outcome for one in judgement.notes.conditions]
    return repr(found and (found.effect, found.ci_low, found.ci_high, found.n, found.p_value, outcomes))


def half(tables: Tables, parity: int) -> Tables:
    """The study with the even (0) or the odd (1) seeds only."""
    return tables.replace(Recounted, runs=tables.runs[tables.runs["seed"] % 2 == parity])


class Recounted(Tables):
    """A study whose cells are computed from its runs, when they are asked for."""

    cells = cached_property(lambda self: cells_table(self.runs))


class Overlaid(Recounted):
    """A study of which some runs were trained anew elsewhere."""

    other: Tables

    def predictions(self, key: Key) -> pd.DataFrame:
        own, anew = super().predictions(key), self.other.predictions(key)
        return anew if own.empty else pd.concat([own[~own["run_id"].isin(anew["run_id"])], anew]) if len(anew) else own


def overlaid(tables: Tables, other: Tables) -> Tables:
    """The study with the rows of `other` in place of its own, wherever that has the same runs."""
    anew = other.runs["run_id"]
    changes = dict[str, pd.DataFrame]()
    for name in BY_RUN:
        if name in TABLES and len(other.table(name)):
            own = tables.table(name)
            changes[name] = pd.concat([own[~own["run_id"].isin(anew)], other.table(name)], ignore_index=True)
    for name in BY_CELL:
        if len(other.table(name)):
            both = pd.concat([other.table(name), tables.table(name)], ignore_index=True)
            changes[name] = both.drop_duplicates(TABLES[name].columns[: TABLES[name].n_keys])
    study = tables.replace(Overlaid, **changes)
    assert isinstance(study, Overlaid)
    study.other = other
    return study


def read_others(folders: Sequence[Path]) -> dict[str, Tables]:
    """The tables of other processors by the folder's name, which may lack all but the runs."""
    return {folder.name: Tables(folder) for folder in folders}
