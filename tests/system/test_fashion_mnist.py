"""Loading Fashion-MNIST: memory-mapped arrays of the right shapes, or an error that says what to do."""

from pathlib import Path

import numpy as np
import pytest

from regularization.system.fashion_mnist import SHAPES, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Arrays of the right shapes (their content is checked when they are fetched)."""
    for name, shape in SHAPES.items():
        np.save(tmp_path / f"{name}.npy", np.zeros(shape, np.uint8))
    return tmp_path


def test_arrays_are_memory_mapped_and_cannot_be_changed(folder: Path) -> None:
    images = load(folder)
    assert images.train_images.shape == (60_000, 28 * 28)
    with pytest.raises(ValueError, match="read-only"):
        images.train_images[0, 0] = 1


def test_a_missing_array_is_named(folder: Path) -> None:
    (folder / "test_labels.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"test_labels\.npy is missing: fetch the data"):
        load(folder)


@pytest.mark.parametrize("wrong", [np.zeros((60_000, 28, 28), np.uint8), np.zeros((60_000, 784), np.float32)])
def test_an_array_of_another_shape_or_type_is_refused(folder: Path, wrong: np.ndarray) -> None:
    np.save(folder / "train_images.npy", wrong)
    with pytest.raises(ValueError, match=r"train_images.npy has shape .* delete .* and fetch again"):
        load(folder)
