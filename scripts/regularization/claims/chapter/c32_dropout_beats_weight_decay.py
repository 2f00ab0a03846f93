"""Dropout beats weight decay, each at the strength that validation data choose.

Cross-entropy is primary, at strengths chosen on validation loss. Accuracy is a condition twice: at the same strengths,
and at those that validation accuracy chooses, for whoever cares about accuracy would choose by it. A strength chosen at
the edge of those tried may not be the best there is: a condition too. Seeds do not cover the draw of test images: for
the population of images both are compared by a bootstrap over seeds × images, where predictions were kept.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from regularization.analysis.statistics import mean_interval, two_way_bootstrap
from regularization.analysis.tables import Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.naming import Key


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    decay, dropout = (evidence.chosen(tables, "samples_500", name) for name in ("weight_decay", "dropout"))
    accuracy = evidence.differences(tables, dropout, decay, "test_accuracy")
    conditions = [
        Condition("test accuracy is higher too", mean_interval(accuracy, rng=rng)[0] > 0),
        *evidence.at_the_edge(tables, decay, "weight decay"),
        *evidence.at_the_edge(tables, dropout, "dropout"),
    ]
    numbers: dict[str, float | str] = {
        "chosen on validation loss": f"λ = {decay.lam:g}, p = {dropout.p}",
        "accuracy, dropout − weight decay": float(accuracy.mean()),
    }
    with suppress(NotMeasured):
        decay_, dropout_ = (
            evidence.chosen(tables, "samples_500", name, "validation_accuracy") for name in ("weight_decay", "dropout")
        )
        gain = evidence.differences(tables, dropout_, decay_, "test_accuracy")
        low, high, _ = mean_interval(gain, rng=rng)
        numbers["chosen on validation accuracy"] = f"λ = {decay_.lam:g}, p = {dropout_.p}"
        numbers["accuracy, each chosen on validation accuracy"] = f"{gain.mean():.4f} [{low:.4f}, {high:.4f}]"
        text = (
            f"test accuracy is higher, each tuned on validation accuracy (by {gain.mean():.4f} [{low:.4f}, {high:.4f}])"
        )
        conditions.append(Condition(text, low > 0))
    try:
        for name, by_item in zip(("cross-entropy", "accuracy"), gains(tables, decay, dropout), strict=True):
            mean, low, high = two_way_bootstrap(by_item, rng=rng)
            numbers[f"{name} gained, interval over seeds and images"] = f"{mean:.4f} [{low:.4f}, {high:.4f}]"
            conditions.append(Condition(f"{name}: also over the population of images", low > 0))
    except NotMeasured:
        numbers["over the population of images"] = "no predictions kept"
    return evidence.contrast(evidence.differences(tables, decay, dropout, "test_loss"), rng, conditions, numbers)


def gains(tables: Tables, decay: Key, dropout: Key) -> tuple[np.ndarray, np.ndarray]:
    """What dropout gains in cross-entropy and in accuracy over weight decay, each (common seeds, images)."""
    labels = tables.labels.sort_values("item")["label"].to_numpy() if len(tables.labels) else np.zeros(0, dtype=int)
    scores = []
    for key in (decay, dropout):
        p, pairs = evidence.probabilities(tables, key)
        if len(labels) != p.shape[1]:
            raise NotMeasured("the labels of the test images")
        of_label = np.maximum(
            p[:, np.arange(len(labels)), labels], np.finfo(np.float32).tiny
        )  # the rest is rounded off
        scores.append((pairs, -np.log(of_label, dtype=float), p.argmax(axis=2) == labels))
    common = sorted(set(scores[0][0]) & set(scores[1][0]))
    rows = [[pairs.index(pair) for pair in common] for pairs, _, _ in scores]
    (loss_a, hit_a), (loss_b, hit_b) = ((loss[r], hit[r].astype(float)) for (_, loss, hit), r in zip(scores, rows))
    return loss_a - loss_b, hit_b - hit_a


CLAIM = Claim(
    id="c32",
    statement="Dropout works better than weight decay.",
    section="Dropout",
    estimand="test cross-entropy, weight decay − dropout, each tuned on validation data, 500 images",
    unit="nats",
    needs="fashion_mnist: samples_500, weight_decay and dropout",
    rule=AtLeast(),
    evaluate=evaluate,
    figure="dropout-grid",
    table="runs, predictions_fashion_mnist",
    amended="What choosing on validation accuracy gives was told as a number; it became a condition.",
)
