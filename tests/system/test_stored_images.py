"""The stored images are used only if they are still those that were fetched."""

import os
from pathlib import Path

import pytest

from damages import cut_to, flip_a_bit, needs_the_package
from regularization.system import fetching
from regularization.system.fetching import PACKAGE_FOLDER, Fetched

pytestmark = needs_the_package


@pytest.fixture(scope="module")
def arrays():
    return fetching.read(PACKAGE_FOLDER)


@pytest.fixture
def stored(arrays, tmp_path) -> Path:
    fetching.store(Fetched(arrays, "a test", None), tmp_path)
    return tmp_path


def test_what_was_stored_is_loaded(stored, arrays):
    assert (fetching.load(stored).test_labels == arrays["test_labels"]).all()


@pytest.mark.parametrize("raw", fetching.RAW_FILES, ids=lambda raw: raw.array)
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: flip_a_bit(path, place=1), "is damaged: it is not Fashion-MNIST's"),
        (lambda path: cut_to(path, 0.5), "holds a damaged array"),
        (lambda path: os.truncate(path, 10), "holds a damaged array"),
        (Path.unlink, "is missing"),
    ],
    ids=["a bit", "half", "the header", "all"],
)
def test_a_damaged_array_is_refused_with_the_remedy(stored, raw, damage, says):
    damage(stored / f"{raw.array}.npy")
    with pytest.raises(fetching.Damaged) as refusal:
        fetching.load(stored)
    assert says in str(refusal.value)
    assert f"`make` keeps the files aside and fetches them again; without make, delete {stored}" in str(refusal.value)
