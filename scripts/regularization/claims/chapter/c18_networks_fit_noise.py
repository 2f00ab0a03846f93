"""A network can overfit even with many more samples than features."""

from contextlib import suppress

import pandas as pd

from regularization.claims.kit import MANY, AtLeast, Claim, Differences, Evidence, Key, NotMeasured, network
from regularization.system.fashion_mnist import N_PIXELS


def evaluate(evidence: Evidence) -> Differences:
    settings = evidence.tables.settings
    networks = settings[(settings["experiment"] == "fashion_mnist") & (settings["hidden"] != "")]
    key, per_feature = largest(evidence, networks[networks["random_labels"] == 1], random=True)
    train, test = accuracies(evidence, key)
    evidence.condition("fitted", (train >= 0.99).all())
    evidence.condition(
        "many_samples", "holds" if per_feature >= MANY else "not tested", per_feature=per_feature, many=MANY
    )
    evidence.number("train_accuracy", train.mean())
    evidence.number("test_accuracy", test.mean())
    evidence.number("samples_a_feature", per_feature)
    decaying = networks[(networks["random_labels"] == 0) & (networks["schedule"] == "cosine")]
    with suppress(NotMeasured):
        true_key, per_feature = largest(evidence, decaying[decaying["images"] == "blocks"], random=False)
        if per_feature >= MANY:
            true_train, true_test = accuracies(evidence, true_key)
            low = evidence.mean(true_train - true_test).low
            evidence.condition("true_labels", low >= 0.05, per_feature=per_feature)
            train_mean, test_mean = true_train.mean(), true_test.mean()
            evidence.number("true_label_accuracy", per_feature=per_feature, train=train_mean, test=test_mean)
    return train - test


def largest(evidence: Evidence, settings: pd.DataFrame, random: bool) -> tuple[Key, float]:
    """The baseline with the most training images among the settings that were run, and its samples a feature."""
    settings = settings[settings["setting"].isin(evidence.tables.studied("fashion_mnist"))]
    if settings.empty:
        raise NotMeasured("lacks_setting", random=random)
    setting = settings.loc[settings["n_train"].idxmax()]
    return network(setting=str(setting["setting"])), float(setting["n_train"]) / N_PIXELS


def accuracies(evidence: Evidence, key: Key) -> tuple[pd.Series, pd.Series]:
    """Training and test accuracy, by seed."""
    return evidence.values(key, "train_accuracy"), evidence.values(key, "test_accuracy")


CLAIM = Claim(__name__, AtLeast(0.5), evaluate)
