"""Train (or solve) one cohort and write its tables.

Usage: python scripts/train_cohort.py --config results/config.json --experiment linear_regression \
           --cohort none-n20-s0-199 --output results/cohorts/linear_regression/none-n20-s0-199
"""

from regularization.system.job import START

import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from regularization.columns import COHORT_TABLES
from regularization.methods import method_class
from regularization.settings import EXPERIMENTS, setting_class
from regularization.study import integrity, plan
from regularization.study.configuration import Configuration
from regularization.study.fingerprint import training_code
from regularization.study.plan import Cohort
from regularization.system import command_line, devices, fetching, locking, machine
from regularization.system.command_line import option
from regularization.system.files import write_table
from regularization.training.results import CohortResult


def main(
    config: command_line.Config,
    experiment: Annotated[str, option(str, choices=EXPERIMENTS)],
    cohort: Annotated[str, option(str, "the cohort's name in the plan")],
    output: Annotated[Path, option(Path, "folder for its tables")],
    data: command_line.Data = None,
    device: Annotated[str | None, option(str, "auto, cpu or cuda (the configuration's)")] = None,
) -> None:
    study = Configuration.read(config)
    cohorts = plan.cohorts(study)
    chosen = next((each for each in cohorts if (each.experiment, each.name) == (experiment, cohort)), None)
    if chosen is None:
        names = [other.name for other in cohorts if other.experiment == experiment]
        problem = f"{config} plans no {experiment} cohort {cohort!r}"
        allowed = f"{len(names)} names, as in plan.parquet: {names[0]}, …" if names else "nothing, it leaves that out"
        sys.exit(f"{problem}. Allowed: {allowed}")
    if setting_class(experiment).needs_images and data is None:
        sys.exit(f"{experiment} needs --data: name the folder that scripts/fetch_data.py wrote")
    waiting = partial(print, "another process trains this cohort: waiting for it", file=sys.stderr, flush=True)
    with locking.exclusive(output / ".lock", waiting=waiting):
        finished = output / integrity.FINISHED
        # What killed processes had begun to write; nobody else writes here while the cohort is locked.
        for leftover in [*output.glob(".*.part"), *finished.glob(".*.part")]:
            leftover.unlink()
        if integrity.fault(study, chosen, finished) is None:
            print(f"{experiment} {cohort}: finished before, and intact", file=sys.stderr)
        else:
            train(study, chosen, data, output, device or study.device)
        integrity.publish(output)


@dataclass(frozen=True)
class Trained:
    """A cohort's tables, and what its provenance says of the training."""

    result: CohortResult
    start_up: float  # seconds, as the next two
    training: float
    evaluation: float
    dtype: str
    device: str = "cpu"
    device_name: str = ""
    torch: str = ""
    instructions: str = ""


def train(study: Configuration, cohort: Cohort, data: Path | None, output: Path, device: str) -> None:
    """Train or solve a cohort and write its tables to `output/.finished`, the provenance last."""
    folder = output / integrity.FINISHED
    runs = plan.runs([cohort])
    print(f"{cohort.experiment} {cohort.name}: {len(runs):,} runs", file=sys.stderr)
    trained = solved(study, cohort) if method_class(cohort.method).closed_form else sgd(study, cohort, data, device)
    ends = trained.result.runs["status"]
    lost = ", ".join(f"{(ends == status).sum():,} {status}" for status in ("diverged", "collapsed"))
    took = f"{trained.training:.1f} s training, {trained.evaluation:.1f} s evaluation"
    print(f"{len(runs):,} runs, {lost}, {took}", file=sys.stderr)
    for name in COHORT_TABLES:
        write_table(getattr(trained.result, name), folder / f"{name}.parquet")
    integrity.seal(provenance(study, cohort, trained, command(study, cohort, data, output)), folder)


def solved(study: Configuration, cohort: Cohort) -> Trained:
    """A cohort of a method in closed form."""
    from regularization.training.closed_form import solve_cohort

    start_up = time.perf_counter() - START
    result = solve_cohort(plan.runs([cohort]), study.settings[cohort.experiment])
    name = machine.processor()
    return Trained(result, start_up, time.perf_counter() - START - start_up, 0.0, "float64", device_name=name)


def sgd(study: Configuration, cohort: Cohort, data: Path | None, asked: str) -> Trained:
    """A cohort that is trained, on the device that is asked for."""
    import torch

    from regularization.training.loop import train_cohort

    device = devices.chosen(asked)
    images = fetching.load(data) if data is not None and setting_class(cohort.experiment).needs_images else None
    dtype = study.execution[cohort.experiment].dtype
    settings = study.settings[cohort.experiment]
    with devices.in_use(device) as device_name:
        start_up = time.perf_counter() - START
        result, seconds = train_cohort(plan.runs([cohort]), settings, dtype=dtype, device=device, images=images)
    took, instructions = (start_up, seconds.training, seconds.evaluation), torch.backends.cpu.get_cpu_capability()
    return Trained(result, *took, dtype, device, device_name, torch.__version__, instructions)


def command(study: Configuration, cohort: Cohort, data: Path | None, output: Path) -> Sequence[str]:
    """The command that trains the cohort once more, from the configuration beside the results."""
    images = ["--data", str(data)] if data else []
    return [
        *("python", "scripts/train_cohort.py", "--config", str(study.results / "config.json")),
        *("--experiment", cohort.experiment, "--cohort", cohort.name, *images, "--output", str(output)),
    ]


def provenance(study: Configuration, cohort: Cohort, trained: Trained, command: Sequence[str]) -> dict[str, Any]:
    """One row of the table `provenance`: what is needed to train the cohort once more, and what it cost."""
    return {
        "experiment": cohort.experiment,
        "cohort": cohort.name,
        "n_runs": cohort.n_runs,
        "digest": cohort.digest(study),
        "code": training_code(cohort.experiment, cohort.method),
        "configuration": study.digest,
        "commit": machine.commit(Path(__file__).resolve().parents[1] / "report"),
        "command": shlex.join(command),
        **machine.versions(),
        "torch": trained.torch,
        "system": machine.system(),
        "device": trained.device,
        "device_name": trained.device_name,
        "instructions": trained.instructions,
        "dtype": trained.dtype,
        "threads": 1,
        "start_up_seconds": trained.start_up,
        "training_seconds": trained.training,
        "evaluation_seconds": trained.evaluation,
        "wall_seconds": time.perf_counter() - START,
        "cpu_seconds": time.process_time(),
        "peak_memory_mib": machine.peak_memory_mib(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


if __name__ == "__main__":
    command_line.answered(main)
