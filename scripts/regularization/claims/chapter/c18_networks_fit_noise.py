"""A network can overfit even with many more samples than features.

Labels are replaced by random ones, so that nothing can be learnt: whatever is fitted is overfitted (Zhang et al. 2017).
The margin: half of all labels. "Many more" is at least five samples a feature. A study with fewer does not test what
the statement says of many more, so there the claim is inconclusive, unless random labels are not fitted even there.
Where a study has that many images with their true labels, training accuracy has to lie 5 points above test accuracy
there.
"""

from contextlib import suppress

import numpy as np
import pandas as pd

from regularization.analysis.tables import MANY, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Measurement, Notes, NotMeasured
from regularization.naming import Key
from regularization.system.fashion_mnist import N_PIXELS


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    networks = tables.settings[(tables.settings["experiment"] == "fashion_mnist") & (tables.settings["hidden"] != "")]
    key, per_feature = largest(tables, networks[networks["random_labels"] == 1], random=True)
    (train, test), notes = accuracies(tables, key), Notes()
    notes.condition("fitted", (train >= 0.99).all())
    notes.condition("many_samples", True if per_feature >= MANY else None, per_feature=per_feature, many=MANY)
    notes.number("train_accuracy", train.mean())
    notes.number("test_accuracy", test.mean())
    notes.number("samples_a_feature", per_feature)
    decaying = networks[(networks["random_labels"] == 0) & (networks["schedule"] == "cosine")]
    with suppress(NotMeasured):
        true_key, per_feature = largest(tables, decaying[decaying["images"] == "blocks"], random=False)
        if per_feature >= MANY:
            true_train, true_test = accuracies(tables, true_key)
            low = evidence.lowest(true_train - true_test, rng)
            notes.condition("true_labels", low >= 0.05, per_feature=per_feature)
            means = true_train.mean(), true_test.mean()
            notes.number("true_label_accuracy", per_feature=per_feature, train=means[0], test=means[1])
    return evidence.contrast(train - test, rng, notes)


def largest(tables: Tables, settings: pd.DataFrame, random: bool) -> tuple[Key, float]:
    """The baseline with the most training images among the settings that were run, and its samples a feature."""
    settings = settings[settings["setting"].isin(tables.studied("fashion_mnist"))]
    if settings.empty:
        raise NotMeasured("lacks_setting", random=random)
    setting = settings.loc[settings["n_train"].idxmax()]
    return evidence.network(setting=str(setting["setting"])), float(setting["n_train"]) / N_PIXELS


def accuracies(tables: Tables, key: Key) -> tuple[pd.Series, pd.Series]:
    """Training and test accuracy, by seed."""
    return evidence.values(tables, key, "train_accuracy"), evidence.values(tables, key, "test_accuracy")


CLAIM = Claim(__name__, AtLeast(0.5), evaluate, figure="random-labels", table="runs, settings")
