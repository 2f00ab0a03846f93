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

from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence, linear, network
from regularization.naming import Key

LEFT = 0.1  # of the gap, for it to count as cured


def evaluate(evidence: Evidence) -> Measurement:
    few, many = gaps(evidence, linear, "risk", "train_loss", "textbook", "more_samples_500")
    evidence.number("gap_few", few.mean())
    evidence.number("gap_many", many.mean())
    evidence.condition("cured", cured(evidence, few, many))
    for check in (from_zero, of_a_network, detour):
        with suppress(NotMeasured):
            check(evidence)
    return evidence.contrast(few - many)


def gaps(evidence: Evidence, cell: Callable[..., Key], over: str, under: str, *settings: str) -> list[np.ndarray]:
    """A metric − another of the baseline in each setting, over the seeds common to all, shape (seeds,)."""
    keys = [cell(setting=setting) for setting in settings]
    found = (evidence.table_of(over, keys) - evidence.table_of(under, keys)).dropna()
    if len(found) < 2:
        raise NotMeasured("lacks_settings", settings=settings)
    return list(found.to_numpy().T)


def cured(evidence: Evidence, few: np.ndarray, many: np.ndarray) -> bool:
    """Whether less than a tenth of the mean gap is left, by the interval of the paired difference."""
    return evidence.lowest(LEFT * few - many) > 0


def from_zero(evidence: Evidence) -> None:
    """The same without initial weights and with ten times the noise."""
    few, many = gaps(evidence, linear, "risk", "train_loss", "samples_20", "samples_500")
    evidence.condition("cured_from_zero", cured(evidence, few, many))
    evidence.number("gap_from_zero", few.mean(), many=many.mean())


def of_a_network(evidence: Evidence) -> None:
    """Training − test accuracy of the network, paired by seed; with 10,000 images there are few seeds: a number."""
    metrics = "train_accuracy", "test_accuracy"
    few, many = gaps(evidence, network, *metrics, "samples_500", "samples_2000")
    evidence.condition("network_gap_falls", evidence.lowest(few - many) > 0)
    evidence.number("network_gap", few.mean(), many=many.mean())
    few, many = gaps(evidence, network, *metrics, "samples_500", "samples_10000")
    evidence.number("network_gap_10000", few.mean(), many=many.mean(), seeds=len(many))


def detour(evidence: Evidence) -> None:
    """Double descent: the risk of the minimum-norm fit on the way from n < d to n ≈ d."""
    keys = [linear("ridge", setting=setting) for setting in ("samples_100", "samples_200")]
    risk = evidence.table_of("risk", keys)
    evidence.condition("more_never_hurts", evidence.lowest(risk[0] - risk[1]) > 0)
    evidence.number("minimum_norm", risk[0].mean(), many=risk[1].mean())


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="weight-decay-more-samples")
