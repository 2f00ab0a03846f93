"""Other images than Fashion-MNIST, by configuration: read, checked, recorded, trained on, and named in the report."""

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import MINI, copy_of_the_project
from damages import header
from regularization.study import plan
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.system import fetching
from regularization.system.fetching import RAW_FILES, read
from regularization.system.files import sha256
from regularization.system.image_sets import FASHION_MNIST, PUBLISHED
from studies import entry, raw, study


def image_set(folder: Path, more: int = 0, images: str = "Our digits", classes: int = 10) -> Path:
    """Four files with as many images as Fashion-MNIST, or more: noise, the brighter the larger the label."""
    folder.mkdir()
    for part, n in (("train", 60_000 + more), ("t10k", 10_000 + more)):
        draw = np.random.default_rng(n)
        labels = draw.integers(classes, size=n).astype(np.uint8)
        pixels = (draw.integers(60, size=(n, 784)) + 19 * labels[:, None]).astype(np.uint8)
        of = {file.name: file.names(images)[0] for file in RAW_FILES}
        (folder / of[f"{part}-images-idx3-ubyte"]).write_bytes(header(2051, n, 28, 28) + pixels.tobytes())
        name = folder / f"{of[f'{part}-labels-idx1-ubyte']}.gz"
        name.write_bytes(gzip.compress(header(2049, n) + labels.tobytes(), compresslevel=1, mtime=0))
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Treat it as read-only."""
    return image_set(tmp_path_factory.mktemp("images") / "digits")


def images(**given: object) -> Configuration:
    return study(entry("fashion_mnist"), fashion_mnist=given)


def digests(configuration: Configuration) -> list[str]:
    return [cohort.digest(configuration) for cohort in plan.cohorts(configuration)]


def test_what_is_fetched_is_recorded_and_checked_whenever_it_is_loaded(digits: Path, tmp_path: Path) -> None:
    sources = fetching.standard_sources(digits, "Our digits")
    fetched = fetching.fetch(sources, lambda _: None, "Our digits")
    fetching.store(fetched, tmp_path)
    record = json.loads((tmp_path / "fetch.json").read_text())
    assert record["name"] == "Our digits"
    assert all(record["sha256"][file.name] == sha256(digits / file.name) for file in RAW_FILES[::2])
    assert (fetching.load(tmp_path).train_labels == fetched.arrays["train_labels"]).all()
    # By Fashion-MNIST's name they are refused, whatever the record says.
    (tmp_path / "fetch.json").write_text(json.dumps(record | {"name": FASHION_MNIST}))
    with pytest.raises(fetching.Damaged, match="is not Fashion-MNIST's"):
        fetching.load(tmp_path)


def test_of_a_larger_set_the_first_images_are_taken(tmp_path: Path) -> None:
    arrays = read(image_set(tmp_path / "EMNIST", more=50, images="EMNIST digits"), "EMNIST digits")
    assert [len(arrays[file.array]) for file in RAW_FILES] == [60_000, 60_000, 10_000, 10_000]
    assert arrays["train_images"][-1].mean() - 19 * arrays["train_labels"][-1] == pytest.approx(29.5, abs=5)


FEW, LETTERS = ({"more": -1}, "holds 59,999 of the 60,000 images"), ({"classes": 26}, "has the label 25: ten classes")


@pytest.mark.parametrize(("change", "says"), [FEW, LETTERS], ids=["too few", "letters"])
def test_a_set_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, int], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as error:
        images(name="Wrong", folder=str(image_set(tmp_path / "wrong", **change)))
    assert len(str(error.value).splitlines()) == 1


def test_other_images_train_anew_and_the_chapters_do_not(digits: Path) -> None:
    """What a cohort follows from has the images' name and checksums, Fashion-MNIST's excepted: they are known."""
    chapters, mnist = images(folder=None), images(folder=None, name="MNIST")
    own = images(folder=str(digits), name="Ours")
    assert own.fashion_mnist.sha256 == tuple(fetching.checksums(read(digits, "Ours")).values())
    changed = replace(own, fashion_mnist=replace(own.fashion_mnist, sha256=("0" * 64, *own.fashion_mnist.sha256[1:])))
    assert len({tuple(digests(one)) for one in (chapters, mnist, own, changed)}) == 4
    assert digests(chapters) == digests(replace(chapters, fashion_mnist=replace(chapters.fashion_mnist, folder=digits)))
    assert Configuration.from_json(own.as_json()) == own


def test_published_sets_are_downloaded_by_torchvision() -> None:
    from torchvision import datasets

    for name, (loader, *_) in PUBLISHED.items():
        assert issubclass(getattr(datasets, loader), datasets.MNIST)
        assert "a download with torchvision" in [source.name for source in fetching.standard_sources(None, name)]
    split = datasets.EMNIST.__new__(datasets.EMNIST)
    split.split, split.train = PUBLISHED["EMNIST digits"][1], False
    assert RAW_FILES[2].names("EMNIST digits")[0] == f"{split._file_prefix}-images-idx3-ubyte"


@pytest.mark.workflow
@pytest.mark.slow
def test_the_report_names_them(digits: Path, tmp_path: Path) -> None:
    """Fashion-MNIST is named where the chapter or the literature is spoken of, and nowhere else."""
    project = copy_of_the_project(tmp_path / "project")
    own = {"folder": str(digits), "name": "Our digits"}
    networks = {"experiments": ["fashion_mnist"], "study": [MINI["study"][1]], "fashion_mnist": own}
    project.configure(MINI | networks)
    done = project.run_study()
    assert done.returncode == 0, done.stdout + done.stderr
    page = (project.folder / "results" / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", "", page, flags=re.DOTALL)
    said = [text[found.start() - 60 : found.end() + 40] for found in re.finditer("Fashion-MNIST", text)]
    assert [
        one for one in said if not re.search(r"pictures of clothes|Novel Image|Fashion-MNIST\s+MLP|people", one)
    ] == []
    for words in ("other pictures in ten classes, Our digits", "Our digits from the folder", "classes of Our digits"):
        assert words in text
    for svg in (project.folder / "results" / "figures").glob("setup-network*.svg"):
        assert "Ankle boot" not in svg.read_text(encoding="utf-8")
    assert raw(entry("fashion_mnist"))["fashion_mnist"] == {"folder": None}  # config.yaml itself is the chapter's
