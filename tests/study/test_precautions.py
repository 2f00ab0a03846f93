"""One study at a time in a folder, on a disk that can be written; locks end with their process."""

import json
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from regularization.study import precautions
from regularization.system import locking
from studies import ROOT

HOLD = (
    "import sys, time; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path; from regularization.system import locking\n"
    "with locking.exclusive(Path(sys.argv[2])) as file:\n"
    "    file.write('held'); file.flush(); print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock `tmp_path/lock`."""
    command = [sys.executable, "-c", HOLD, str(ROOT / "scripts"), str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lock_is_held_by_one_and_free_once_its_process_is_killed_or_without_locks(tmp_path, holder, monkeypatch):
    with pytest.raises(locking.Busy, match="held"), locking.exclusive(tmp_path / "lock"):
        pass
    said = []

    def waiting():
        said.append("waiting")
        holder.kill()

    with locking.exclusive(tmp_path / "lock", waiting=waiting) as file:
        assert file.read() == "held", "what the killed one wrote is there to be read"
    assert said == ["waiting"]

    def unsupported(*_):
        raise OSError("no locks on this file system")

    monkeypatch.setattr(locking.fcntl, "flock", unsupported)
    with locking.exclusive(tmp_path / "lock"):
        pass


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_turn_tells_an_end_from_a_kill_and_a_hindrance_leaves_what_was_known(here):
    with precautions.turn() as turn:
        assert not turn.after_a_kill
        record = precautions.LOCK.read_text()
    with precautions.turn() as turn:
        assert not turn.after_a_kill, "the one before came to its end"
    precautions.LOCK.write_text(record)
    with precautions.turn() as turn:
        assert turn.after_a_kill
    precautions.LOCK.write_text(json.dumps({**json.loads(record), "host": f"not {socket.gethostname()}"}))
    with precautions.turn() as turn:
        assert not turn.after_a_kill, "nothing is known of processes on another machine"
    precautions.LOCK.write_text("{not readable")
    with precautions.turn() as turn:
        assert not turn.after_a_kill
    precautions.LOCK.write_text(json.dumps({"process": 1, "host": socket.gethostname(), "since": "then"}))
    with pytest.raises(precautions.Hindrance), precautions.turn():
        raise precautions.Hindrance("not now")
    with precautions.turn() as turn:
        assert turn.after_a_kill


def test_snakemakes_lock_is_taken_away_only_after_a_kill_here(here):
    killed, ended = precautions.Turn(0, after_a_kill=True), precautions.Turn(0, after_a_kill=False)
    assert not precautions.left_locked(killed), "there is no lock"
    precautions.SNAKEMAKE_LOCKS.mkdir(parents=True)
    (precautions.SNAKEMAKE_LOCKS / "0.output.lock").touch()
    assert precautions.left_locked(killed)
    with pytest.raises(precautions.Hindrance, match=r"snakemake --unlock`, then start again"):
        precautions.left_locked(ended)
    program = here / "snakemake"
    program.write_text("import time; print('started', flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with pytest.raises(precautions.Hindrance, match=rf"at work in this folder \(process {process.pid}\)"):
            precautions.left_locked(killed)
        process.kill()


def test_a_folder_that_cannot_be_written_is_named_and_a_full_disk_told_from_one_with_space(tmp_path, monkeypatch):
    precautions.check_writable(tmp_path / "made")
    assert not list((tmp_path / "made").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(precautions.Hindrance, match="file/results cannot be written: Not a directory"):
        precautions.check_writable(tmp_path / "file" / "results")
    for free, said in ((10 * 1024**2, "The disk is full: 10.0 MiB are left for"), (10 * 1024**3, None)):
        monkeypatch.setattr(precautions.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        found = precautions.full_disk(tmp_path)
        assert found is None if said is None else found.startswith(said)


def test_waiting_is_said_once(tmp_path, holder):
    said = []
    start = time.monotonic()

    def waiting():
        said.append(time.monotonic() - start)
        subprocess.Popen(["sh", "-c", f"sleep 0.6; kill -9 {holder.pid}"])

    with locking.exclusive(tmp_path / "lock", waiting=waiting):
        assert len(said) == 1
        assert time.monotonic() - start > 0.5
