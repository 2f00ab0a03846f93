"""Dropout beats weight decay, each at the strength that validation data choose.

Cross-entropy is primary, at strengths chosen on validation loss. Accuracy is a condition twice: at the same strengths,
and at those that validation accuracy chooses, for whoever cares about accuracy would choose by it. A strength chosen at
the edge of those tried may not be the best there is: a condition too. Seeds do not cover the draw of test images: for
the population of images both are compared by a bootstrap over seeds × images, where predictions were kept.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.statistics import two_way_bootstrap
from regularization.analysis.tables import Estimate
from regularization.claims.claim import AtLeast, Claim, Measurement, NotMeasured
from regularization.claims.evidence import Evidence
from regularization.naming import Key


def evaluate(evidence: Evidence) -> Measurement:
    decay, dropout = (evidence.chosen("samples_500", name) for name in ("weight_decay", "dropout"))
    accuracy = evidence.differences(dropout, decay, "test_accuracy")
    evidence.condition("accuracy_higher", evidence.lowest(accuracy) > 0)
    for key in (decay, dropout):
        evidence.check_the_edge(key)
    evidence.number("chosen", lam=decay.lam, p=dropout.p)
    evidence.number("accuracy", accuracy.mean())
    with suppress(NotMeasured):
        decay_, dropout_ = (
            evidence.chosen("samples_500", name, "validation_accuracy") for name in ("weight_decay", "dropout")
        )
        gain = evidence.mean(evidence.differences(dropout_, decay_, "test_accuracy"))
        evidence.number("chosen_on_accuracy", lam=decay_.lam, p=dropout_.p)
        evidence.number("accuracy_tuned", gain)
        evidence.condition("tuned_accuracy_higher", gain.low > 0, gain=gain)
    try:
        for score, by_item in zip(("cross-entropy", "accuracy"), gains(evidence, decay, dropout), strict=True):
            over_images = Estimate(*two_way_bootstrap(by_item, rng=evidence.rng), len(by_item))
            evidence.number("over_images", over_images, score=score)
            evidence.condition("other_images", over_images.low > 0, score=score)
    except NotMeasured:
        evidence.number("no_predictions")
    return evidence.contrast(evidence.differences(decay, dropout, "test_loss"))


def gains(evidence: Evidence, decay: Key, dropout: Key) -> tuple[np.ndarray, np.ndarray]:
    """What dropout gains in cross-entropy and in accuracy over weight decay, each (common seeds, images)."""
    table = evidence.tables.labels
    labels = table.sort_values("item")["label"].to_numpy() if len(table) else np.zeros(0, dtype=int)
    scores = []
    for key in (decay, dropout):
        p, pairs = evidence.probabilities(key)
        if len(labels) != p.shape[1]:
            raise NotMeasured("lacks_labels")
        of_label = p[:, np.arange(len(labels)), labels].clip(np.finfo(np.float32).tiny)  # the rest is rounded off
        scores.append((pairs, -np.log(of_label, dtype=float), p.argmax(axis=2) == labels))
    common = sorted(set(scores[0][0]) & set(scores[1][0]))
    rows = [[pairs.index(pair) for pair in common] for pairs, _, _ in scores]
    (loss_a, hit_a), (loss_b, hit_b) = ((loss[r], hit[r].astype(float)) for (_, loss, hit), r in zip(scores, rows))
    return loss_a - loss_b, hit_b - hit_a


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="dropout-grid", table="runs, predictions_fashion_mnist")
