"""What a claim is: a statement of the chapter, the quantity that decides it, and a rule fixed before looking.

A claim's module computes the quantity; the verdict follows from the numbers by the rule alone. Its words are in the
template of the same name in `report/claims/`: a measurement names blocks of it and hands out their facts.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import ClassVar, Literal, NamedTuple, Self, TypeAlias

import numpy as np
import pandas as pd
from scipy import stats

from regularization.analysis.statistics import ALPHA, Contrast, proportion_interval
from regularization.claims import wording

ALGEBRA = "identities"  # the table of claims that nothing was trained for
Verdict = Literal["supported", "qualified", "contradicted", "inconclusive"]
Outcome = Literal["holds", "fails", "not shown", "not tested"]
VERDICTS: tuple[Verdict, ...] = ("supported", "qualified", "contradicted", "inconclusive")
OUTCOMES: tuple[Outcome, ...] = ("holds", "fails", "not shown", "not tested")


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """What holds everywhere holds; what fails anywhere fails."""
    found = set(outcomes)
    return "fails" if "fails" in found else "not shown" if "not shown" in found else "holds"


class NotMeasured(Exception):
    """The study lacks the runs a claim needs; a block of the claim's template says which."""

    def __init__(self, block: str, **facts: object) -> None:
        super().__init__(block, facts)
        self.block, self.facts = block, facts


class Case(NamedTuple):
    """One number."""

    case: str  # what was looked at: an optimiser, a layer or a version of the network
    p: str  # its dropout probabilities, one a layer, e.g. "0.2/0.5"; empty where there is none
    quantity: str  # what was measured, one of the data dictionary's
    value: float  # an error, or what it is by its quantity
    tolerance: float = math.nan  # the largest error that passes; NaN where the value is no error

    @property
    def passes(self) -> bool:
        """Whether the error is within its tolerance; never where there is none, or the error is NaN."""
        return self.value <= self.tolerance


def largest(cases: Iterable[Case]) -> float:
    """The largest value, NaN if one is."""
    values = [case.value for case in cases]
    return math.nan if any(map(math.isnan, values)) else max(values)


def apart(a: object, b: object) -> float:
    """Largest absolute difference of two arrays or tensors of one shape; NaN if either has one."""
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())


def of(cases: Iterable[Case], *quantities: str) -> list[Case]:
    """The cases of some quantities."""
    return [case for case in cases if case.quantity in quantities]


@dataclass(frozen=True)
class Number:
    """Something to tell the reader: the block of the claim's template that has the words, and its facts."""

    block: str
    facts: dict[str, object]


@dataclass(frozen=True)
class Condition(Number):
    """Something else the statement says: where it fails or is not shown, a claim that would be supported is qualified.

    Its block gets the outcome as a fact too and says what happened, as one sentence without a capital or a full stop.
    """

    outcome: Outcome  # "not shown": its interval leaves it open; "not tested": the study cannot tell at all


@dataclass
class Notes:
    """What is looked at beside the primary quantity, in the order in which it is told."""

    conditions: list[Condition] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)

    def condition(self, block: str, outcome: Outcome | bool | np.bool_, **facts: object) -> None:
        if not isinstance(outcome, str):
            outcome = "holds" if outcome else "fails"
        self.conditions.append(Condition(block, {**facts, "outcome": outcome}, outcome))

    def number(self, block: str, value: object = None, **facts: object) -> None:
        self.numbers.append(Number(block, {"value": value, **facts}))


@dataclass(frozen=True)
class Measurement:
    """The primary quantity of a claim with its uncertainty, and what else was looked at."""

    effect: float  # the estimate, in the claim's unit
    ci_low: float  # lower end of its interval (95 %; 90 % where the rule is an equivalence test); NaN for identities
    ci_high: float  # upper end
    n: int  # what it rests on: pairs of runs, runs, or cases of an identity
    test: str = ""  # how interval and p were computed; empty where the claim's template says it
    p_value: float = math.nan  # of the rule's null hypothesis; NaN where there is none
    d_z: float = math.nan  # mean over standard deviation of the paired differences, or NaN
    p_superiority: float = math.nan  # P(A > B) over pairs, or NaN
    notes: Notes = field(default_factory=Notes)  # further parts of the statement, and other numbers for the reader
    cases: tuple[Case, ...] = ()  # of an identity: the measured numbers that effect and conditions are taken from

    @classmethod
    def of(cls, found: Contrast, notes: Notes | None = None) -> Self:
        """From a contrast or an equivalence test of `regularization.analysis.statistics`."""
        return cls(**vars(found), notes=notes or Notes())

    @classmethod
    def share(cls, hits: int, n: int, notes: Notes, cases: Iterable[Case] = ()) -> Self:
        """A share of runs or cases, with its Wilson interval."""
        return cls(hits / n, *proportion_interval(hits, n), n, notes=notes, cases=tuple(cases))

    @classmethod
    def identity(cls, errors: Iterable[Case], n: int, notes: Notes, cases: Iterable[Case]) -> Self:
        """The largest of some errors, among all the cases that were looked at."""
        return cls(largest(errors), math.nan, math.nan, n, notes=notes, cases=tuple(cases))


class Rule:
    """Turns a measurement into a verdict; its template says of which measurement which (`rule_…` in verdict.md.j2)."""

    kind: ClassVar[str]  # its name
    confirmatory: ClassVar[bool]  # whether claims that are decided by it are counted by Holm

    @property
    def bar(self) -> float:
        """The number of the rule, its last; for an equivalence the upper bound."""
        return float([*vars(self).values()][-1])

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        raise NotImplementedError

    def scaled(self, factor: float, measured: Measurement, bounded: bool) -> tuple[Self, float] | None:
        """The rule with its margin times `factor` and the p of that; None where it has no margin.

        Of shares and accuracies, `bounded` by 1, the odds of the margin are multiplied.
        """
        return None

    def lacks_only_p(self, measured: Measurement) -> bool:
        """Whether an undecided claim would have been decided by its interval: only p was too large."""
        return False

    def says(self, block: str, **facts: object) -> str:
        return wording.verdict(f"{block}_{self.kind.replace(' ', '_')}", rule=self, alpha=ALPHA, **facts)

    def __str__(self) -> str:
        return self.says("rule")


@dataclass(frozen=True)
class AtLeast(Rule):
    """The effect is at least `margin` > 0 (or, with margin 0, positive), in the direction that the claim says.

    p is of an effect of 0 (or as the claim's test says): that it is below a margin has no adjusted p.
    """

    kind = "at least"
    confirmatory = True
    margin: float = 0.0

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if p_adjusted < ALPHA and measured.ci_low > 0:
            return "supported" if measured.ci_low >= self.margin else "qualified"
        if measured.ci_high < self.margin and (self.margin > 0 or p_adjusted < ALPHA):
            return "contradicted"
        return "inconclusive"

    def scaled(self, factor: float, measured: Measurement, bounded: bool) -> tuple[Self, float] | None:
        margin = with_odds(self.margin, factor) if bounded else factor * self.margin
        return (replace(self, margin=margin), measured.p_value) if self.margin else None

    def lacks_only_p(self, measured: Measurement) -> bool:
        return measured.ci_low > 0 or measured.ci_high < 0


@dataclass(frozen=True)
class Within(Rule):
    """Equivalence: the effect lies between `low` and `high` (two one-sided tests; one where `low` is −∞).

    p is of the hypothesis that it lies outside: that it does is not adjusted.
    """

    kind = "within"
    confirmatory = True
    low: float
    high: float

    @property
    def one_sided(self) -> bool:
        return math.isinf(self.low)

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if p_adjusted < ALPHA and self.lacks_only_p(measured):
            return "supported"
        if measured.ci_low > self.high or measured.ci_high < self.low:
            return "contradicted"
        return "inconclusive"

    def scaled(self, factor: float, measured: Measurement, bounded: bool) -> tuple[Self, float] | None:
        rule = replace(self, low=factor * self.low, high=factor * self.high)
        se = (measured.ci_high - measured.ci_low) / 2 / float(stats.t.ppf(0.95, measured.n - 1))
        nearest = min(measured.effect - rule.low, rule.high - measured.effect)
        return rule, float(stats.t.sf(nearest / se, measured.n - 1)) if se else float(nearest <= 0)

    def lacks_only_p(self, measured: Measurement) -> bool:
        return self.low < measured.ci_low and measured.ci_high < self.high


@dataclass(frozen=True)
class Identity(Rule):
    """Algebra: the largest error over all cases stays within rounding."""

    kind = "identity"
    confirmatory = False
    tolerance: float

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        return "supported" if measured.effect <= self.tolerance else "contradicted"


@dataclass(frozen=True)
class InNearlyAll(Rule):
    """A statement about every run: it holds in a share of them whose interval lies at or above `share`."""

    kind = "nearly all"
    confirmatory = False
    share: float = 0.95

    def scaled(self, factor: float, measured: Measurement, bounded: bool) -> tuple[Self, float] | None:
        return replace(self, share=with_odds(self.share, factor)), measured.p_value

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if measured.ci_high < self.share:
            return "contradicted"
        if measured.ci_low < self.share:
            return "inconclusive"
        return "supported" if measured.effect == 1 else "qualified"


def with_odds(share: float, factor: float) -> float:
    """The share whose odds are `factor` times as large: 0.9 → 0.947 at 2."""
    return factor * share / (1 - share + factor * share)


How: TypeAlias = Callable[..., Measurement | np.ndarray | pd.Series]
"""A measurement, or paired differences, shape (pairs,), which are tested as the claim's rule asks."""


def each(how: How, **options: Iterable[object]) -> dict[str, How]:
    """Variations, one for every value of every option: by the names of a mapping, else named as the values."""
    return {
        str(name): partial(how, **{option: value})
        for option, values in options.items()
        for name, value in (values.items() if isinstance(values, Mapping) else zip(values, values, strict=True))
    }


@dataclass(frozen=True)
class Claim:
    """A claim and how it is decided."""

    module: str  # the name of its module, whose last part names its template too
    rule: Rule  # turns the measurement into a verdict
    evaluate: How  # what it measures in `Evidence`, which gets the notes; raises `NotMeasured`
    variations: Mapping[str, How] = field(default_factory=dict, hash=False)
    """Other defensible ways to measure it, by name: another measure, learning rate or budget."""
    facts: Callable[..., Mapping[str, object]] = field(default=lambda evidence: {}, hash=False)
    """What the plain answer names beside the measurement, from `Evidence`: levels from → to, in how many seeds."""

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2]

    @property
    def id(self) -> str:
        """c01 … c34; n01 … for negative controls."""
        return self.name[:3]

    @property
    def of_algebra(self) -> bool:
        """Whether nothing was trained for it."""
        return self.says("table") == ALGEBRA

    def says(self, block: str, **facts: object) -> str:
        """A block of the claim's template.

        Of every claim: statement, in our own words; section, its question in the report; place in the book, by edition;
        estimand, with unit and over what it is taken; unit of the effect, short; needs, the cells that must have been
        trained; table, where its numbers come from; answer, in plain words what was found. Of some: figure, the
        report's that shows it; test, how interval and p were computed; amended, what was changed after a first look at
        results, and why.
        """
        return wording.claim(self.name, block, **facts)


@dataclass(frozen=True)
class Judgement:
    """A claim with what was measured, or what the study lacks, and the verdict."""

    claim: Claim
    found: Measurement | NotMeasured
    p_adjusted: float
    by_rule: Verdict  # what the primary quantity alone says
    verdict: Verdict  # what it says with the conditions
    facts: Callable[[], Mapping[str, object]] = dict  # of the claim, for its answer

    @property
    def measured(self) -> Measurement | None:
        """None: the study lacks the data."""
        return self.found if isinstance(self.found, Measurement) else None

    @property
    def test(self) -> str:
        """How interval and p were computed."""
        return wording.verdict("no_test") if self.measured is None else self.measured.test or self.claim.says("test")

    @property
    def notes(self) -> Notes:
        return self.measured.notes if self.measured else Notes()

    @property
    def conditions(self) -> list[tuple[Outcome, str]]:
        """Every condition: how it came out, and what happened, in words."""
        return [(one.outcome, self._words(one)) for one in self.notes.conditions]

    @property
    def numbers(self) -> list[str]:
        """The other numbers, each with its name."""
        return [self._words(number) for number in self.notes.numbers]

    @cached_property
    def reason(self) -> str:
        """Why this verdict: the key numbers and the conditions that speak against the primary quantity."""
        if isinstance(self.found, NotMeasured):
            return wording.verdict("lacking", lack=self._words(self.found))
        lacks_only_p = self.claim.rule.lacks_only_p(self.found)
        unit = self.claim.says("unit")
        return wording.verdict(
            "reason",
            measured=self.found,
            unit=unit,
            position=self.claim.rule.says("position", verdict=self.by_rule, lacks_only_p=lacks_only_p, unit=unit),
            by_rule=self.by_rule,
            verdict=self.verdict,
            said={name: [words for outcome, words in self.conditions if outcome == name] for name in OUTCOMES},
        )

    @cached_property
    def answer(self) -> str:
        """What was found, in plain words: one to three sentences."""
        if self.measured is None:
            return self.reason
        with suppress(NotMeasured):
            said = {name: getattr(self, name) for name in ("verdict", "by_rule", "measured", "reason")}
            said["rule"], conditions, numbers = self.claim.rule, self.notes.conditions, self.notes.numbers
            return self.claim.says("answer", **said, conditions=conditions, numbers=numbers, **self.facts())
        return self.reason

    def _words(self, said: Number | NotMeasured) -> str:
        return self.claim.says(said.block, **said.facts)


def judge(claim: Claim, found: Measurement | NotMeasured, p_adjusted: float) -> Judgement:
    """Apply a claim's rule, and then its conditions."""
    if isinstance(found, NotMeasured):
        return Judgement(claim, found, math.nan, "inconclusive", "inconclusive")
    by_rule = claim.rule.verdict(found, p_adjusted if claim.rule.confirmatory else found.p_value)
    outcomes, verdict = {condition.outcome for condition in found.notes.conditions}, by_rule
    if by_rule in ("supported", "qualified") and "not tested" in outcomes:
        verdict = "inconclusive"
    elif by_rule == "supported" and outcomes & {"fails", "not shown"}:
        verdict = "qualified"
    return Judgement(claim, found, p_adjusted, by_rule, verdict)
