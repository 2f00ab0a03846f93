"""Dropout is easier to tune than weight decay."""

from collections.abc import Sequence

import pandas as pd

from regularization.analysis import tuning
from regularization.claims import measures
from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, NotMeasured, attempt, each, p_text

TRIES = 3
METHODS = ("weight_decay", "dropout")


def evaluate(evidence: Evidence) -> Differences:
    keys = {method: effective(evidence, method) for method in METHODS}
    note(evidence, keys, measures.PRIMARY, rate=False)
    for other in measures.OTHERS:
        conditions(evidence, keys, other, rate=False)
    conditions(evidence, {method: with_rates(evidence, method) for method in METHODS}, measures.PRIMARY, rate=True)
    return less(evidence, keys, measures.PRIMARY)


def varied(evidence: Evidence, measure: str) -> Differences:
    return less(evidence, {method: effective(evidence, method) for method in METHODS}, measure)


def conditions(evidence: Evidence, keys: dict[str, list[Key]], measure: str, rate: bool) -> None:
    """Note whether dropout has the smaller regret by a measure."""
    gained = attempt(less, evidence, keys, measure)
    evidence.shown("smaller_regret", gained, measure=measure, rate=rate)
    if gained is not None:
        note(evidence, keys, measure, rate)


def note(evidence: Evidence, keys: dict[str, list[Key]], measure: str, rate: bool) -> None:
    for method, tried in keys.items():
        value = regret(evidence, tried, measure).mean()
        evidence.number("regret", value, method=method, measure=measure, rate=rate, tried=len(tried))


def less(evidence: Evidence, keys: dict[str, list[Key]], measure: str) -> pd.Series:
    """Regret of weight decay − of dropout, by seed."""
    return (regret(evidence, keys["weight_decay"], measure) - regret(evidence, keys["dropout"], measure)).dropna()


def regret(evidence: Evidence, keys: Sequence[Key], measure: str) -> pd.Series:
    """How much worse the best of three random tries ends than the best by mean, by seed."""
    if len(keys) < TRIES:
        raise NotMeasured("lacks_tries", tries=TRIES)
    by = measures.VALIDATION[measure]
    validation, test = (tuning.sign(name) * evidence.table_of(name, keys) for name in (by, measure))
    common = validation.index.intersection(test.index)
    expected = tuning.best_of(TRIES, validation.loc[common].to_numpy(), test.loc[common].to_numpy())
    return pd.Series(expected - test.loc[common, test.mean().idxmin()], index=common)


def effective(evidence: Evidence, method: str) -> list[Key]:
    """A method's cells at 500 images in its effective range, as many as are tried at least."""
    found = tuning.grid(evidence.tables.runs, "fashion_mnist", "samples_500", method)
    if found is None or found.effective.sum() < TRIES:
        raise NotMeasured("lacks_strengths", method=method)
    inside = found.strengths[found.effective]
    evidence.number("range", method=method, low=inside[0], high=inside[-1], cut=bool(inside[-1] == found.strengths[-1]))
    strengths = [(0.0, strength) if method == "dropout" else (strength, 0.0) for strength in inside]
    return [Key("fashion_mnist", "samples_500", method, lam, p_text((p, p))) for lam, p in strengths]


def with_rates(evidence: Evidence, method: str) -> list[Key]:
    """A method's cells at three learning rates, at the strengths that were trained at all of them."""
    runs = evidence.tables.runs
    there = runs[(runs["method"] == method) & runs["setting"].isin(measures.RATES)]
    n_rates = there.groupby(["lam", "p"])["setting"].nunique()
    strengths = n_rates[n_rates == len(measures.RATES)].index
    return [Key("fashion_mnist", rate, method, float(lam), str(p)) for rate in measures.RATES for lam, p in strengths]


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(varied, measure=measures.OTHERS))
