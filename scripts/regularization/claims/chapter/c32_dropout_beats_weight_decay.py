"""Dropout beats weight decay, each at the strength that validation data choose.

Cross-entropy is primary, at strengths chosen on validation loss. Accuracy is a condition twice: at the same strengths,
and at those that validation accuracy chooses, for whoever cares about accuracy would choose by it. A strength chosen at
the edge of those tried may not be the best there is: a condition too. Seeds do not cover the draw of test images: for
the population of images both are compared by a bootstrap over seeds × images, where predictions were kept.
"""

from contextlib import suppress

import numpy as np

from regularization.analysis.statistics import two_way_bootstrap
from regularization.analysis.tables import Estimate, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.naming import Key


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    decay, dropout = (evidence.chosen(tables, "samples_500", name) for name in ("weight_decay", "dropout"))
    accuracy, notes = evidence.differences(tables, dropout, decay, "test_accuracy"), Notes()
    notes.condition("accuracy_higher", evidence.lowest(accuracy, rng) > 0)
    for key in (decay, dropout):
        evidence.check_the_edge(tables, key, notes)
    notes.number("chosen", lam=decay.lam, p=dropout.p)
    notes.number("accuracy", accuracy.mean())
    with suppress(NotMeasured):
        decay_, dropout_ = (
            evidence.chosen(tables, "samples_500", name, "validation_accuracy") for name in ("weight_decay", "dropout")
        )
        gain = evidence.mean(evidence.differences(tables, dropout_, decay_, "test_accuracy"), rng)
        notes.number("chosen_on_accuracy", lam=decay_.lam, p=dropout_.p)
        notes.number("accuracy_tuned", gain)
        notes.condition("tuned_accuracy_higher", gain.low > 0, gain=gain)
    try:
        for score, by_item in zip(("cross-entropy", "accuracy"), gains(tables, decay, dropout), strict=True):
            over_images = Estimate(*two_way_bootstrap(by_item, rng=rng), len(by_item))
            notes.number("over_images", over_images, score=score)
            notes.condition("other_images", over_images.low > 0, score=score)
    except NotMeasured:
        notes.number("no_predictions")
    return evidence.contrast(evidence.differences(tables, decay, dropout, "test_loss"), rng, notes)


def gains(tables: Tables, decay: Key, dropout: Key) -> tuple[np.ndarray, np.ndarray]:
    """What dropout gains in cross-entropy and in accuracy over weight decay, each (common seeds, images)."""
    labels = tables.labels.sort_values("item")["label"].to_numpy() if len(tables.labels) else np.zeros(0, dtype=int)
    scores = []
    for key in (decay, dropout):
        p, pairs = evidence.probabilities(tables, key)
        if len(labels) != p.shape[1]:
            raise NotMeasured("lacks_labels")
        of_label = np.maximum(
            p[:, np.arange(len(labels)), labels], np.finfo(np.float32).tiny
        )  # the rest is rounded off
        scores.append((pairs, -np.log(of_label, dtype=float), p.argmax(axis=2) == labels))
    common = sorted(set(scores[0][0]) & set(scores[1][0]))
    rows = [[pairs.index(pair) for pair in common] for pairs, _, _ in scores]
    (loss_a, hit_a), (loss_b, hit_b) = ((loss[r], hit[r].astype(float)) for (_, loss, hit), r in zip(scores, rows))
    return loss_a - loss_b, hit_b - hit_a


CLAIM = Claim(__name__, AtLeast(), evaluate, figure="dropout-grid", table="runs, predictions_fashion_mnist")
