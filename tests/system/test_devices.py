"""Devices: found without importing torch where there is none, and held by one job at a time."""

import select
import subprocess
import sys
from pathlib import Path

import pytest

from regularization.system import devices
from regularization.system.devices import NoDeviceError, chosen, first_free, in_use
from studies import ROOT

LIBRARY = {"PYTHONPATH": str(ROOT / "scripts")}


@pytest.mark.parametrize(
    ("asked", "number", "expected"),
    [("cpu", 0, "cpu"), ("cpu", 2, "cpu"), ("auto", 0, "cpu"), ("auto", 1, "cuda"), ("cuda", 1, "cuda")],
)
def test_auto_takes_cuda_where_it_is(monkeypatch: pytest.MonkeyPatch, asked: str, number: int, expected: str) -> None:
    monkeypatch.setattr(devices, "n_cuda_devices", lambda: number)
    assert chosen(asked) == expected


def test_cuda_that_is_not_there_is_said_with_the_place_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "n_cuda_devices", lambda: 0)
    monkeypatch.setattr(devices.socket, "gethostname", lambda: "node17")
    with pytest.raises(NoDeviceError) as caught:
        chosen("cuda")
    what, remedy = str(caught.value).splitlines()
    assert what == 'device: "cuda" is not there: PyTorch sees no CUDA device on node17.'
    assert "Set device: cpu" in remedy


@pytest.mark.skipif(devices.n_cuda_devices() > 0, reason="this machine has a CUDA device")
def test_where_no_card_is_in_sight_nobody_waits_for_torch() -> None:
    code = "import sys; from regularization.system.devices import *; print(n_cuda_devices(), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=LIBRARY, capture_output=True, text=True)
    assert done.stdout == "0 False\n", done.stderr


def test_the_processor_is_never_held_and_a_device_is_free_again_after_its_job(tmp_path: Path) -> None:
    with in_use("cpu") as first, in_use("cpu") as second:
        assert first == second != ""
    for _ in range(2):
        with first_free(["one"], tmp_path) as index:
            assert index == 0


HOLD = """
import sys
from pathlib import Path
from regularization.system.devices import first_free
with first_free(sys.argv[2:], Path(sys.argv[1])) as index:
    print(index, flush=True)
    sys.stdin.read()
"""


def holder(folder: Path, *names: str) -> subprocess.Popen[str]:
    """Another process that takes the first free of some things and keeps it until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *names],
        env=LIBRARY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_each_job_has_a_device_to_itself_and_the_next_one_waits(tmp_path: Path) -> None:
    with holder(tmp_path, "one", "two") as first, holder(tmp_path, "one", "two") as second:
        assert first.stdout is not None
        assert second.stdout is not None
        taken = {first.stdout.readline().strip(), second.stdout.readline().strip()}
        assert taken == {"0", "1"}
        with holder(tmp_path, "one", "two") as third:
            assert third.stdout is not None
            said, _, _ = select.select([third.stdout], [], [], 1)
            assert said == [], "both devices are held"
            first.kill()  # however a job ends, its device is free
            first.wait()
            assert third.stdout.readline().strip() in taken
            third.kill()
        second.kill()
