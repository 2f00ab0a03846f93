"""Simple models generalise more easily: what they do on training images holds on new ones."""

from contextlib import suppress

from regularization.claims.kit import AtLeast, Claim, Differences, Evidence, Key, NotMeasured, each, network, paired

MORE = (2_000, 10_000)


def evaluate(evidence: Evidence, images: int = 500) -> Differences:
    for n in MORE:
        with suppress(NotMeasured):  # the study may have not so many images
            evidence.shown("larger_gap", larger_gap(evidence, n), images=n)
    for key in pair(images):
        values = [evidence.values(key, f"{part}_accuracy").mean() for part in ("train", "test")]
        evidence.number("accuracies", values[1], train=values[0], key=key)
    return larger_gap(evidence, images)


def pair(images: int) -> tuple[Key, Key]:
    return network(setting=f"samples_{images}"), network(setting=f"softmax_{images}", p="")


def larger_gap(evidence: Evidence, images: int) -> Differences:
    """The network's gap − softmax regression's, by seed."""
    gaps = [evidence.values(key, "train_accuracy") - evidence.values(key, "test_accuracy") for key in pair(images)]
    return paired(gaps[0] - gaps[1], "test_accuracy", pair(images))


CLAIM = Claim(__name__, AtLeast(), evaluate, variations=each(evaluate, images={f"images_{n}": n for n in MORE}))
