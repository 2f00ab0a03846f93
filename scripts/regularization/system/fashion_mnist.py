"""Fashion-MNIST as the study reads it: four memory-mapped arrays that `scripts/fetch_data.py` verified and wrote.

Source: Xiao, Rasul & Vollgraf 2017, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
algorithms".
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

N_TRAIN = 60_000
N_TEST = 10_000
N_PIXELS = 28 * 28
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@dataclass(frozen=True)
class Images:
    """The data set, all uint8: pixels from 0 to 255, labels from 0 to 9 (positions in `CLASSES`)."""

    train_images: np.ndarray  # (60000, 784)
    train_labels: np.ndarray  # (60000,)
    test_images: np.ndarray  # (10000, 784)
    test_labels: np.ndarray  # (10000,)


SHAPES = {
    "train_images": (N_TRAIN, N_PIXELS),
    "train_labels": (N_TRAIN,),
    "test_images": (N_TEST, N_PIXELS),
    "test_labels": (N_TEST,),
}


def load(folder: Path) -> Images:
    """Memory-map the arrays of a folder; `FileNotFoundError` without one, `ValueError` for another shape or type."""
    arrays = {}
    for field in fields(Images):
        path = folder / f"{field.name}.npy"
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: fetch the data with scripts/fetch_data.py --output {folder}")
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.shape != SHAPES[field.name] or array.dtype != np.uint8:
            found = f"shape {array.shape} and type {array.dtype}"
            raise ValueError(
                f"{path} has {found}, expected {SHAPES[field.name]} and uint8: delete {folder} and fetch again"
            )
        arrays[field.name] = array
    return Images(**arrays)
