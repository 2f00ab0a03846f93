"""Run the workflow and say where the report is and how long it took: what `make` does once the environment is there.

Before that it makes sure that no other `make` is at work here, that the disk can be written, that no lock of a killed
run is left, and that what is finished is undamaged. Where Fashion-MNIST cannot be had, the linear experiment is
completed and reported alone, and the exit status is 1.

Usage: python scripts/run_study.py --cores all [--preset workflow/presets/smoke.yaml] [--make results/claims.json]
       python scripts/run_study.py --profile slurm [--preset workflow/presets/full.yaml]
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from regularization.settings import EXPERIMENTS, setting_class
from regularization.study import precautions, reading
from regularization.study.configuration import Configuration, ConfigurationError
from regularization.system import command_line
from regularization.system.devices import n_cuda_devices


def main() -> int:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--cores", type=command_line.cores, default="all", help="CPU cores to use on this machine: a number or all"
    )
    parser.add_argument("--profile", help="run elsewhere: slurm, or another folder of workflow/profiles")
    parser.add_argument(
        "--preset", type=command_line.file, nargs="+", default=[], help="configuration laid over config.yaml"
    )
    parser.add_argument("--make", nargs="+", default=[], metavar="FILE", help="files to make instead of everything")
    arguments = parser.parse_args()
    study = reading.validated(
        reading.load([Path("config.yaml"), *arguments.preset]), check_device=not arguments.profile
    )
    check_named_data(study)
    precautions.check_writable(study.results, precautions.STATE)
    with precautions.turn() as turn:
        return run_study(arguments, study, turn)


def check_named_data(study: Configuration) -> None:
    """Check the files of a folder that the configuration names before anything is trained.

    Raises:
        ConfigurationError: naming the first file that is missing, damaged or something else.
    """
    folder = study.fashion_mnist.folder
    if folder is None or not study.needs_images or (study.results / "data" / "fetch.json").exists():
        return
    from regularization.system import fetching

    try:
        fetching.read(folder)
    except fetching.Unavailable as reason:
        remedy = "supply the published file, or write null to look for the data elsewhere"
        raise ConfigurationError(f"fashion_mnist.folder: {reason}; {remedy}") from reason


def run_study(arguments: argparse.Namespace, study: Configuration, turn: precautions.Turn) -> int:
    """Run Snakemake, and say what came of it; the exit status."""
    results = study.results
    snakemake = [sys.executable, "-m", "snakemake"]
    if arguments.profile:
        snakemake += ["--workflow-profile", arguments.profile]
    else:
        snakemake += ["--cores", arguments.cores]
        if (devices := n_cuda_devices()) > 1:
            snakemake += ["--resources", f"gpu={devices}"]
    preset = ["--configfile", *map(str, arguments.preset)] if arguments.preset else []
    if precautions.left_locked(turn):
        print("An earlier run was killed. Its lock is taken away; what it had finished is kept.", flush=True)
        unlock(snakemake, preset, turn)
    broken = precautions.repaired(study, lambda line: print(line, flush=True))

    def command(*experiments: str) -> list[str]:
        again = [path for experiment in experiments for path in broken.get(experiment, [])]
        return [*snakemake, *(arguments.make or (["all"] if again else [])), *again, *preset]

    print(f"Running the study: snakemake {' '.join([*snakemake[3:], *arguments.make, *preset])}", flush=True)
    start = time.time()
    status = run(command(*EXPERIMENTS), turn)
    if status < 0:
        print(f"\nSnakemake was killed (by signal {-status}).", file=sys.stderr)
        unlock(snakemake, preset, turn)
    alone = [experiment for experiment in study.experiments if not setting_class(experiment).needs_images]
    fetch_log = results / "logs" / "fetch_fashion_mnist.log"
    if status != 0 and alone and changed_since(start, fetch_log) and not (results / "data" / "fetch.json").exists():
        print("\nFashion-MNIST could not be had: completing the linear experiment alone.", flush=True)
        linear_status = run([*command(*alone), "--config", f"experiments=[{', '.join(alone)}]"], turn)
        say_where(results, start)
        print(
            f"\nThe Fashion-MNIST experiment was NOT run:\n\n{fetch_log.read_text(encoding='utf-8').strip()}",
            file=sys.stderr,
        )
        return linear_status or status
    if status == 0:
        say_where(results, start)
    else:
        print(
            f"\nThe study is not complete: the messages above say why, the logs are in {results / 'logs'}.\n"
            "What is finished is kept: the same command goes on from there.",
            file=sys.stderr,
        )
        if full := precautions.full_disk(results):
            print(full, file=sys.stderr)
    return status


def unlock(snakemake: list[str], preset: list[str], turn: precautions.Turn) -> None:
    """Take away the lock of a Snakemake that was killed."""
    run([*snakemake, "--unlock", *preset], turn, quiet=True)


def run(command: list[str], turn: precautions.Turn, *, quiet: bool = False) -> int:
    """Run a command to its end; Ctrl-C reaches it too, and it is left to tidy up."""
    output = subprocess.DEVNULL if quiet else None
    with subprocess.Popen(command, pass_fds=[turn.descriptor], stdout=output, stderr=output) as process:
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, previous)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def say_where(results: Path, start: float) -> None:
    """Print where the report is and how long this run took, or that there was nothing to do."""
    seconds = time.time() - start
    report = results / "report.html"
    took = f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    if changed_since(start, report):
        print(f"\nDone in {took}. The report:\n  {report}\n  {report.with_suffix('.pdf')}")
    else:
        print(
            f"\nNothing to do: the study is complete ({took}). The report:\n  {report}\n  {report.with_suffix('.pdf')}"
        )


def changed_since(start: float, path: Path) -> bool:
    return path.exists() and path.stat().st_mtime >= start


if __name__ == "__main__":
    command_line.answered(main)
