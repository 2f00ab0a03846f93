"""The study's statistics: intervals and tests of paired differences, thin over scipy and statsmodels.

Seeds are common random numbers, so the unit is always the difference of two runs with the same seed. Seeds do not
cover the draw of test items: a statement about the population of items needs `two_way_interval`. `ValueError` is raised
where there are no values, where some are not finite, and for a level that is not between 0 and 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

ALPHA = 0.05
BCA_FROM = 20  # pairs: the bootstrap of fewer has too few distinct values in its tails
EXACT_UP_TO = 16  # pairs: 2¹⁶ sign patterns are quickly enumerated
BOOTSTRAP_RESAMPLES = 9_999
ROUNDING = 1e-9  # relative: differences of rounded numbers that are this close are equal
BLOCK = 2**21  # numbers held at once while resampling, 16 MiB
Interval: TypeAlias = Literal["t", "bootstrap", "sign_flip"]


@dataclass(frozen=True)
class Contrast:
    """A paired (or one-sample) effect A − B with its uncertainty, in the units of the differences."""

    effect: float  # mean of the differences
    ci_low: float  # confidence interval of the mean; NaN for one pair
    ci_high: float
    n: int  # pairs
    p_value: float  # two-sided, of the sign-flip permutation test; of an equivalence the larger of the two one-sided p
    test: str = ""  # the test and the interval in words; empty for an equivalence
    d_z: float = math.nan  # mean/standard deviation (Cohen 1988); without spread ±inf, or NaN where the mean is 0
    p_superiority: float = math.nan  # P(A > B), the share of pairs with a difference above 0; ties count half


def paired_contrast(
    differences: ArrayLike, *, rng: np.random.Generator, level: float = 0.95, kind: Interval | None = None
) -> Contrast:
    """Return the mean difference with its interval, effect sizes and sign-flip p.

    The differences are A − B by pair, shape (pairs,). The interval is Student's t below 20 pairs and the BCa bootstrap
    (Efron 1987) from 20, or of the kind that is asked for; it is the mean itself where all differences are equal. `rng`
    is of the bootstrap and of the sign flips beyond 16 pairs.
    """
    d = _finite(differences)
    n, mean, constant = len(d), float(d.mean()), _constant(d)
    low, high, interval = mean_interval(d, rng=rng, level=level, kind=kind)
    if n == 1 or (constant and mean == 0):
        d_z = math.nan
    else:
        d_z = math.copysign(math.inf, mean) if constant else mean / float(d.std(ddof=1))
    p_superiority, p_value = float(np.mean((np.sign(d) + 1) / 2)), sign_flip_p(d, rng=rng)
    test = f"{'exact' if n <= EXACT_UP_TO else 'Monte Carlo'} sign-flip permutation, {interval}"
    return Contrast(mean, low, high, n, p_value, test, d_z, p_superiority)


def median_contrast(differences: ArrayLike, *, level: float = 0.95) -> Contrast:
    """Return the median difference with its distribution-free interval and the p of the sign test.

    The interval goes from one order statistic to another (Thompson 1936); its ends are infinite where there are too few
    pairs for the level. There is no d_z. The differences are A − B by pair, shape (pairs,).
    """
    d = np.sort(_finite(differences))
    n, above, below = len(d), int((d > 0).sum()), int((d < 0).sum())
    cut = int(stats.binom.ppf((1 - _level(level)) / 2, n, 0.5))
    low, high = (float(d[cut - 1]), float(d[n - cut])) if cut else (-math.inf, math.inf)
    p_value = float(stats.binomtest(above, above + below).pvalue) if above + below else 1.0
    test, superior = "sign test, interval of the median", float(np.mean((np.sign(d) + 1) / 2))
    return Contrast(float(np.median(d)), low, high, n, p_value, test, p_superiority=superior)


def mean_interval(
    differences: ArrayLike, *, rng: np.random.Generator, level: float = 0.95, kind: Interval | None = None
) -> tuple[float, float, str]:
    """Return the interval of `paired_contrast` alone, from the same arguments: (low, high, its name)."""
    d, level = _finite(differences), _level(level)
    if len(d) == 1:
        return math.nan, math.nan, "no interval (one pair)"
    if _constant(d):
        return float(d.mean()), float(d.mean()), "all differences equal"
    if kind == "sign_flip":
        low, high = np.quantile(_subset_means(d, rng), [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high), "sign-flip interval"
    if (kind or ("t" if len(d) < BCA_FROM else "bootstrap")) == "t":
        low, high = DescrStatsW(d).tconfint_mean(alpha=1 - level)
        return float(low), float(high), "paired t interval"
    resampling = {"n_resamples": BOOTSTRAP_RESAMPLES, "batch": max(1, BLOCK // len(d)), "rng": rng}
    low, high = stats.bootstrap((d,), np.mean, confidence_level=level, method="BCa", **resampling).confidence_interval
    return float(low), float(high), "BCa bootstrap interval"


def sign_flip_p(differences: ArrayLike, *, rng: np.random.Generator, n_resamples: int = 2**EXACT_UP_TO) -> float:
    """Return the two-sided p of a mean of 0 under random signs of the differences, shape (pairs,) (Fisher 1935).

    Exact where n_resamples covers all 2ⁿ sign patterns, otherwise Monte Carlo with (b+1)/(m+1) (Phipson & Smyth 2010).
    No p is below 2/2ⁿ.
    """
    d = _finite(differences)
    n = len(d)
    exact = n < n_resamples.bit_length()  # 2ⁿ ≤ n_resamples
    if exact:
        means = (1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)) @ d / n
    else:
        block = max(1, BLOCK // n)
        sizes = [min(block, n_resamples - start) for start in range(0, n_resamples, block)]
        turned = [rng.integers(2, size=(size, n), dtype=np.int8).astype(float) @ d for size in sizes]
        means = (d.sum() - 2 * np.concatenate(turned)) / n  # Σ ±d = Σ d − 2 Σ of those turned
    # Accuracies move in steps, so means tie often, up to the rounding of their subtraction.
    at_least = int(np.count_nonzero(np.abs(means) >= abs(d.mean()) - ROUNDING * np.abs(d).mean()))
    return at_least / len(means) if exact else (at_least + 1) / (len(means) + 1)


def _subset_means(d: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Means of all non-empty subsets, or of random ones: their quantiles invert the sign-flip test (Hartigan 1969)."""
    n = len(d)
    if n <= EXACT_UP_TO:
        chosen = np.arange(1, 2**n)[:, None] >> np.arange(n) & 1
    else:
        chosen = rng.integers(2, size=(BOOTSTRAP_RESAMPLES, n), dtype=np.int8)
    means: np.ndarray = chosen @ d / np.maximum(chosen.sum(axis=1), 1)
    return means


def equivalence(differences: ArrayLike, *, low: float, high: float, level: float = 0.95) -> Contrast:
    """Test whether a mean difference lies between margins at α = 1 − level: two one-sided t tests (Schuirmann 1987).

    The differences are A − B by pair, shape (pairs,); a lower margin of −inf leaves a one-sided test. The interval, at
    level 1 − 2α, lies between the margins exactly when p < α. Differences without spread are certain: p is 0 between
    the margins and 1 elsewhere. `ValueError` unless low is below high.
    """
    d, alpha = _finite(differences), 1 - _level(level)
    if not low < high:
        raise ValueError(f"the lower margin must be below the upper one, not {low} and {high}")
    mean = float(d.mean())
    if len(d) == 1:
        ci_low, ci_high, p = math.nan, math.nan, math.nan
    elif _constant(d):
        ci_low, ci_high, p = mean, mean, 0.0 if low < mean < high else 1.0
    else:
        described = DescrStatsW(d)
        ci_low, ci_high = described.tconfint_mean(alpha=2 * alpha)
        p = described.ttost_mean(low, high)[0]
    return Contrast(mean, float(ci_low), float(ci_high), len(d), float(p))


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return Holm's (1979) adjusted p values, (tests,); NaN is no test and stays. `ValueError` unless in [0, 1]."""
    p = np.asarray(p_values, dtype=float)
    tested = ~np.isnan(p)
    if ((p[tested] < 0) | (p[tested] > 1)).any():
        raise ValueError(f"p values lie between 0 and 1, not {p[(p < 0) | (p > 1)].tolist()}")
    adjusted = np.full(p.shape, np.nan)
    if tested.any():
        order = np.argsort(p[tested], kind="stable")
        stepped = np.maximum.accumulate(p[tested][order] * np.arange(len(order), 0, -1)).clip(max=1)
        adjusted[np.flatnonzero(tested)[order]] = stepped
    return adjusted


def proportion_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's (1927) score interval of a proportion; raises `ValueError` if not 0 ≤ successes ≤ n with n ≥ 1.

    Its coverage is near the level on average over proportions, also for few trials (Brown, Cai & DasGupta 2001).
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes} successes of {n} trials is not a proportion")
    low, high = proportion_confint(successes, n, alpha=1 - _level(level), method="wilson")
    # Exact at the ends, where rounding leaves 1e-18.
    return (0.0 if successes == 0 else float(low)), (1.0 if successes == n else float(high))


def two_way_interval(values: ArrayLike, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return the mean and its interval when seeds and items are both a sample: (mean, low, high).

    Values are differences A − B, shape (seeds, items); with a single seed or item the bounds are NaN. The variances of
    the mean over seeds and over items are added, which counts their interaction twice and so errs on the long side; t
    with Satterthwaite's degrees of freedom.
    """
    v, level = _finite(values, "(seeds, n)", 2), _level(level)
    mean = float(v.mean())
    if min(v.shape) == 1:
        return mean, math.nan, math.nan
    parts = [v.mean(axis=1 - axis).var(ddof=1) / v.shape[axis] for axis in (0, 1)]
    if sum(parts) == 0:
        return mean, mean, mean
    freedom = sum(parts) ** 2 / sum(part**2 / (n - 1) for part, n in zip(parts, v.shape, strict=True))
    half = float(stats.t.isf((1 - level) / 2, freedom)) * math.sqrt(sum(parts))
    return mean, mean - half, mean + half


def jackknife(estimates_leave_one_out: ArrayLike) -> float:
    """Return the delete-one jackknife's standard error, √((R−1)/R · Σ(θ_r − θ̄)²) (Tukey 1958).

    The estimates, without replicate r, are (R,); `ValueError` if they are fewer than two.
    """
    without = _finite(estimates_leave_one_out)
    if len(without) < 2:
        raise ValueError("the jackknife needs at least 2 replicates, not 1")
    return math.sqrt(len(without) - 1) * float(without.std())


def _constant(values: np.ndarray) -> bool:
    """Whether all are equal, up to rounding (and to 1e-150, whose square is not a number any more)."""
    return bool(np.ptp(values) <= max(ROUNDING * np.abs(values).max(), 1e-150))


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level}")
    return level


def _finite(values: ArrayLike, form: str = "(n,)", dimensions: int = 1) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != dimensions or array.size == 0:
        raise ValueError(f"expected values of shape {form} and at least one of them, not shape {array.shape}")
    if bad := int((~np.isfinite(array)).sum()):
        raise ValueError(f"{bad} of {array.size} values are not finite; leave such pairs out and count them")
    return array
