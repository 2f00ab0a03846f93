"""Fashion-MNIST's files damaged, exchanged or missing: one line names the file and the remedy, before anything runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bad_inputs import answers
from damages import OF_TEST_IMAGES, Damage, needs_the_package, own_copy, published_files
from regularization.study import reading
from regularization.study.configuration import Configuration, ConfigurationError, Data
from regularization.system import fetching
from regularization.system.fashion_mnist import SHAPES
from studies import entry, study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one's own with the four published files, as links."""
    return published_files(tmp_path / "my data")


def named(folder: Path) -> Configuration:
    """A study of networks that names the folder."""
    return replace(study(entry("fashion_mnist"), results=str(folder.parent / "results")), fashion_mnist=Data(folder))


@needs_the_package
@pytest.mark.parametrize(("damage", "says"), OF_TEST_IMAGES.values(), ids=OF_TEST_IMAGES)
def test_a_file_of_the_named_folder_is_checked_before_anything_runs(folder: Path, damage: Damage, says: str) -> None:
    damage(own_copy(folder / "t10k-images-idx3-ubyte.gz"))
    with pytest.raises(ConfigurationError) as error:
        reading.with_images(named(folder))
    [line] = str(error.value).splitlines()
    assert line.startswith(f"fashion_mnist.folder: {folder}")
    assert says in line
    assert "t10k-images-idx3-ubyte" in line
    assert "supply the published file, or write null" in line
    answers.check(line, [str(folder)])


@needs_the_package
def test_an_unreadable_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for anyone but root."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationError, match="cannot be read: Permission denied"):
        reading.with_images(named(folder))


@needs_the_package
def test_the_true_files_pass_and_what_is_not_needed_is_not_looked_at(folder: Path, tmp_path: Path) -> None:
    reading.with_images(named(folder))
    linear = study(entry("linear_regression"), results=str(tmp_path / "results"))
    reading.with_images(replace(linear, fashion_mnist=Data(tmp_path)))
    (tmp_path / "results" / "data").mkdir(parents=True)
    (tmp_path / "results" / "data" / "fetch.json").write_text("{}")
    reading.with_images(named(tmp_path / "fetched before"))


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: path.write_text("no array"),
        lambda path: np.save(path, np.zeros(3, np.uint8)),
        lambda path: np.save(path, np.zeros(SHAPES["test_labels"], np.float64)),
        lambda path: np.save(path, np.array([{}], dtype=object), allow_pickle=True),
    ],
    ids=["missing", "empty", "cut short", "cut in its header", "no array", "other shape", "other type", "objects"],
)
def test_an_array_that_is_damaged_is_named_with_the_remedy(tmp_path: Path, damage: Damage) -> None:
    for name, shape in SHAPES.items():
        np.save(tmp_path / f"{name}.npy", np.zeros(shape, np.uint8))
    damage(tmp_path / "test_labels.npy")
    with pytest.raises((Exception, SystemExit)) as error:
        fetching.load(tmp_path)
    [line] = str(error.value).splitlines()
    answers.check(line, [str(tmp_path)])
    assert not isinstance(error.value, (ValueError, EOFError))
