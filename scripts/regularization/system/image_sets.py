"""The image sets that networks can be trained on: Fashion-MNIST, the chapter's, and others of its format.

A set is four files in the IDX format: at least 60,000 training and 10,000 test images of 28 × 28 pixels, the first of
which are taken, and their labels from 0 to 9. Those of `PUBLISHED` can be downloaded; any other needs a folder.
"""

import json

FASHION_MNIST = "Fashion-MNIST"
# By name, torchvision's class and its arguments.
PUBLISHED = {
    FASHION_MNIST: ("FashionMNIST",),
    "MNIST": ("MNIST",),
    "KMNIST": ("KMNIST",),
    "EMNIST digits": ("EMNIST", "digits"),
}


def classes(name: str) -> tuple[str, ...]:
    """What the labels 0 to 9 stand for; in a set that is not known, for themselves."""
    from regularization.system.fashion_mnist import CLASSES  # here: the configuration needs no NumPy

    if name == "KMNIST":
        return ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    return CLASSES if name == FASHION_MNIST else tuple("0123456789")


def named(configuration: str) -> str:
    """The name of the set in a resolved configuration as JSON, or in "", which is none."""
    given = json.loads(configuration) if configuration else {}
    return str(given.get("fashion_mnist", {}).get("name", FASHION_MNIST))
