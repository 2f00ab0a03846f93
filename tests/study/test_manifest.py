"""What is documented is there as it was written, or it is named; anyone can check it with `sha256sum -c`."""

import random
import shutil
import subprocess

import pytest

from damages import cut_to, flip_a_bit
from regularization.study import manifest

NAMES = ["report.html", "tables/a.csv", "tables/b c.csv", "figures/größe λ.svg"]


@pytest.fixture
def results(tmp_path):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"the content of {name}")
    manifest.write(tmp_path, NAMES)
    return tmp_path


def test_what_differs_is_named_until_it_is_to_be_written_anew(results):
    assert manifest.differences(results) == {}
    flip_a_bit(results / NAMES[0])
    cut_to(results / NAMES[1], 0)
    (results / NAMES[2]).unlink()
    found = manifest.differences(results)
    assert list(found) == sorted(NAMES[:3])
    assert "content is not" in found[NAMES[0]]
    assert "it has 0 bytes" in found[NAMES[1]]
    assert "No such file" in found[NAMES[2]]
    manifest.strike(results, [str(results / name) for name in NAMES[:2]])
    assert list(manifest.differences(results)) == NAMES[2:3]
    assert not (results / manifest.SUMS).exists()


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_reads_it_and_misses_nothing(results):
    def check():
        return subprocess.run(["sha256sum", "-c", manifest.SUMS], cwd=results, capture_output=True, text=True)

    assert check().stdout.splitlines() == [f"{name}: OK" for name in [manifest.MANIFEST, *sorted(NAMES)]]
    for name in (*NAMES, manifest.MANIFEST):
        flip_a_bit(results / name)
        assert check().returncode == 1
        flip_a_bit(results / name)
    assert check().returncode == 0


@pytest.mark.parametrize("name", [manifest.MANIFEST, manifest.SUMS])
def test_a_damaged_manifest_is_written_again_and_no_file_is_blamed(results, name):
    draw, written = random.Random(0), (results / name).read_bytes()
    for damage in [lambda: flip_a_bit(results / name, draw.random())] * 100 + [lambda: cut_to(results / name, 0.5)]:
        damage()
        assert manifest.differences(results) == {}
        assert not (results / manifest.SUMS).exists()
        manifest.write(results, NAMES)
        assert (results / name).read_bytes() == written
