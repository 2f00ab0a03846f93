"""Null experiments: the labels of two cells swapped at random, run by run, so that nothing is left to find."""

import numpy as np
from scipy import stats

from regularization.analysis.intervals import t_quantile
from regularization.analysis.statistics import proportion_interval, sign_flip_null, sign_flip_share
from regularization.claims import evidence
from regularization.claims.claim import ALPHA, Measurement, Notes

N_SWAPS = 500
NOMINAL = ALPHA / 2  # one of the two directions of the test


def excess_support(differences: np.ndarray, rng: np.random.Generator) -> Measurement:
    """How much more often than the nominal rate swapped labels are called an effect.

    In each of `N_SWAPS` experiments the labels of every pair of runs are swapped or not; the rule of a claim without a
    margin is then applied as to a single claim: sign-flip p < 0.05 and the t interval above 0. The paired differences,
    shape (pairs,), are those before any swap; `rng` is also of the sign flips beyond 16 pairs.
    """
    swapped = np.stack([evidence.shuffled(differences, rng) for _ in range(N_SWAPS)])
    null = sign_flip_null(differences, rng=rng)  # which no swap changes
    p = np.array([sign_flip_share(null, one) for one in swapped])
    half = t_quantile(len(differences)) * stats.sem(swapped, axis=1)
    supported = int(((p < ALPHA) & (swapped.mean(axis=1) > half)).sum())
    low, high = proportion_interval(supported, N_SWAPS)
    notes = Notes()
    notes.number("supported_swaps", supported / N_SWAPS)
    notes.number("nominal_rate", NOMINAL)
    notes.number("pairs", len(differences))
    notes.number("mean_before", float(differences.mean()))
    p_value = float(stats.binomtest(supported, N_SWAPS, NOMINAL).pvalue)
    return Measurement(
        supported / N_SWAPS - NOMINAL, low - NOMINAL, high - NOMINAL, N_SWAPS, p_value=p_value, notes=notes
    )
