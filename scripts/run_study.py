"""Run the workflow and say where the report is and how long it took: what `make` does once the environment is there.

Before that it makes sure that no other `make` is at work here, that the disk can be written, that no lock of a killed
run is left, and that what is finished is undamaged: what is damaged is made again. Where Fashion-MNIST cannot be had,
the linear experiment is completed and reported alone, and the exit status is 1. Interrupted, by Ctrl-C or otherwise, it
ends all that it started at once (on a cluster: as soon as its jobs are cancelled), and the exit status is 130.

Usage: python scripts/run_study.py --cores all [--preset workflow/presets/smoke.yaml] [--make results/claims.json]
       python scripts/run_study.py --profile slurm [--preset workflow/presets/full.yaml]
"""

# ruff: noqa: E402
from regularization.system.interruptions import stop_when_interrupted

INTERRUPTED = "interrupted; what is finished is kept: the same command goes on from there."
if __name__ == "__main__":
    stop_when_interrupted(INTERRUPTED)  # also while the rest is imported

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import psutil

from regularization.settings import EXPERIMENTS, setting_class
from regularization.study import precautions, reading
from regularization.study.configuration import Configuration
from regularization.system import command_line, fetching, machine
from regularization.system.command_line import LESS_MEMORY, option, switch
from regularization.system.devices import n_cuda_devices
from regularization.system.suggestions import not_one_of


def profile_of(text: str) -> str:
    """The type of an argument that is a profile, as Snakemake finds it."""
    names = sorted(path.parent.name for path in Path("workflow/profiles").glob("*/config*.yaml"))
    if text not in names and not Path(text).exists():
        raise argparse.ArgumentTypeError(f"{not_one_of('a profile', text, names).rstrip('.')}, or a folder's path")
    return text


def main(
    cores: Annotated[str, option(command_line.cores, "CPU cores to use on this machine: a number or all")] = "all",
    profile: Annotated[str | None, option(profile_of, "run elsewhere: slurm, or a folder like its own")] = None,
    preset: Annotated[Sequence[Path], option(command_line.file, "configuration laid over config.yaml", nargs="+")] = (),
    make: Annotated[Sequence[str], option(str, "files to make instead of everything", nargs="+", metavar="FILE")] = (),
    plan: Annotated[bool, switch("only say what would be done: runs, jobs, time, disk, and why")] = False,
) -> int:
    study = reading.validated(reading.load([Path("config.yaml"), *preset]), check_device=not profile)
    machine.source_date()
    precautions.check_writable(study.results, precautions.STATE)
    precautions.own_caches()
    with precautions.turn() as turn:
        return run_study(study, turn, cores, profile, preset, make, plan)


def run_study(
    study: Configuration,
    turn: precautions.Turn,
    cores: str,
    profile: str | None,
    presets: Sequence[Path],
    make: Sequence[str],
    plan: bool,
) -> int:
    """Run Snakemake, and say what came of it; the exit status."""
    results = study.results
    snakemake = [sys.executable, "-m", "snakemake"]
    if profile:
        snakemake += ["--workflow-profile", profile]
    else:
        snakemake += ["--cores", cores]
        if (devices := n_cuda_devices()) > 1:
            snakemake += ["--resources", f"gpu={devices}"]
    filled = [str(path) for path in presets if reading.load([path])]  # Snakemake refuses a file with nothing in it
    preset = ["--configfile", *filled] if filled else []
    if plan:
        return subprocess.run([*snakemake, *make, *preset, "--dry-run"], check=False).returncode
    if precautions.left_locked(turn):
        print("An earlier run was killed. Its lock is taken away; what it had finished is kept.", flush=True)
        precautions.unlock()
    broken = precautions.repaired(study, lambda line: print(line, flush=True))

    def command(*experiments: str) -> list[str]:
        again = [path for experiment in experiments for path in broken.get(experiment, [])]
        return [*snakemake, *(make or (["all"] if again else [])), *again, *preset]

    print(f"Running the study: snakemake {' '.join([*snakemake[3:], *make, *preset])}", flush=True)
    start, killed = time.time(), precautions.killed_for_memory()
    on_a_cluster = bool(profile)
    status = run(command(*EXPERIMENTS), turn, on_a_cluster)
    if status < 0:
        print(f"\nSnakemake was killed (by signal {-status}).", file=sys.stderr)
        precautions.unlock()
    alone = [experiment for experiment in study.experiments if not setting_class(experiment).needs_images]
    fetch_log = results / "logs" / "fetch_fashion_mnist.log"
    fetched = fetch_log.read_text(encoding="utf-8", errors="replace") if changed_since(start, fetch_log) else ""
    if status != 0 and alone and fetching.NOT_HAD in fetched:
        print(f"\n{study.fashion_mnist.name} could not be had: completing the linear experiment alone.", flush=True)
        linear = ["--config", f"experiments=[{', '.join(alone)}]"]
        linear_status = run([*command(*alone), *linear], turn, on_a_cluster)
        say_where(results, start)
        print(f"\nThe {study.fashion_mnist.name} experiment was NOT run:\n\n{fetched.strip()}", file=sys.stderr)
        return linear_status or status
    if status == 0:
        say_where(results, start)
    else:
        why = f"the messages above say why, the logs are in {results / 'logs'}."
        kept = "What is finished is kept: the same command goes on from there."
        print(f"\nThe study is not complete: {why}\n{kept}", file=sys.stderr)
        if full := precautions.full_disk(results):
            print(full, file=sys.stderr)
        if precautions.killed_for_memory() > killed:
            print(f"The memory was used up, and the system killed a process. {LESS_MEMORY}", file=sys.stderr)
    return status


def run(command: list[str], turn: precautions.Turn, on_a_cluster: bool) -> int:
    """Run Snakemake to its end; its exit status. An interruption ends it and all that it started.

    It has a process group of its own: signals to stop reach this process alone, which knows what to do with them.
    """
    signal.signal(signal.SIGTSTP, pause)
    try:
        process = subprocess.Popen(command, pass_fds=[turn.descriptor], process_group=0)
        while process.poll() is None:
            time.sleep(0.05)  # wait() would not see a signal that the system hands to a thread of a library
        return process.returncode
    except SystemExit:
        for snakemake in psutil.Process().children():
            if on_a_cluster and any(precautions.SNAKEMAKE_LOCKS.glob("*")):  # without its lock it has no jobs yet
                os.killpg(snakemake.pid, signal.SIGINT)  # it cancels them
                snakemake.wait()
            else:
                end(snakemake)
                precautions.unlock()
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)  # a line of progress that came late
        raise


def end(snakemake: psutil.Process, seconds: float = 1) -> None:
    """End Snakemake at once, and its jobs as soon as they have tidied up, or after so many seconds."""
    snakemake.kill()
    snakemake.wait()
    with suppress(ProcessLookupError):  # none is left
        os.killpg(snakemake.pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            os.killpg(snakemake.pid, 0)
            time.sleep(0.02)
        os.killpg(snakemake.pid, signal.SIGKILL)


def pause(*_: object) -> None:
    """Stop Snakemake and its jobs with this process, on Ctrl-Z, and go on with it."""
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for snakemake in psutil.Process().children():
            os.killpg(snakemake.pid, number)
        if number == signal.SIGSTOP:
            os.kill(os.getpid(), number)


def say_where(results: Path, start: float) -> None:
    """Print where the report is and how long this run took, or that there was nothing to do."""
    seconds = time.time() - start
    report = results / "report.html"
    took = f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    done = f"Done in {took}" if changed_since(start, report) else f"Nothing to do: the study is complete ({took})"
    print(f"\n{done}. The report:\n  {report}\n  {report.with_suffix('.pdf')}")


def changed_since(start: float, path: Path) -> bool:
    return path.exists() and path.stat().st_mtime >= start


if __name__ == "__main__":
    command_line.answered(main, INTERRUPTED)
