"""What a claim is: a statement of the chapter, the quantity that decides it, and a rule fixed before looking.

A claim's file states all of that and computes the quantity; the verdict follows from the numbers by the rule alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from regularization.statistics import Contrast, Equivalence
from regularization.tables import Tables

Verdict = Literal["supported", "qualified", "contradicted", "inconclusive"]
VERDICTS: tuple[Verdict, ...] = ("supported", "qualified", "contradicted", "inconclusive")
ALPHA = 0.05


class NotMeasured(Exception):
    """The study lacks the runs a claim needs; the message says which."""


@dataclass(frozen=True)
class Condition:
    """Something else the statement says, checked beside the primary quantity; if it fails the claim is qualified."""

    text: str
    holds: bool


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


@dataclass(frozen=True)
class AtLeast:
    """The effect is at least `margin` > 0 (or, with margin 0, positive), in the direction that the claim says.

    supported: significant and the interval lies at or above the margin. qualified: significant and positive, but the
    interval reaches below the margin. contradicted: the interval lies below 0, or below the margin without being
    significantly positive. inconclusive: anything else.
    """

    margin: float = 0.0

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        significant = p_adjusted < ALPHA and measured.ci_low > 0
        if significant:
            return "supported" if measured.ci_low >= self.margin else "qualified"
        if measured.ci_high < 0 or measured.ci_high < self.margin:
            return "contradicted"
        return "inconclusive"

    def __str__(self) -> str:
        bar = f"at or above {self.margin:g}" if self.margin else "above 0"
        lower = f" or below {self.margin:g} without being significantly above 0" if self.margin else ""
        text = f"supported if Holm-adjusted p < {ALPHA:g} and the 95 % interval lies {bar}"
        if self.margin:
            text += "; qualified if it is above 0 but reaches below that"
        return f"{text}; contradicted if it lies below 0{lower}; else inconclusive"


@dataclass(frozen=True)
class Within:
    """Equivalence: the effect lies between `low` and `high` (two one-sided tests).

    supported: the 90 % interval lies inside, significant after Holm. contradicted: it lies outside. Else inconclusive.
    """

    low: float
    high: float

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if p_adjusted < ALPHA and self.low < measured.ci_low and measured.ci_high < self.high:
            return "supported"
        if measured.ci_low > self.high or measured.ci_high < self.low:
            return "contradicted"
        return "inconclusive"

    def __str__(self) -> str:
        return (
            f"supported if Holm-adjusted TOST p < {ALPHA:g}: the 90 % interval lies between {self.low:g} and "
            f"{self.high:g}; contradicted if it lies outside; else inconclusive"
        )


@dataclass(frozen=True)
class Identity:
    """Algebra: the largest error over all cases stays within rounding."""

    tolerance: float

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        return "supported" if measured.effect <= self.tolerance else "contradicted"

    def __str__(self) -> str:
        return f"supported if the largest error is at most {self.tolerance:g}; else contradicted"


@dataclass(frozen=True)
class InNearlyAll:
    """A statement about every run: it holds in a share of them whose interval lies at or above `share`.

    supported: it holds in all of them and the interval of the share lies at or above `share`. qualified: the interval
    does, but there are exceptions. contradicted: the interval lies below. Else inconclusive (too few runs).
    """

    share: float = 0.95

    def verdict(self, measured: Measurement, p_adjusted: float) -> Verdict:
        if measured.ci_high < self.share:
            return "contradicted"
        if measured.ci_low < self.share:
            return "inconclusive"
        return "supported" if measured.effect == 1 else "qualified"

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


@dataclass(frozen=True)
class Judgement:
    """A claim with what was measured and the verdict."""

    claim: Claim
    measured: Measurement | None  # None: the study lacks the data
    p_adjusted: float
    verdict: Verdict
    reason: str  # why this verdict, one sentence


def judge(claim: Claim, measured: Measurement | str, p_adjusted: float) -> Judgement:
    """Apply a claim's rule; a text instead of a measurement says what the study lacks."""
    if isinstance(measured, str):
        return Judgement(claim, None, math.nan, "inconclusive", f"Not measured in this study: {measured}.")
    verdict = claim.rule.verdict(measured, p_adjusted if claim.confirmatory else measured.p_value)
    failed = [condition.text for condition in measured.conditions if not condition.holds]
    reason = {
        "supported": "The rule's condition holds.",
        "qualified": "It holds in part.",
        "contradicted": "The rule's condition fails.",
        "inconclusive": "The data cannot decide.",
    }[verdict]
    if verdict == "supported" and failed:
        verdict, reason = "qualified", "The primary quantity agrees, but not: " + "; ".join(failed) + "."
    return Judgement(claim, measured, p_adjusted, verdict, reason)
