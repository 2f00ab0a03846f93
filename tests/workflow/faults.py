"""A small linear study, run as `make` runs it, for tests that do something bad to it."""

import fcntl
import hashlib
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import yaml

from conftest import STUDY, Project, environment

LINEAR = yaml.safe_load(Path(__file__).with_name("linear.yaml").read_text(encoding="utf-8"))
# What the tests compare: everything that is aggregated.
FILES = ["results/tables/runs.parquet", "results/tables/predictions_linear_regression.parquet"]


def run_study(project: Project, *files: str) -> subprocess.CompletedProcess[str]:
    """Run the study, or what it takes for some files, to its end, as `make` does."""
    return project.run_study("--make", *(files or FILES))


def hear_interrupts() -> None:
    """What is started in the background, as tests may be, ignores Ctrl-C, and hands that down."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def started(project: Project, command: Iterable[str], variables: Mapping[str, str] | None = None):
    """A command under way, in a process group of its own that is ended in the end; `said` has what it prints."""
    with (project.folder / "make.log").open("w") as log:
        output = {"stdout": log, "stderr": subprocess.STDOUT}
        how = {"env": variables or environment(), "start_new_session": True, "preexec_fn": hear_interrupts}
        process = subprocess.Popen([*command], cwd=project.folder, **how, **output)
        try:
            yield process
        finally:
            kill_group(process)
            process.wait()


def running(project: Project, *files: str):
    """The study under way."""
    return started(project, [*STUDY, "--make", *(files or FILES)])


def said(project: Project) -> str:
    """What the study under way has printed so far."""
    return (project.folder / "make.log").read_text(encoding="utf-8")


def in_a_terminal(project: Project, *command: str, interrupt: Path | None = None) -> list[str]:
    """Run a command in a terminal of its own; the lines that a person sees in the end.

    Ctrl-C is typed once the file `interrupt` is there.
    """
    keyboard, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def take_the_terminal() -> None:
        hear_interrupts()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
    variables = {**environment(), "TERM": "xterm"}
    process = subprocess.Popen(
        command,
        cwd=project.folder,
        env=variables,
        start_new_session=True,
        preexec_fn=take_the_terminal,
        **streams,
    )
    os.close(terminal)
    written = b""
    with suppress(OSError):  # EIO: nobody holds the terminal any more
        while True:
            if select.select([keyboard], [], [], 0.1)[0]:
                written += os.read(keyboard, 65536)
            if interrupt and interrupt.exists():
                os.write(keyboard, b"\x03")
                interrupt = None
    process.wait()
    os.close(keyboard)
    taken_away = r"[^\n]*\n\r?\x1b\[1A\x1b\[2K"
    kept = re.sub(taken_away, "", written.decode().replace("\r\n", "\n"))
    seen = "\n".join(re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", line.split("\r")[-1]) for line in kept.split("\n"))
    return seen.strip("\n").split("\n")


def kill_group(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> None:
    """Kill -9, or another signal, for a process that leads a session and everything that it started."""
    for pid in psutil.pids():
        with suppress(ProcessLookupError):
            if os.getsid(pid) == process.pid:
                os.kill(pid, number)


def until(condition: Callable[[], object], process: subprocess.Popen[bytes], seconds: float = 600) -> None:
    """Wait for a condition; fail if the process ends first or it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the study ended too early"
        assert time.monotonic() < deadline, "too slow"
        time.sleep(0.05)


def processes(process: subprocess.Popen[bytes], script: str) -> list[psutil.Process]:
    """The Python processes below a process that run a script or module."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if any(Path(word).name == script for word in words(child)[1:3])]


def words(process: psutil.Process) -> list[str]:
    """The command line of a Python process; empty for any other, and for one that is gone."""
    try:
        found = process.cmdline()
    except psutil.Error:
        return []
    return found if found and "python" in Path(found[0]).name else []


def tables(project: Project) -> dict[str, str]:
    """File → SHA-256 of every table but the one with times in it."""
    folder = project.folder / "results" / "tables"
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*.parquet")
        if path.stem != "provenance"
    }


def finished_cohorts(project: Project) -> dict[str, str]:
    """Finished cohort → hash of its provenance, which is another one if it is trained again (it holds the times)."""
    sealed = (project.folder / "results" / "cohorts").glob("*/*/.finished/provenance.parquet")
    return {path.parents[1].name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sealed}


def check_resumed(project: Project, reference: Project, finished: dict[str, str], done) -> None:
    """The study is complete, its tables are the reference's, and nothing that was finished was trained again."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert tables(project) == tables(reference)
    now = finished_cohorts(project)
    assert len(now) == len(finished_cohorts(reference))
    assert {name: now[name] for name in finished} == finished
