"""A network can overfit even with many more samples than features.

Labels are replaced by random ones, so that nothing can be learnt: whatever is fitted is overfitted (Zhang et al. 2017).
The margin: half of all labels. "Many more" is at least five samples a feature. A study with fewer does not test what
the statement says of many more, so there the claim is inconclusive, unless random labels are not fitted even there.
Where a study has that many images with their true labels, training accuracy has to lie 5 points above test accuracy
there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from regularization.analysis.statistics import mean_interval
from regularization.analysis.tables import MANY, Tables
from regularization.claims import evidence
from regularization.claims.claim import AtLeast, Claim, Condition, Measurement, NotMeasured
from regularization.naming import Key
from regularization.system.fashion_mnist import N_PIXELS


def evaluate(tables: Tables, rng: np.random.Generator) -> Measurement:
    networks = tables.settings[(tables.settings["experiment"] == "fashion_mnist") & (tables.settings["hidden"] != "")]
    key, per_feature = largest(tables, networks[networks["random_labels"] == 1], "whose training labels are all random")
    train, test = accuracies(tables, key)
    conditions = [
        Condition("every run fits at least 99 % of the random labels", bool((train >= 0.99).all())),
        Condition(many_words(per_feature), True if per_feature >= MANY else None),
    ]
    numbers: dict[str, float | str] = {
        "training accuracy": train.mean(),
        "test accuracy": test.mean(),
        "samples a feature": per_feature,
    }
    decaying = networks[(networks["random_labels"] == 0) & (networks["schedule"] == "cosine")]
    try:
        true_key, true_per_feature = largest(tables, decaying[decaying["images"] == "blocks"], "with true labels")
        if true_per_feature >= MANY:
            true_train, true_test = accuracies(tables, true_key)
            low, _, _ = mean_interval(true_train - true_test, rng=rng)
            words = f"with true labels and {true_per_feature:.3g} samples a feature"
            conditions.append(Condition(f"{words} training is 5 points above test accuracy", low >= 0.05))
            numbers[f"training, test accuracy {words}"] = f"{true_train.mean():.4f}, {true_test.mean():.4f}"
    except NotMeasured:
        pass
    return evidence.contrast(train - test, rng, conditions, numbers)


def many_words(per_feature: float) -> str:
    """The condition, and what the study has instead."""
    words = "there are at least five samples a feature"
    return words if per_feature >= MANY else f"{words} (here {per_feature:.2g}; the preset full.yaml reaches them)"


def largest(tables: Tables, settings: pd.DataFrame, words: str) -> tuple[Key, float]:
    """The baseline with the most training images among the settings that were run, and its samples a feature."""
    settings = settings[settings["setting"].isin(tables.studied("fashion_mnist"))]
    if settings.empty:
        raise NotMeasured(f"a setting {words}")
    setting = settings.loc[settings["n_train"].idxmax()]
    return evidence.network(setting=str(setting["setting"])), float(setting["n_train"]) / N_PIXELS


def accuracies(tables: Tables, key: Key) -> tuple[pd.Series, pd.Series]:
    """Training and test accuracy, by seed."""
    return evidence.values(tables, key, "train_accuracy"), evidence.values(tables, key, "test_accuracy")


CLAIM = Claim(
    id="c18",
    statement="A network can overfit even with many more samples than features.",
    section="Overfitting",
    estimand="training − test accuracy after training on random labels",
    unit="accuracy",
    needs="fashion_mnist: a setting with random_labels 1, method none",
    rule=AtLeast(0.5),
    evaluate=evaluate,
    figure="random-labels",
    table="runs, settings",
    amended="That there are five samples a feature was a condition which, when it failed, qualified the claim. A "
    "study that does not reach them does not test the claim: now it is inconclusive there. So it was in the study at "
    "first, with 2,000 images; then the images were made as many as the rule asks for.",
)
