"""A Slurm cluster of one node on this machine, for tests: munge, controller and node daemon as child processes.

Everything it needs lives in one folder; nothing of the system's own Slurm or munge is read, written or stopped.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "setpriv", "sinfo", "srun")
SEARCHED = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/sbin"))  # Debian's daemons are not on every PATH


@dataclass(frozen=True)
class Cluster:
    """A running cluster: the variables that its commands need, and what it says of its jobs."""

    environment: Mapping[str, str]

    def jobs(self) -> list[dict[str, str]]:
        """Every job that there is or was, and every task of an array, by Slurm's names: JobState, Partition, …"""
        command = ["scontrol", "show", "jobs", "--oneliner"]
        said = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout
        return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in said.splitlines() if "=" in line]

    def unfinished(self) -> list[str]:
        """The jobs that wait or run."""
        command = ["squeue", "--noheader", "--format=%i %T"]
        said = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout
        return said.splitlines()


def missing() -> str | None:
    """Why no cluster can be started here, or None where it can."""
    absent = [program for program in PROGRAMS if shutil.which(program, path=SEARCHED) is None]
    if absent:
        return f"needs Slurm ({', '.join(absent)} not found): apt-get install slurm-wlm munge"
    if os.getuid() != 0:
        return "starts the daemons of Slurm, which takes root"
    return None


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Start the cluster in an empty folder that all may enter, and stop it in the end.

    Raises:
        RuntimeError: if the node is not ready within two minutes; the message ends with the logs.
    """
    write_configuration(folder)
    path = os.pathsep.join((str(folder / "bin"), SEARCHED))
    environment = {**os.environ, "PATH": path, "SLURM_CONF": str(folder / "slurm.conf")}
    cluster = Cluster(environment)
    host = host_name()
    with ExitStack() as stack:
        munge = folder / "munge"
        stack.enter_context(
            daemon(
                ["munged", "--foreground", f"--socket={munge / 'socket'}", f"--key-file={munge / 'key'}"]
                + [f"--{name}-file={munge / name}" for name in ("pid", "log", "seed")],
                environment,
            )
        )
        wait_until(lambda: (munge / "socket").exists(), folder)
        stack.enter_context(daemon(["slurmctld", "-D"], environment))
        stack.enter_context(daemon(["slurmd", "-D", "-N", host], environment))
        wait_until(lambda: "idle" in state_of_the_node(environment), folder)
        try:
            yield cluster
        finally:
            subprocess.run(["scancel", "--user=root"], env=environment, check=False)
            wait_until(lambda: not cluster.unfinished(), folder)


def write_configuration(folder: Path) -> None:
    """Write slurm.conf, gres.conf and munge's key, the folders they name, and a command srun that finds them."""
    for name in ("bin", "munge", "state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge" / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    controller_port, node_port = free_ports()
    values = {
        "host": host_name(),
        "folder": folder,
        "cpus": min(os.cpu_count() or 1, 2),  # so that jobs wait for each other on any machine
        "memory_mb": int(0.9 * memory_mb),
        "controller_port": controller_port,
        "node_port": node_port,
    }
    (folder / "slurm.conf").write_text(Path(__file__).with_suffix(".conf").read_text(encoding="utf-8").format(**values))
    (folder / "gres.conf").write_text("AutoDetect=off\nName=gpu File=/dev/null\n")
    # The executor takes all variables of Slurm from srun, also the one that says where this cluster is.
    srun = folder / "bin" / "srun"
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)


@contextmanager
def daemon(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Run a program in the foreground of a child process; in the end it is stopped by its process id.

    Should the tests be killed, the system stops it.
    """
    program = shutil.which(command[0], path=SEARCHED)
    assert program is not None
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    # A session of its own: an interrupt from the terminal is for the tests, not for the cluster they still use.
    command = ["setpriv", "--pdeathsig", "TERM", program, *command[1:]]
    process = subprocess.Popen(command, env=environment, start_new_session=True, **quiet)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def state_of_the_node(environment: Mapping[str, str]) -> str:
    command = ["sinfo", "--noheader", "--format=%T"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def wait_until(condition, folder: Path, seconds: float = 120) -> None:
    """Wait for a condition; RuntimeError with the ends of all logs in a folder if it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            logs = {path: path.read_text(errors="replace")[-2000:] for path in folder.rglob("*log")}
            raise RuntimeError("\n".join(["the cluster is not ready", *(f"{p}:\n{text}" for p, text in logs.items())]))
        time.sleep(0.2)


def free_ports() -> tuple[int, int]:
    """Two, held at the same time so that they differ."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def host_name() -> str:
    """This machine's name as Slurm knows it: without a domain."""
    return socket.gethostname().partition(".")[0]
