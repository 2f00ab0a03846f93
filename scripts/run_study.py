"""Run the workflow and say where the report is and how long it took: what `make` does once the environment is there.

Where Fashion-MNIST cannot be had, the linear experiment is completed and reported alone, and the exit status is 1.

Usage: python scripts/run_study.py --cores all [--preset workflow/presets/smoke.yaml]
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from regularization import command_line, configuration
from regularization.configuration import Configuration, ConfigurationError

LINEAR_ALONE = "experiments=[weight_decay]"


def main() -> int:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=command_line.cores, default="all", help="CPU cores to use: a number or all")
    parser.add_argument("--preset", type=command_line.file, help="configuration laid over config.yaml")
    arguments = parser.parse_args()
    overlay = [arguments.preset] if arguments.preset else []
    study = configuration.validated(configuration.load([Path("config.yaml"), *overlay]))
    check_named_data(study)
    results = study.results
    snakemake = [sys.executable, "-m", "snakemake", "--cores", arguments.cores]
    if arguments.preset:
        snakemake += ["--configfile", str(arguments.preset)]

    print(f"Running the study: snakemake {' '.join(snakemake[3:])}", flush=True)
    start = time.time()
    status = run(snakemake)
    fetch_log = results / "logs" / "fetch_fashion_mnist.log"
    if status != 0 and changed_since(start, fetch_log) and not (results / "data" / "fetch.json").exists():
        print("\nFashion-MNIST could not be had: completing the linear experiment alone.", flush=True)
        linear_status = run([*snakemake, "--config", LINEAR_ALONE])
        say_where(results, start)
        print(
            f"\nThe dropout experiment was NOT run:\n\n{fetch_log.read_text(encoding='utf-8').strip()}", file=sys.stderr
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
    return status


def check_named_data(study: Configuration) -> None:
    """Check the files of a folder that the configuration names before anything is trained.

    Raises:
        ConfigurationError: naming the first file that is missing, damaged or something else.
    """
    folder = study.fashion_mnist_folder
    if folder is None or "dropout" not in study.experiments or (study.results / "data" / "fetch.json").exists():
        return
    from regularization import fetching

    try:
        fetching.read(folder)
    except fetching.Unavailable as reason:
        remedy = "supply the published file, or write null to look for the data elsewhere"
        raise ConfigurationError(f"fashion_mnist.folder: {reason}; {remedy}") from reason


def run(command: list[str]) -> int:
    """Run a command to its end; Ctrl-C reaches it too, and it is left to tidy up."""
    with subprocess.Popen(command) as process:
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
