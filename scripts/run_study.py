"""Run the workflow and say where the report is and how long it took: what `make` does once the environment is there.

Where Fashion-MNIST cannot be had, the linear experiment is completed and reported alone, and the exit status is 1.

Usage: python scripts/run_study.py --cores all [--preset workflow/presets/smoke.yaml]
       python scripts/run_study.py --profile slurm [--preset workflow/presets/full.yaml]
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from regularization.configuration import ConfigurationError, load
from regularization.devices import n_cuda_devices

LINEAR_ALONE = "experiments=[weight_decay]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", default="all", help="CPU cores to use on this machine: a number or all")
    parser.add_argument("--profile", help="run elsewhere: slurm, or another folder of workflow/profiles")
    parser.add_argument("--preset", type=Path, nargs="+", default=[], help="configuration laid over config.yaml")
    arguments = parser.parse_args()
    try:
        results = Path(load([Path("config.yaml"), *arguments.preset])["results"])
    except (ConfigurationError, KeyError, TypeError):
        results = Path("results")  # Snakemake is about to say what is wrong
    snakemake = [sys.executable, "-m", "snakemake"]
    if arguments.profile:
        snakemake += ["--workflow-profile", arguments.profile]
    else:
        snakemake += ["--cores", arguments.cores]
        if (devices := n_cuda_devices()) > 1:
            snakemake += ["--resources", f"gpu={devices}"]
    if arguments.preset:
        snakemake += ["--configfile", *map(str, arguments.preset)]

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
    sys.exit(main())
