"""Train (or solve) one cohort and write its tables; the last line of its output says how far the study is.

Usage: python scripts/train_cohort.py --config results/config.json --experiment weight_decay \
           --cohort none-n20-s0-199 --output results/cohorts/weight_decay/none-n20-s0-199
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

START = time.perf_counter()
# Two threads on a busy machine made a cohort 20 times slower; cohorts run in parallel instead.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from regularization import devices, plan, progress  # noqa: E402
from regularization.configuration import Configuration  # noqa: E402
from regularization.files import write_table  # noqa: E402
from regularization.fingerprint import training_code  # noqa: E402
from regularization.methods import method_class  # noqa: E402
from regularization.results import CohortResult  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True, help="results/config.json, or - for standard input")
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--cohort", required=True, help="the cohort's name in the plan")
    parser.add_argument("--data", type=Path, help="folder with the verified Fashion-MNIST arrays (dropout only)")
    parser.add_argument("--output", type=Path, required=True, help="folder for its tables")
    parser.add_argument("--cores", type=int, default=1, help="jobs that run side by side, to tell the time left (1)")
    arguments = parser.parse_args()

    study = Configuration.read(arguments.config)
    cohorts = plan.cohorts(study)
    cohort = next((c for c in cohorts if (c.experiment, c.name) == (arguments.experiment, arguments.cohort)), None)
    if cohort is None:
        sys.exit(f"{arguments.config} plans no {arguments.experiment} cohort {arguments.cohort!r}")
    runs = plan.runs([cohort])
    settings = dict(study.settings[cohort.experiment])
    print(f"{cohort.experiment} {cohort.name}: {len(runs):,} runs", file=sys.stderr)

    dtype = study.execution[cohort.experiment].dtype
    versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": ""}
    closed_form = method_class(cohort.method).closed_form
    try:
        device = "cpu" if closed_form else devices.chosen(study.device)
    except devices.NoDeviceError as error:
        sys.exit(str(error))
    if closed_form:
        from regularization.closed_form import solve_cohort

        dtype, device_name = "float64", devices.processor()
        start_up = time.perf_counter() - START
        result = solve_cohort(runs, settings)
        training, evaluation = time.perf_counter() - START - start_up, 0.0
    else:
        import torch

        from regularization.training import train_cohort

        versions["torch"] = torch.__version__
        images = None
        if cohort.experiment == "dropout":
            from regularization import fashion_mnist

            images = fashion_mnist.load(arguments.data)
        with devices.in_use(device) as device_name:
            start_up = time.perf_counter() - START
            result, seconds = train_cohort(runs, settings, dtype=dtype, device=device, images=images)
        training, evaluation = seconds.training, seconds.evaluation

    n_diverged = int((result.runs["status"] == "diverged").sum())
    print(
        f"{len(runs):,} runs, {n_diverged:,} diverged, {training:.1f} s training, {evaluation:.1f} s evaluation",
        file=sys.stderr,
    )
    provenance = {
        "experiment": cohort.experiment,
        "cohort": cohort.name,
        "n_runs": len(runs),
        "digest": cohort.digest(study),
        "code": training_code(cohort.experiment, cohort.method),
        **versions,
        "device": device,
        "device_name": device_name,
        "dtype": dtype,
        "threads": 1,
        "start_up_seconds": start_up,
        "training_seconds": training,
        "evaluation_seconds": evaluation,
        "wall_seconds": time.perf_counter() - START,
        "cpu_seconds": time.process_time(),
        "peak_memory_mib": peak_memory_mib(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    write_cohort(result, pd.DataFrame([provenance]), arguments.output)
    print(progress.line(study, cohorts, cohort, arguments.cores), flush=True)


def write_cohort(result: CohortResult, provenance: pd.DataFrame, folder: Path) -> None:
    """Write the cohort's tables, each to a temporary name first."""
    write_table(result.curves, folder / "curves.parquet")
    write_table(result.predictions, folder / "predictions.parquet")
    write_table(result.probes, folder / "probes.parquet")
    write_table(provenance, folder / "provenance.parquet")
    write_table(result.runs, folder / "runs.parquet")


def peak_memory_mib() -> float:
    """Peak resident memory of this process in MiB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
