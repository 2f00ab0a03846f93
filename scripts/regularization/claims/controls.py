"""Controls: where nothing is to be found the rules must find nothing, and what was planted they must find.

Three kinds, all of numbers that the study has stored:

- null: whole ledgers in which every cell of a setting has the same mean and the runs of a seed have swapped their
  labels (method, λ, p). Every claim about the difference of two such cells is weighed anew, with Holm.
- a_a: a cell against itself, with other seeds: two random halves of its runs are paired, and each kind of rule is asked
  where the truth lies on its bar.
- planted: the same, after an effect of known size was added; it has to be found with the power of the t test.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, partial

import numpy as np
import pandas as pd
from scipy import stats

from regularization.analysis.aggregation import cells_table
from regularization.analysis.catalogue import TABLES
from regularization.analysis.decomposition import MIN_REPLICATES
from regularization.analysis.statistics import ALPHA, equivalence, proportion_interval
from regularization.analysis.tables import Estimate, Tables
from regularization.analysis.tuning import COUNTERPART
from regularization.claims import evaluate, generator, measure, wording
from regularization.claims.claim import AtLeast, Claim, InNearlyAll, Measurement, NotMeasured, Rule, Within
from regularization.claims.evidence import PAIR, Differences, Evidence, linear, network
from regularization.claims.replicates import predicted, split
from regularization.columns import CALIBRATION, METRICS
from regularization.naming import CELL, Key

LEDGERS = 200
REPEATS = 500  # of every kind of rule, on either experiment
SEEDS = 12  # of a cell in a null ledger, and pairs at most: sign flips of so many are exact and quick
PLANTED = 1.0  # d_z: mean over standard deviation of the pairs' differences
SHARE, MANY = 0.9, 100  # of a cell's runs lie above the bar, and how many are asked
ITEMS = 20  # every so many images of a network's predictions
ALIKE = 1e-9
LEVEL = 0.99  # of the controls' intervals: there are eight of them, and none may fail by chance
ONE_SIDE = ALPHA / 2  # a rule asks for one of the two directions of its test
NOMINAL = {("null", "at least"): ALPHA, ("a_a", "equivalence"): ALPHA}  # else ONE_SIDE
BY_RUN: dict[str, tuple[str, ...]] = {"probes": ("probe", "level"), "calibration": ()}  # what names a row of a run
LABELS = ["method", "lam", "p"]
BLOCK = ["experiment", "setting", "seed", "data_seed"]
COLUMNS = ["kind", "ledger", "rule_kind", "n_claims", "n_supported"]
SUMMARY = [
    *("id", "kind", "rule_kind", "statement", "claims", "n", "found", "share", "ci_low", "ci_high"),
    *("expected", "passed", "reason"),
]


def null_ledgers(tables: Tables, claims: Iterable[Claim], n: int = LEDGERS) -> tuple[pd.DataFrame, list[Claim]]:
    """Weigh the claims in n ledgers without an effect: how many of each kind of rule were supported, by the rule alone.

    Columns are `COLUMNS`. Also returns the claims that took part: only those that find no effect where all cells of a
    setting have the same numbers; the others do not compare cells of one setting, or look at more than runs, probes
    and calibration.
    """
    study = _restricted(tables)
    taken = null_claims(study, claims)
    if not taken:
        return pd.DataFrame(columns=COLUMNS), []
    asked = pd.MultiIndex.from_frame(study.runs[BLOCK[:2]]).isin(set().union(*taken.values()))
    null, rng, rows = Null(_without_effects(study.replace(runs=study.runs[asked]), spread=True)), generator("null"), []
    for ledger in range(n):
        study, places = null.swapped(rng)
        judged = evaluate(study, taken, evidence=partial(Swapped, null=null, places=places))
        for kind in sorted({claim.rule.kind for claim in taken}):
            verdicts = [judgement.by_rule for judgement in judged if judgement.claim.rule.kind == kind]
            rows.append(("null", ledger, kind, len(verdicts), verdicts.count("supported")))
    return pd.DataFrame(rows, columns=COLUMNS), list(taken)


def null_claims(study: Tables, claims: Iterable[Claim]) -> dict[Claim, set[tuple[str, str]]]:
    """The claims that have nothing to find where the cells of a setting are alike, with the settings they look at."""
    level, found = _without_effects(study, spread=False), {}
    for claim in claims:
        own = level.replace()
        measured = measure(claim, own, evidence=ByRule) if isinstance(claim.rule, AtLeast) else None
        if isinstance(measured, Measurement) and abs(measured.effect) < ALIKE:
            found[claim] = {(key.experiment, key.setting) for key in own.asked}
    return found


class ByRule(Evidence):
    """Evidence for the rule alone: conditions cannot make a claim supported, and cost more than what decides it."""

    weighs_conditions = False

    def mean(self, values: Differences) -> Estimate:
        return Estimate(float(values.mean()), math.nan, math.nan, len(values))


class WithoutPredictions(Tables):
    """A study whose predictions, which have no cell's mean to be freed from, were not kept."""

    def predictions(self, key: Key) -> pd.DataFrame:
        return pd.DataFrame()


class Restricted(WithoutPredictions):
    """Some of its runs; cells only choose."""

    cells = cached_property(lambda self: cells_table(self.runs, {*COUNTERPART.values()}))


def _restricted(tables: Tables) -> Tables:
    """The first seeds of every cell that lost none of its runs."""
    runs = tables.runs[(tables.runs["seed"] < SEEDS) & (tables.runs["status"] == "ok")]
    most = runs.groupby(BLOCK[:2])["seed"].transform("nunique")
    complete = runs.groupby(CELL)["seed"].transform("nunique") == most
    return tables.replace(Restricted, runs=runs[complete].reset_index(drop=True))


def _without_effects(study: Tables, *, spread: bool) -> Tables:
    """The study with the same mean, or without spread the same number, in every cell of a setting."""
    runs = study.runs
    cells = pd.DataFrame({"cell": runs.groupby(CELL).ngroup(), "setting": runs.groupby(BLOCK[:2]).ngroup(), "part": 0})
    metrics = [name for name in METRICS if runs[name].notna().any()]
    changes = {"runs": runs.assign(**{name: _alike(runs[name], cells, spread) for name in metrics})}
    cells.index = pd.Index(runs["run_id"])
    for name, by in BY_RUN.items():
        if name in TABLES and len(table := study.table(name)):
            table = table[table["run_id"].isin(runs["run_id"])].reset_index(drop=True)
            part = table.groupby(list(by), dropna=False).ngroup() if by else 0
            groups = cells.loc[table["run_id"]].reset_index(drop=True).assign(part=part)
            values = [column for column in table.select_dtypes("number") if column not in by]
            changes[name] = table.assign(**{value: _alike(table[value], groups, spread) for value in values})
    return study.replace(**changes)


def _alike(values: pd.Series, groups: pd.DataFrame, spread: bool) -> pd.Series:
    """Values whose means are alike in all cells of a setting: shifted there, or scaled where all are positive."""
    mean = values.groupby([groups["cell"], groups["part"]]).transform("mean")
    target = mean.groupby([groups["setting"], groups["part"]]).transform("median")
    if not spread:
        return target
    return values * target / mean if values.min() > 0 else values - mean + target


class Null:
    """Runs without an effect whose labels can be swapped; their numbers are arrays, as a ledger asks for hundreds."""

    def __init__(self, study: Tables) -> None:
        runs = study.runs.sort_values([*PAIR, *CELL], ignore_index=True)
        self.study, self.pairs = study.replace(runs=runs), pd.MultiIndex.from_frame(runs[PAIR])
        self.cells = runs[CELL].drop_duplicates().sort_values(CELL, ignore_index=True)
        self.studied = dict(tuple(self.cells.groupby(CELL[:3])))
        self.codes = runs.groupby(CELL).ngroup().to_numpy()
        probed = runs["run_id"].isin(study.probes["run_id"])
        self.block = runs.groupby([*(runs[name] for name in BLOCK), probed]).ngroup().to_numpy()
        self.numbers: dict[object, np.ndarray] = {name: runs[name].to_numpy() for name in METRICS}
        if len(study.calibration):
            calibration = study.calibration.set_index("run_id").reindex(runs["run_id"])
            self.numbers |= {name: calibration[name].to_numpy() for name in CALIBRATION}
        for (probe, level), table in study.probes.groupby(["probe", "level"], dropna=False):
            values = table.set_index("run_id")["value"].reindex(runs["run_id"]).to_numpy()
            self.numbers[probe, _level(level)] = values

    def swapped(self, rng: np.random.Generator) -> tuple[Tables, dict[Key, np.ndarray]]:
        """The study after the runs of every setting and seed swapped their labels, and the places of a cell's runs.

        Its cells have the means on validation data alone, by which strengths are chosen.
        """
        codes = np.empty_like(self.codes)
        codes[np.argsort(self.block, kind="stable")] = self.codes[np.lexsort((rng.random(len(codes)), self.block))]
        by_cell = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[by_cell], np.arange(len(self.cells)))
        rows = np.split(by_cell, starts[1:])
        places = dict(zip(map(Key._make, self.cells.itertuples(index=False)), rows, strict=True))
        labels = {name: self.cells[name].to_numpy()[codes] for name in LABELS}
        sizes, counts = np.diff([*starts, len(codes)]), {"n_diverged": 0, "n_collapsed": 0}
        means = {name: np.add.reduceat(self.numbers[name][by_cell], starts) / sizes for name in COUNTERPART.values()}
        cells = pd.concat([self.cells.assign(metric=name, mean=mean, **counts) for name, mean in means.items()])
        runs = self.study.runs.assign(**labels)
        return self.study.replace(WithoutPredictions, runs=runs, cells=cells), places


class Swapped(ByRule):
    """Evidence of runs that have swapped their labels."""

    def __init__(self, tables: Tables, rng: np.random.Generator, null: Null, places: Mapping[Key, np.ndarray]) -> None:
        super().__init__(tables, rng)
        self.null, self.places = null, places

    def _studied(self, experiment: str, setting: str, method: str) -> pd.DataFrame:
        return self.null.studied.get((experiment, setting, method), self.null.cells.iloc[:0])

    def _values(self, key: Key, metric: str) -> pd.Series:
        return self._found(key, metric) if metric in self.null.numbers else super()._values(key, metric)

    def _probe(self, key: Key, name: str, level: float | None) -> pd.Series:
        return self._found(key, (name, _level(level)))

    def _found(self, key: Key, number: object) -> pd.Series:
        rows = self.places.get(key, np.zeros(0, dtype=int))
        values = self.null.numbers.get(number, np.full(len(self.null.pairs), math.nan))[rows]
        return pd.Series(values, self.null.pairs[rows]).dropna()


def _level(level: float | None) -> float | None:
    """A probe's level as a key; NaN, which is none, is not equal to itself."""
    return None if level is None or math.isnan(level) else round(level, 9)


def against_itself(tables: Tables, n: int = REPEATS) -> pd.DataFrame:
    """Ask each kind of rule about a cell paired with itself, n times on either experiment.

    Columns are `COLUMNS`; a ledger is one pairing and one claim. Where the rule has a bar, the truth is put on it.
    """
    rows, rng = [], generator("a_a")
    for cells, replicates in _cells(tables):
        for _ in range(n):
            values = cells[rng.integers(len(cells))]
            scale, rare = float(values.std()) * math.sqrt(2), float(np.quantile(values, 1 - SHARE))
            a, b = _halves(values, rng)
            apart, evidence = a - b, Evidence(tables, rng)
            off = evidence.contrast(apart), evidence.contrast(apart + scale)
            near = Measurement.of(equivalence(apart + scale, low=-scale, high=scale))
            sample = rng.choice(values, MANY)
            hits = Measurement.share(int((sample > rare).sum()), MANY, evidence)
            found = {
                "difference": _supported(AtLeast(), off[0]),
                "margin": _supported(AtLeast(scale), off[1]),
                "equivalence": _supported(Within(-scale, scale), near),
                "share_of_runs": _supported(InNearlyAll(SHARE), hits),
                "condition": evidence.above(apart) == "holds",
            }
            if len(replicates) >= 2 * MIN_REPLICATES:
                first, second = (split(half, np.zeros(half.shape[1:])) for half in _halves(replicates, rng))
                spread = evidence.contrast((first.variance - second.variance).mean(axis=1))
                found["pseudo_values"] = _supported(AtLeast(), spread)
            if len(apart) == SEEDS:
                found["planted"] = _supported(AtLeast(), evidence.contrast(apart + PLANTED * scale))
            rows.append(found)
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    by_kind = pd.DataFrame(rows).rename_axis("ledger").melt(ignore_index=False, var_name="rule_kind").reset_index()
    by_kind = by_kind.dropna(subset=["value"])
    planted = by_kind["rule_kind"] == "planted"
    return by_kind.assign(
        kind=np.where(planted, "planted", "a_a"),
        rule_kind=by_kind["rule_kind"].where(~planted, "difference"),
        n_claims=1,
        n_supported=by_kind["value"].astype(int),
    )[COLUMNS]


def _supported(rule: Rule, found: Measurement) -> bool:
    return rule.verdict(found, found.p_value) == "supported"


def _cells(tables: Tables) -> Iterator[tuple[list[np.ndarray], np.ndarray]]:
    """Cells that are paired with themselves: a measure of each, (runs,); predictions of one, (runs, items, outputs).

    Of networks, whose cells have few runs, those of a whole setting.
    """
    evidence = Evidence(tables, generator("a_a"))
    with suppress(NotMeasured):
        values = evidence.values(linear(), "risk").to_numpy()
        yield [values], evidence.weights(linear()).to_numpy()[:, None]
    with suppress(NotMeasured):
        most, kept = len(evidence.values(network(), "test_loss")), np.empty((0, 0, 0))
        with suppress(NotMeasured):
            _, kept = predicted(tables, network())
        ok = tables.runs[tables.runs["status"] == "ok"].groupby(CELL[:2]).get_group(network()[:2])
        cells = [cell.to_numpy() for _, cell in ok.groupby(CELL)["test_loss"] if len(cell) == most]
        yield cells, kept[:, ::ITEMS]


def _halves(values: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two random halves of a cell's runs, paired, of `SEEDS` at most."""
    size = min(SEEDS, len(values) // 2)
    drawn = rng.permutation(len(values))
    return values[drawn[:size]], values[drawn[size : 2 * size]]


def summary(ledgers: pd.DataFrame, taken: Iterable[Claim] = ()) -> pd.DataFrame:
    """Every control in a row, with `SUMMARY`: how many ledgers supported anything, of how many, with Wilson's interval.

    A control passes where that is not more than expected; of planted effects, where the interval holds the power. The
    claims that were `taken` into the ledgers are named.
    """
    claims = ", ".join(claim.id for claim in taken)
    rows = []
    found = ledgers.assign(any=ledgers["n_supported"] > 0)
    by_ledger = found.groupby(["kind", "ledger", "rule_kind"], sort=False)["any"].any().reset_index()
    for (kind, rule_kind), one in by_ledger.groupby(["kind", "rule_kind"], sort=False):
        hits, n = int(one["any"].sum()), len(one)
        low, high = proportion_interval(hits, n, LEVEL)
        expected = power(SEEDS) if kind == "planted" else NOMINAL.get((kind, rule_kind), ONE_SIDE)
        passed = low <= expected <= high if kind == "planted" else low <= expected
        facts = {"n": n, "found": hits, "share": hits / n, "ci_low": low, "ci_high": high, "expected": expected}
        words = {**facts, "rule_kind": rule_kind, "passed": passed, "d_z": PLANTED, "pairs": SEEDS}
        said = {name: wording.control(f"{name}_{kind}", **words) for name in ("statement", "reason")}
        named = {"id": f"{kind}_{rule_kind}".replace(" ", "_"), "kind": kind, "rule_kind": rule_kind}
        rows.append({**named, "claims": claims if kind == "null" else "", **facts, "passed": passed, **said})
    return pd.DataFrame(rows, columns=SUMMARY)


def power(pairs: int, d_z: float = PLANTED) -> float:
    """The chance that a two-sided paired t test at `ALPHA` finds an effect of that size on its side."""
    bar = stats.t.ppf(1 - ONE_SIDE, pairs - 1)
    return float(stats.nct.sf(bar, pairs - 1, d_z * math.sqrt(pairs)))
