"""What a claim is: a statement of the chapter, the quantity that decides it, and a rule fixed before looking.

A claim's file states all of that and computes the quantity; the verdict follows from the numbers by the rule alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from regularization.analysis.statistics import Contrast, Equivalence
from regularization.analysis.tables import Tables
from regularization.claims.identities import Case

Verdict = Literal["supported", "qualified", "contradicted", "inconclusive"]
VERDICTS: tuple[Verdict, ...] = ("supported", "qualified", "contradicted", "inconclusive")
ALPHA = 0.05
NOT_SIGNIFICANT = f"is not significant after Holm's adjustment (adjusted p is not below {ALPHA:g})"
OUTCOME = {True: "holds", False: "fails", None: "not tested"}  # of a condition


class NotMeasured(Exception):
    """The study lacks the runs a claim needs; the message says which."""


@dataclass(frozen=True)
class Condition:
    """Something else the statement says, checked beside the primary quantity.

    Attributes:
        text: what has to hold.
        holds: if False a claim that would be supported is qualified; None where the study cannot tell, which leaves it
            inconclusive.
    """

    text: str
    holds: bool | None

    def __str__(self) -> str:
        return f"{OUTCOME[self.holds]}: {self.text}"


@dataclass(frozen=True)
class Measurement:
    """The primary quantity of a claim with its uncertainty, and what else was looked at.

    Attributes:
        effect: the estimate, in the claim's `unit`.
        ci_low: lower end of its interval (95 %; 90 % where the rule is an equivalence test); NaN for identities.
        ci_high: upper end.
        n: what it rests on: pairs of runs, runs, or cases of an identity.
        test: how interval and p were computed.
        p_value: of the rule's null hypothesis; NaN where there is none.
        d_z: mean over standard deviation of the paired differences, or NaN.
        p_superiority: P(A > B) over pairs, or NaN.
        conditions: further parts of the statement.
        numbers: other numbers for the reader, by name, in words or figures.
        cases: of an identity: the measured numbers that effect and conditions are taken from.
    """

    effect: float
    ci_low: float
    ci_high: float
    n: int
    test: str
    p_value: float = math.nan
    d_z: float = math.nan
    p_superiority: float = math.nan
    conditions: tuple[Condition, ...] = ()
    numbers: dict[str, float | str] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()

    @classmethod
    def of(cls, contrast: Contrast | Equivalence, **more: object) -> Measurement:
        """From a contrast or an equivalence test of `regularization.statistics`."""
        if isinstance(contrast, Equivalence):
            test = "two one-sided t tests"
            return cls(contrast.effect, contrast.ci_low, contrast.ci_high, contrast.n, test, contrast.p_value, **more)  # type: ignore[arg-type]
        return cls(
            contrast.effect,
            contrast.ci_low,
            contrast.ci_high,
            contrast.n,
            contrast.test,
            contrast.p_value,
            contrast.d_z,
            contrast.p_superiority,
            **more,  # type: ignore[arg-type]
        )


def in_words(value: float | str) -> str:
    """A number to four significant digits; words as they are."""
    return value if isinstance(value, str) else f"{value:.4g}"


def with_interval(measured: Measurement) -> str:
    """The effect and its interval, if it has one."""
    if math.isnan(measured.ci_low):
        return in_words(measured.effect)
    return f"{in_words(measured.effect)} [{in_words(measured.ci_low)}, {in_words(measured.ci_high)}]"


@dataclass(frozen=True)
class AtLeast:
    """The effect is at least `margin` > 0 (or, with margin 0, positive), in the direction that the claim says.

    supported: significant after Holm and the interval lies at or above the margin. qualified: significant and positive,
    but the interval reaches below the margin. contradicted, without a margin: significant after Holm and the interval
    lies below 0; with one: the interval lies below the margin and the effect is not significantly positive. Of that
    there is no adjusted p, for p is of an effect of 0 (or as the claim's test says) and not of the margin.
    inconclusive: anything else.
    """

    kind = "at least"
    margin: float = 0.0

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if p_adjusted < ALPHA and measured.ci_low > 0:
            return "supported" if measured.ci_low >= self.margin else "qualified"
        if measured.ci_high < self.margin and (self.margin > 0 or p_adjusted < ALPHA):
            return "contradicted"
        return "inconclusive"

    def position(self, verdict: Verdict, measured: Measurement) -> str:
        """Where the interval lies, after "the effect, …,"."""
        below = f"lies below {self.margin:g}"
        if verdict == "inconclusive":
            outside = measured.ci_low > 0 or measured.ci_high < 0
            return NOT_SIGNIFICANT if outside else f"leaves open on which side of {self.margin:g} it lies"
        return {
            "supported": f"lies at or above {self.margin:g}" if self.margin else "lies above 0",
            "qualified": f"is above 0, but its interval reaches below {self.margin:g}",
            "contradicted": below,
        }[verdict]

    def __str__(self) -> str:
        if not self.margin:
            return (
                f"supported if Holm-adjusted p < {ALPHA:g} and the 95 % interval lies above 0; contradicted if "
                f"adjusted p < {ALPHA:g} and it lies below 0; else inconclusive"
            )
        return (
            f"supported if Holm-adjusted p < {ALPHA:g} and the 95 % interval lies at or above {self.margin:g}; "
            "qualified if it is above 0 but reaches below that; contradicted if it lies below the margin without being "
            "significantly above 0; else inconclusive. p is not of the margin (but of an effect of 0, unless the test "
            "says otherwise), so the margin and a contradiction rest on the interval, which is not adjusted"
        )


@dataclass(frozen=True)
class Within:
    """Equivalence: the effect lies between `low` and `high` (two one-sided tests; one where `low` is −∞).

    supported: the 90 % interval lies inside, significant after Holm. contradicted: it lies outside, which is not
    adjusted: p is of the hypothesis that it lies there. Else inconclusive.
    """

    kind = "within"
    low: float
    high: float

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if p_adjusted < ALPHA and self.low < measured.ci_low and measured.ci_high < self.high:
            return "supported"
        if measured.ci_low > self.high or measured.ci_high < self.low:
            return "contradicted"
        return "inconclusive"

    def position(self, verdict: Verdict, measured: Measurement) -> str:
        """Where the interval lies, after "the effect, …,"."""
        if verdict == "inconclusive":
            inside = self.low < measured.ci_low and measured.ci_high < self.high
            return NOT_SIGNIFICANT if inside else f"does not lie wholly {self._inside}, nor wholly outside"
        return f"lies {self._inside}" if verdict == "supported" else f"does not lie {self._inside}"

    @property
    def _inside(self) -> str:
        return f"below {self.high:g}" if math.isinf(self.low) else f"between {self.low:g} and {self.high:g}"

    def __str__(self) -> str:
        test = "one-sided t test's p" if math.isinf(self.low) else "TOST p"
        return (
            f"supported if Holm-adjusted {test} < {ALPHA:g}: the 90 % interval lies {self._inside}; contradicted if it "
            "lies outside, which is not adjusted; else inconclusive"
        )


@dataclass(frozen=True)
class Identity:
    """Algebra: the largest error over all cases stays within rounding."""

    kind = "identity"
    tolerance: float

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        return "supported" if measured.effect <= self.tolerance else "contradicted"

    def position(self, verdict: Verdict, measured: Measurement) -> str:
        """Where the largest error lies, after "the effect, …,"."""
        return f"is {'at most' if verdict == 'supported' else 'above'} {self.tolerance:g}"

    def __str__(self) -> str:
        return f"supported if the largest error is at most {self.tolerance:g}; else contradicted"


@dataclass(frozen=True)
class InNearlyAll:
    """A statement about every run: it holds in a share of them whose interval lies at or above `share`.

    supported: it holds in all of them and the interval of the share lies at or above `share`. qualified: the interval
    does, but there are exceptions. contradicted: the interval lies below. Else inconclusive (too few runs).
    """

    kind = "nearly all"
    share: float = 0.95

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if measured.ci_high < self.share:
            return "contradicted"
        if measured.ci_low < self.share:
            return "inconclusive"
        return "supported" if measured.effect == 1 else "qualified"

    def position(self, verdict: Verdict, measured: Measurement) -> str:
        """Where the interval of the share lies, after "the effect, …,"."""
        return {
            "supported": f"lies at or above {self.share:g}, without an exception",
            "qualified": f"lies at or above {self.share:g}, but there are exceptions",
            "contradicted": f"lies below {self.share:g}",
            "inconclusive": f"leaves open on which side of {self.share:g} it lies",
        }[verdict]

    def __str__(self) -> str:
        bar = f"{100 * self.share:g} %"
        return (
            f"supported if it holds in every run and the 95 % interval of the share lies at or above {bar}; "
            f"qualified if there are exceptions; contradicted if the interval lies below {bar}; else inconclusive"
        )


Rule = AtLeast | Within | Identity | InNearlyAll


@dataclass(frozen=True)
class Claim:
    """A claim and how it is decided.

    Attributes:
        id: c01 … c34 (n01 … for negative controls).
        statement: in our own words.
        section: of the chapter.
        estimand: the quantity, its unit and over what it is taken.
        unit: of the effect, short, e.g. "squared error" or "accuracy".
        needs: the cells that must have been trained, in words.
        rule: turns the measurement into a verdict.
        evaluate: computes the measurement; raises `NotMeasured`.
        confirmatory: counted by Holm; identities and descriptive claims are not.
        figure: the name of the report's figure that shows it, or "".
        table: where its numbers come from, e.g. "runs".
        amended: what of statement, quantity or rule was changed after a first look at results, and why; or "".
    """

    id: str
    statement: str
    section: str
    estimand: str
    unit: str
    needs: str
    rule: Rule
    evaluate: Callable[[Tables, np.random.Generator], Measurement]
    confirmatory: bool = True
    figure: str = ""
    table: str = "runs"
    amended: str = ""


@dataclass(frozen=True)
class Judgement:
    """A claim with what was measured and the verdict."""

    claim: Claim
    measured: Measurement | None  # None: the study lacks the data
    p_adjusted: float
    verdict: Verdict
    reason: str  # why this verdict: the key numbers and the conditions that speak against the primary quantity


def judge(claim: Claim, measured: Measurement | str, p_adjusted: float) -> Judgement:
    """Apply a claim's rule; a text instead of a measurement says what the study lacks."""
    if isinstance(measured, str):
        return Judgement(claim, None, math.nan, "inconclusive", f"Not measured in this study: {measured}.")
    verdict = claim.rule.verdict(measured, p_adjusted if claim.confirmatory else measured.p_value)
    reason = f"The effect, {with_interval(measured)} {claim.unit}, {claim.rule.position(verdict, measured)}"
    of = {outcome: _listed(measured.conditions, outcome) for outcome in OUTCOME}
    if verdict in ("supported", "qualified") and of[None]:
        verdict, reason = "inconclusive", f"{reason}. But what decides was not tested: {of[None]}"
    elif verdict == "supported" and of[False]:
        verdict = "qualified"
    if of[False]:
        reason += f". {'But not' if verdict == 'qualified' else 'Fails as well'}: {of[False]}"
    if verdict == "contradicted" and of[True]:
        reason += f". Holds nevertheless: {of[True]}"
    return Judgement(claim, measured, p_adjusted, verdict, f"{reason}.")


def _listed(conditions: Sequence[Condition], outcome: bool | None) -> str:
    """The conditions with an outcome (numpy's booleans are equal to Python's but not the same)."""
    return "; ".join(condition.text for condition in conditions if condition.holds == outcome)
