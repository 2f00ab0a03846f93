"""Many features and few samples overfit; more samples cure it.

Gap: exact risk − training loss. Without regularization, 20 against 500 samples of 200 features, paired by seed. "Cure":
less than a tenth of the gap is left. In the textbook setting nearly all of the gap at 20 samples is initial weights
that the data cannot see; from zero weights and with σ = 0.1 it is signal not learnt and noise learnt, of which least
squares keeps about 2σ²d/n. On the way there the minimum-norm fit is at its worst at n ≈ d. Conditions are judged by
intervals over seeds; what only a few seeds show is a number.
"""

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.naming import Key

LEFT = 0.1  # of the gap, for it to count as cured


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    few, many = gaps(tables, evidence.linear, "risk", "train_loss", "textbook", "more_samples_500")
    notes = Notes()
    notes.number("gap_few", few.mean())
    notes.number("gap_many", many.mean())
    notes.condition("cured", cured(few, many, rng))
    for check in (from_zero, network, detour):
        with suppress(NotMeasured):
            check(tables, rng, notes)
    return evidence.contrast(few - many, rng, notes)


def gaps(tables: Tables, cell: Callable[..., Key], over: str, under: str, *settings: str) -> list[np.ndarray]:
    """A metric − another of the baseline in each setting, over the seeds common to all, shape (seeds,)."""
    keys = [cell(setting=setting) for setting in settings]
    found = (evidence.table_of(tables, over, keys) - evidence.table_of(tables, under, keys)).dropna()
    if len(found) < 2:
        raise NotMeasured("lacks_settings", settings=settings)
    return list(found.to_numpy().T)


def cured(few: np.ndarray, many: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether less than a tenth of the mean gap is left, by the interval of the paired difference."""
    return evidence.lowest(LEFT * few - many, rng) > 0


def from_zero(tables: Tables, rng: np.random.Generator, notes: Notes) -> None:
    """The same without initial weights and with ten times the noise."""
    few, many = gaps(tables, evidence.linear, "risk", "train_loss", "samples_20", "samples_500")
    notes.condition("cured_from_zero", cured(few, many, rng))
    notes.number("gap_from_zero", few.mean(), many=many.mean())


def network(tables: Tables, rng: np.random.Generator, notes: Notes) -> None:
    """Training − test accuracy of the network, paired by seed; with 10,000 images there are few seeds: a number."""
    metrics = "train_accuracy", "test_accuracy"
    few, many = gaps(tables, evidence.network, *metrics, "samples_500", "samples_2000")
    notes.condition("network_gap_falls", evidence.lowest(few - many, rng) > 0)
    notes.number("network_gap", few.mean(), many=many.mean())
    few, many = gaps(tables, evidence.network, *metrics, "samples_500", "samples_10000")
    notes.number("network_gap_10000", few.mean(), many=many.mean(), seeds=len(many))


def detour(tables: Tables, rng: np.random.Generator, notes: Notes) -> None:
    """Double descent: the risk of the minimum-norm fit on the way from n < d to n ≈ d."""
    keys = [evidence.linear("ridge", setting=setting) for setting in ("samples_100", "samples_200")]
    risk = evidence.table_of(tables, "risk", keys)
    notes.condition("more_never_hurts", evidence.lowest(risk[0] - risk[1], rng) > 0)
    notes.number("minimum_norm", risk[0].mean(), many=risk[1].mean())


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-more-samples")
