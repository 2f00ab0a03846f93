"""Fashion-MNIST's files damaged, exchanged or missing: one line names the file and the remedy, before anything runs."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import test_fetching as damages

import run_study
from bad_inputs import answers
from regularization.study.configuration import Configuration, ConfigurationError, Data
from regularization.system import fetching
from regularization.system.fashion_mnist import SHAPES
from regularization.system.fetching import PACKAGE_FOLDER
from studies import entry, study

needs_the_package = damages.needs_the_package
IMAGES = "t10k-images-idx3-ubyte.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one's own with the four published files, as links."""
    made = tmp_path / "my data"
    made.mkdir()
    for path in PACKAGE_FOLDER.iterdir():
        (made / path.name).symlink_to(path)
    return made


def named(folder: Path) -> Configuration:
    """A study of networks that names the folder."""
    return replace(study(entry("fashion_mnist"), results=str(folder.parent / "results")), fashion_mnist=Data(folder))


def own_copy(path: Path) -> None:
    """Replace a link by a copy that can be damaged."""
    source = path.resolve()
    path.unlink()
    shutil.copy(source, path)


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def leading_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def exchanged_for_labels(path: Path) -> None:
    shutil.copy(path.with_name("t10k-labels-idx1-ubyte.gz"), path)


def with_another_magic_number(path: Path) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[:4] = np.array([2049], ">i4").tobytes()
    path.write_bytes(gzip.compress(bytes(content), compresslevel=1))


def compressed_twice(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes(), compresslevel=1))


def plain_but_called_compressed(path: Path) -> None:
    path.write_bytes(gzip.decompress(path.read_bytes()))


@needs_the_package
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (Path.unlink, f"holds neither {IMAGES.removesuffix('.gz')} nor {IMAGES}"),
        (leading_nowhere, "holds neither"),
        (replaced_by_a_folder, "holds neither"),
        (empty, "is truncated: 0 bytes where 7,840,016 are expected"),
        (damages.cut, "is truncated"),
        (damages.lose_an_image, "is truncated: 7,839,232 bytes where 7,840,016 are expected"),
        (damages.flip_a_bit, "is corrupted"),
        (damages.turn_into_a_web_page, "is corrupted: Not a gzipped file"),
        (plain_but_called_compressed, "is corrupted: Not a gzipped file"),
        (compressed_twice, "is truncated: "),
        (exchanged_for_labels, "is truncated: 10,008 bytes where 7,840,016 are expected"),
        (damages.swap_for_other_images, "is not Fashion-MNIST's: 54,880,016 bytes"),
        (damages.transpose_the_header, "its header says (2051, 28, 28, 10000), expected (2051, 10000, 28, 28)"),
        (with_another_magic_number, "its header says (2049, 10000, 28, 28), expected (2051, 10000, 28, 28)"),
        (damages.change_one_pixel, "its content has SHA-256"),
        pytest.param(
            lambda path: path.chmod(0),
            "cannot be read: Permission denied",
            marks=pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything"),
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_file_of_the_named_folder_is_checked_before_anything_runs(
    folder: Path, damage: Callable[[Path], None], says: str
) -> None:
    own_copy(folder / IMAGES)
    damage(folder / IMAGES)
    with pytest.raises(ConfigurationError) as error:
        run_study.check_named_data(named(folder))
    [line] = str(error.value).splitlines()
    assert line.startswith(f"fashion_mnist.folder: {folder}")
    assert says in line
    assert "supply the published file, or write null" in line
    answers.check(line, [str(folder)])


@needs_the_package
def test_an_unreadable_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for anyone but root."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationError, match="cannot be read: Permission denied"):
        run_study.check_named_data(named(folder))


@needs_the_package
def test_the_true_files_pass_and_what_is_not_needed_is_not_looked_at(folder: Path, tmp_path: Path) -> None:
    run_study.check_named_data(named(folder))
    linear = study(entry("linear_regression"), results=str(tmp_path / "results"))
    run_study.check_named_data(replace(linear, fashion_mnist=Data(tmp_path)))
    (tmp_path / "results" / "data").mkdir(parents=True)
    (tmp_path / "results" / "data" / "fetch.json").write_text("{}")
    run_study.check_named_data(named(tmp_path / "fetched before"))


# --- the arrays that were made of them ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        empty,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: path.write_text("no array"),
        lambda path: np.save(path, np.zeros(3, np.uint8)),
        lambda path: np.save(path, np.zeros(SHAPES["test_labels"], np.float64)),
        lambda path: np.save(path, np.array([{}], dtype=object), allow_pickle=True),
    ],
    ids=["missing", "empty", "cut short", "cut in its header", "no array", "other shape", "other type", "objects"],
)
def test_an_array_that_is_damaged_is_named_with_the_remedy(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    for name, shape in SHAPES.items():
        np.save(tmp_path / f"{name}.npy", np.zeros(shape, np.uint8))
    damage(tmp_path / "test_labels.npy")
    with pytest.raises((Exception, SystemExit)) as error:
        fetching.load(tmp_path)
    [line] = str(error.value).splitlines()
    answers.check(line, [str(tmp_path)])
    assert not isinstance(error.value, (ValueError, EOFError))
