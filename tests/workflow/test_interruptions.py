"""Ctrl-C, or another signal to stop, stops the study at once wherever it is, and is taken for nothing else."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import faults
import psutil
import pytest

from conftest import STUDY, Project, copy_of_the_project
from studies import ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

LINE = "run_study.py: interrupted; what is finished is kept: the same command goes on from there."
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "mini.yaml")
SOURCE = "scripts/regularization/"
# Phase → a place of the code that the study passes in it.
PHASES = {
    "importing": (SOURCE + "study/precautions.py", "import json\n"),
    "looking for damage": (SOURCE + "study/precautions.py", "    wanted: dict[str, list[str]] = {}\n"),
    "reading the workflow": ("workflow/rules/common.smk", "import hashlib\n"),
    "fetching": (
        SOURCE + "system/fetching.py",
        '        with tempfile.TemporaryDirectory(prefix="fashion-mnist-") as scratch:\n',
    ),
    "training": ("scripts/train_cohort.py", "    study = Configuration.read(config)\n"),
}
WAIT = "import pathlib, subprocess; pathlib.Path('waiting').touch(); subprocess.run(['sleep', '600'])"
FETCHED = "results/data/fetch.json"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return copy_of_the_project(tmp_path / "project")


def waiting_in(project: Project, phase: str, how: str = WAIT) -> None:
    """Make the study wait for ten minutes in a phase."""
    path, line = PHASES[phase]
    indent = line[: len(line) - len(line.lstrip())] + ("    " if line.rstrip().endswith(":") else "")
    project.edit(path, line, f"{line}{indent}{how}\n")


def interrupted(project: Project, *signals: signal.Signals, send: Callable[[int, int], None], make: str = "all") -> str:
    """What the study says when it gets signals while it waits; it has ended in time, with all that it started."""
    with faults.started(project, [*STUDY, "--make", make]) as study:
        faults.until((project.folder / "waiting").exists, study, seconds=120)
        busy, start = pace(), time.monotonic()
        for number in signals:
            send(study.pid, number)
        assert study.wait(timeout=60) == 130
        assert time.monotonic() - start < 2 + 40 * max(busy, pace())
        assert [process.name() for process in psutil.process_iter() if lives_in(study.pid, process)] == []
    assert not list(project.folder.glob(".snakemake/locks/*"))
    record = project.folder / ".snakemake" / "make.lock"
    assert not record.exists() or record.read_text() == "", "it does not pass for a killed one"
    return faults.said(project)


def pace() -> float:
    """Seconds that starting Python takes now: 0.02 on an idle machine, and more the busier it is."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)
    return time.monotonic() - start


def lives_in(session: int, process: psutil.Process) -> bool:
    try:
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def check_said(said: str) -> None:
    assert said.splitlines()[-1] == LINE
    for wrong in ("Traceback", "could not be had", "alone", "disk is full", "was killed", "Error in rule"):
        assert wrong not in said


@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_stops_the_study_at_once(project: Project, phase: str) -> None:
    """The terminal sends it to all."""
    waiting_in(project, phase)
    made = FETCHED if phase == "fetching" else "all"
    check_said(interrupted(project, signal.SIGINT, send=os.killpg, make=made))


@pytest.mark.parametrize(
    ("number", "send"), [(signal.SIGINT, os.kill), (signal.SIGTERM, os.kill), (signal.SIGHUP, os.killpg)]
)
def test_other_signals_stop_a_fetch_at_once(project, number, send):
    waiting_in(project, "fetching")
    check_said(interrupted(project, number, send=send, make=FETCHED))


def test_ctrl_z_halts_what_was_started_too_until_it_goes_on(project: Project) -> None:
    waiting_in(project, "reading the workflow")

    def halt_go_on_and_stop(study: int, _: int) -> None:
        [snakemake] = psutil.Process(study).children()
        for number, halted in ((signal.SIGTSTP, True), (signal.SIGCONT, False)):
            os.kill(study, number)
            deadline = time.monotonic() + 5
            while {one.status() == psutil.STATUS_STOPPED for one in (snakemake, psutil.Process(study))} != {halted}:
                assert time.monotonic() < deadline
        os.kill(study, signal.SIGINT)

    check_said(interrupted(project, signal.SIGTSTP, send=halt_go_on_and_stop))


@pytest.mark.parametrize(("phase", "seconds"), [("making", 2), ("installing", 10)])
def test_ctrl_c_while_the_environment_is_set_up(tmp_path: Path, monkeypatch, phase: str, seconds: float) -> None:
    """Where pip waits for a server that never answers."""
    project, typed = Project(tmp_path / "project"), []
    for name in ("Makefile", "scripts/set_up.sh"):
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project.folder / name)
    (project.folder / "requirements.txt").write_text("nothing==1\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.getsockname()[1]}")

        def reached() -> bool:
            typed[:] = [time.monotonic()]
            begun = (project.folder / ".venv" / "pyvenv.cfg").exists()
            return begun if phase == "making" else bool(select.select([server], [], [], 0)[0])

        lines = faults.in_a_terminal(
            project, "make", f"PYTHON={sys.executable}", interrupt=SimpleNamespace(exists=reached)
        )
    assert time.monotonic() - typed[0] < seconds + 10 * pace()
    assert sum("the same command goes on from there" in line for line in lines) == 1
    assert "Traceback" not in "\n".join(lines)
    assert len(lines) <= 7, "\n".join(lines)


@pytest.mark.parametrize("start", [STUDY, SNAKEMAKE], ids=["make", "snakemake"])
def test_ctrl_c_in_a_terminal_ends_in_a_few_lines_that_say_how_to_go_on(
    project: Project, start: tuple[str, ...]
) -> None:
    waiting_in(project, "training")
    lines = faults.in_a_terminal(project, *start, interrupt=project.folder / "waiting")
    assert "the same command goes on from there" in lines[-1]
    assert len(lines) <= 6, "\n".join(lines)
    for wrong in ("Traceback", "Error in rule", "RuleException", "WorkflowError"):
        assert wrong not in "\n".join(lines)


def test_impatience_leaves_nothing_running(project: Project) -> None:
    """Ctrl-C three times, and jobs that do not end by themselves."""
    waiting_in(project, "training", DEAF + WAIT)
    check_said(interrupted(project, signal.SIGINT, signal.SIGTERM, signal.SIGINT, send=os.killpg))


def test_a_fetch_that_is_killed_does_not_pass_for_missing_data(project: Project) -> None:
    waiting_in(project, "fetching", how="import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    done = project.run_study("--make", FETCHED)
    assert done.returncode == 1
    assert "linear experiment alone" not in done.stdout
    assert "The study is not complete" in done.stderr
