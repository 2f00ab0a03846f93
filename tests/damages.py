"""Damages of files, Fashion-MNIST's and others, for the tests that such files are named and never used."""

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from regularization.system.fetching import PACKAGE, PACKAGE_FOLDER

Damage = Callable[[Path], object]

needs_the_package = pytest.mark.skipif(
    not PACKAGE_FOLDER.is_dir(), reason=f"needs the Debian package {PACKAGE} for the true files"
)


def published_files(folder: Path) -> Path:
    """A folder with the four published files as links, each of which `own_copy` makes a file that can be damaged."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in PACKAGE_FOLDER.iterdir():
        (folder / path.name).symlink_to(path)
    return folder


def own_copy(path: Path) -> Path:
    source = path.resolve()
    path.unlink()
    return Path(shutil.copy(source, path))


def cut_to(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def flip_a_bit(path: Path, place: float = 0.5) -> None:
    """Of the byte after a share `place` of the file."""
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)


def inside(change: Callable[[bytes], bytes]) -> Damage:
    """Change what a compressed file holds."""
    return lambda path: path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes())), compresslevel=1))


def header(*numbers: int) -> bytes:
    """The beginning of an IDX file: its magic number and its shape."""
    return np.array(numbers, ">i4").tobytes()


change_one_pixel = inside(lambda content: content[:-1] + bytes([content[-1] ^ 1]))


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def leading_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


# Damages of the 10,000 compressed test images: what is done to the file, and what is said of it.
OF_TEST_IMAGES: dict[str, tuple[Damage, str]] = {
    "missing": (Path.unlink, "holds neither t10k-images-idx3-ubyte nor t10k-images-idx3-ubyte.gz"),
    "leading nowhere": (leading_nowhere, "holds neither"),
    "a folder": (replaced_by_a_folder, "holds neither"),
    "empty": (lambda path: cut_to(path, 0), "is truncated: 0 bytes where 7,840,016 are expected"),
    "cut": (lambda path: cut_to(path, 0.99), "is truncated"),
    "an image lost": (
        inside(lambda content: content[:-784]),
        "is truncated: 7,839,232 bytes where 7,840,016 are expected",
    ),
    "a bit flipped": (flip_a_bit, "is corrupted"),
    "a web page": (lambda path: path.write_text("<html>404: not found</html>"), "is corrupted: Not a gzipped file"),
    "plain but called compressed": (
        lambda path: path.write_bytes(gzip.decompress(path.read_bytes())),
        "is corrupted: Not a gzipped file",
    ),
    "compressed twice": (
        lambda path: path.write_bytes(gzip.compress(path.read_bytes(), compresslevel=1)),
        "is truncated: ",
    ),
    "exchanged for labels": (
        lambda path: shutil.copy(path.with_name("t10k-labels-idx1-ubyte.gz"), path),
        "is truncated: 10,008 bytes where 7,840,016 are expected",
    ),
    "70,000 black images": (
        inside(lambda _: header(2051, 70_000, 28, 28) + bytes(70_000 * 784)),
        "is not Fashion-MNIST's: 54,880,016 bytes",
    ),
    "another shape of the same length": (
        inside(lambda content: header(2051, 28, 28, 10_000) + content[16:]),
        "its header says (2051, 28, 28, 10000), expected (2051, 10000, 28, 28)",
    ),
    "another magic number": (
        inside(lambda content: header(2049) + content[4:]),
        "its header says (2049, 10000, 28, 28), expected (2051, 10000, 28, 28)",
    ),
    "one pixel": (change_one_pixel, "is corrupted or not Fashion-MNIST's: its content has SHA-256"),
}
