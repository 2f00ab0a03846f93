"""Fetching Fashion-MNIST: the true data from wherever it can be had, and nothing else."""

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from damages import change_one_pixel, needs_the_package, own_copy, published_files
from regularization.system import fetching
from regularization.system.fashion_mnist import load as load_images
from regularization.system.fetching import PACKAGE_FOLDER, RAW_FILES, SHA256, Source, Unavailable, fetch, read
from studies import program


@needs_the_package
def test_the_data_are_fashion_mnist_as_published_and_keep_rows_and_columns(tmp_path: Path) -> None:
    """Balanced classes, the published mean 0.2860 and deviation 0.3530 of the pixels, and the first labels."""
    arrays = read(PACKAGE_FOLDER)
    assert np.bincount(arrays["train_labels"]).tolist() == [6_000] * 10
    assert np.bincount(arrays["test_labels"]).tolist() == [1_000] * 10
    assert arrays["train_labels"][:5].tolist() == [9, 0, 0, 3, 0]
    pixels = arrays["train_images"] / 255
    assert (round(pixels.mean(), 4), round(pixels.std(), 4)) == (0.2860, 0.3530)
    # The arrays are those of torchvision's reader, flattened row by row.
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
    fetched = fetch(fetching.standard_sources(tmp_path), lambda _: None)
    assert "config.yaml" in fetched.source
    assert fetched.arrays["train_images"].shape == (60_000, 784)


@needs_the_package
def test_a_damaged_source_is_passed_over_for_the_next_and_the_script_writes_what_the_study_loads(tmp_path):
    true_files = published_files(tmp_path)
    change_one_pixel(own_copy(true_files / "t10k-labels-idx1-ubyte.gz"))
    said: list[str] = []
    fetched = fetch(
        [Source("mine", lambda _: (true_files, None)), Source("theirs", lambda _: (PACKAGE_FOLDER, None))],
        said.append,
    )
    assert fetched.source == "theirs"
    assert said[0] == "Trying mine …"
    assert "t10k-labels-idx1-ubyte.gz is corrupted" in said[1]
    program("fetch_data", "--folder", PACKAGE_FOLDER, "--output", tmp_path / "data", check=True)
    images = load_images(tmp_path / "data")
    truth = read(PACKAGE_FOLDER)
    for name, array in truth.items():
        assert np.array_equal(getattr(images, name), array), name
        assert isinstance(getattr(images, name), np.memmap), name
    record = json.loads((tmp_path / "data" / "fetch.json").read_text())
    assert record["sha256"] == SHA256
    assert "config.yaml" in record["source"]


def test_what_is_at_hand_is_tried_before_the_network() -> None:
    names = [source.name for source in fetching.standard_sources(None)]
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


@pytest.mark.parametrize(("stall", "whole", "says"), [(1, 600, "timed out"), (600, 1, "no answer within 1 s")])
def test_a_silent_network_does_not_hold_up_the_study(tmp_path, silent_server, monkeypatch, stall, whole, says):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{silent_server}")
    with pytest.raises(Unavailable, match=says):
        fetching.torchvision_download(tmp_path, stall_seconds=stall, seconds=whole)


@pytest.mark.network
def test_the_package_is_fetched_and_unpacked_without_installing_it(tmp_path: Path) -> None:
    try:
        folder, version = fetching.apt_download(tmp_path)
    except Unavailable as reason:
        pytest.skip(f"needs a Debian mirror: {reason}")
    assert folder.is_relative_to(tmp_path)
    assert version
    assert read(folder).keys() == {raw.array for raw in RAW_FILES}


def test_where_nothing_works_one_message_says_what_was_tried_and_the_script_writes_nothing(tmp_path, monkeypatch):
    def failing(name: str, reason: str) -> Source:
        return Source(name, Mock(side_effect=Unavailable(reason)))

    with pytest.raises(Unavailable) as error:
        fetch([failing("one", "it rained"), failing("two", "it snowed")], lambda _: None)
    message = str(error.value)
    assert "  1. one: it rained\n  2. two: it snowed\n" in message
    hints = ("t10k-labels-idx1-ubyte.gz", "folder: /path", "experiments=[linear_regression]")
    for hint in (f"apt install {fetching.PACKAGE}", *hints):
        assert hint in message
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no apt-get"):
        fetching.apt_download(tmp_path)
    from fetch_data import main

    monkeypatch.setattr(fetching, "standard_sources", lambda *_: ())
    assert main(tmp_path / "data") == 1
    assert not (tmp_path / "data").exists()
