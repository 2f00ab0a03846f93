"""Measure what planning, the dry run, aggregation and the report cost as a study grows; made-up results, no training.

The study is the linear part of config.yaml with more seeds. Every cohort gets random tables in the real format, and
each step runs as the program that the workflow runs, but the theory: it depends on the configuration alone, and is an
empty table here. Made-up runs have no account of their risk. There are no networks, and so no images.

Usage: PYTHONPATH=scripts python docs/measuring/scale.py --runs 1000 10000 100000 1000000 --folder /tmp/scale
"""

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd

from regularization.analysis.catalogue import TABLES
from regularization.columns import COHORT_TABLES, CURVE_COLUMNS, METRICS, RUN_COLUMNS
from regularization.methods import method_class
from regularization.settings import LinearRegressionSetting, of_kind
from regularization.study import integrity, plan, reading
from regularization.study.configuration import Configuration
from regularization.study.plan import Cohort
from regularization.system.command_line import answered, option
from regularization.system.files import write_table
from regularization.training.results import NO_PROBES, CohortResult
from train_cohort import Trained, provenance

EPOCHS = np.unique(np.geomspace(1, 100, 16).astype(np.int32))  # about as many points as a real curve has
MEASURED = [name for name in METRICS if not name.endswith("accuracy")]  # of a linear model
SCRIPTS = Path(__file__).parents[2] / "scripts"
STEPS = ("plan", "dry run", "aggregation", "decomposition", "tuning", "claims", "figures", "report")


@dataclass(frozen=True)
class Cost:
    """What a program took, or several one after another."""

    seconds: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{self.seconds:,.1f} s, {self.peak_mib:,.0f} MiB"


def main(
    runs: Annotated[list[int], option(int, "about how many runs, one study for each", nargs="+")],
    folder: Annotated[Path, option(Path, "a new folder for the made-up results")],
    last: Annotated[str, option(str, "the last step (report)", choices=("aggregation", "report"))] = "report",
) -> None:
    if folder.exists():
        sys.exit(f"--folder {folder} is there already: name a new one, it is filled with gigabytes")

    print(f"| runs | cells | jobs | {' | '.join(STEPS)} |\n|{'---|' * (3 + len(STEPS))}")
    for n in runs:
        study = grown(n, folder / str(n) / "results")
        cohorts = plan.cohorts(study)
        costs = measured(study, cohorts, folder / str(n), last)
        n_runs = sum(cohort.n_runs for cohort in cohorts)
        counts = f"{n_runs:,} | {len(plan.cells(study)[0]):,} | {len(cohorts):,}"
        print(f"| {counts} | {' | '.join(str(costs.get(step, '–')) for step in STEPS)} |", flush=True)


def grown(n: int, results: Path) -> Configuration:
    """The linear part of the standard study with as many seeds as make about `n` runs."""
    config = reading.load([Path("config.yaml")], {"results": str(results), "experiments": ["linear_regression"]})
    entries = [entry for entry in config["study"] if entry["experiment"] == "linear_regression"]
    with_one_seed: dict[str, Any] = {**config, "study": [{**entry, "seeds": 1} for entry in entries]}
    cells = plan.cells(reading.validated(with_one_seed))[0]
    seeds = math.ceil(n / len(cells))
    return reading.validated({**config, "study": [{**entry, "seeds": seeds} for entry in entries]})


def measured(study: Configuration, cohorts: Sequence[Cohort], folder: Path, last: str) -> dict[str, Cost]:
    """Run the steps one after another, to the last that is asked for, and measure each."""
    results, tables = study.results, study.results / "tables"
    folder.mkdir(parents=True)
    overlay = folder / "study.yaml"
    overlay.write_text(study.as_json(), encoding="utf-8")
    costs = {"plan": cost([program("plan_study"), "--output", results], given=overlay)}
    costs["dry run"] = cost(["-m", "snakemake", "--dry-run", "--quiet", "all", "--cores", "2", "--configfile", overlay])
    for cohort in cohorts:
        make_up(study, cohort, results / "cohorts" / cohort.experiment / cohort.name)
    aggregated = results / "aggregated"
    costs["aggregation"] = together(
        cost(
            [program("aggregate_experiment"), "--config", results / "config.json"],
            *("--cohorts", results / "cohorts" / "linear_regression", "--experiment", "linear_regression"),
            *("--output", aggregated / "linear_regression"),
            *("--predictions", tables / "predictions_linear_regression.parquet"),
        ),
        cost(
            [program("collect_tables"), "--config", results / "config.json"],
            *("--aggregated", aggregated, "--output", tables),
        ),
    )
    if last == "aggregation":
        return costs
    nothing = pd.DataFrame({name: pd.Series(dtype="str") for name in ("experiment", "setting", "quantity")})
    write_table(nothing.assign(lam=0.0, n_train=0.0, value=0.0, ci_low=0.0, ci_high=0.0), tables / "theory.parquet")
    assert all((tables / f"{name}.parquet").is_file() for name, table in TABLES.items() if table.basic)
    for step, given in (("decomposition", ["--tables", tables]), ("tuning", ["--runs", tables / "runs.parquet"])):
        costs[step] = cost([program(f"make_{step}"), *given, "--output", tables / f"{step}.parquet"])
    costs["claims"] = cost([program("evaluate_claims"), "--tables", tables, "--output", results])
    figures = results / "figures"
    costs["figures"] = cost([program("make_figures"), "--tables", tables, "--output", figures])
    costs["report"] = cost(
        [program("render_report"), "--tables", tables, "--figures", figures, "--config", results / "config.json"],
        *("--html", results / "report.html", "--pdf", results / "report.pdf"),
    )
    return costs


def program(name: str) -> Path:
    return SCRIPTS / f"{name}.py"


# A small process between: at first a process has the memory of the one that starts it.
WATCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(time.perf_counter() - start, peak / (1024**2 if sys.platform == "darwin" else 1024))
sys.exit(status)
"""


def cost(command: Sequence[object], *more: object, given: Path | None = None) -> Cost:
    """Run Python with these arguments, `given` on its standard input; exit with what it said, if it fails."""
    arguments = [sys.executable, *map(str, (*command, *more))]
    with Path(given or os.devnull).open("rb") as source:
        watched = [sys.executable, "-c", WATCH, *arguments]
        done = subprocess.run(watched, stdin=source, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return Cost(*map(float, done.stdout.split()[-2:]))


def together(*costs: Cost) -> Cost:
    """Programs that run one after another."""
    return Cost(sum(each.seconds for each in costs), max(each.peak_mib for each in costs))


def make_up(study: Configuration, cohort: Cohort, folder: Path) -> None:
    """Write random tables for a cohort, as `train_cohort.py` does."""
    planned = plan.runs([cohort])
    rng = np.random.default_rng([cohort.first_seed, len(planned)])
    metrics = pd.DataFrame(np.exp(rng.standard_normal((len(planned), len(MEASURED)))), columns=MEASURED)
    runs = pd.concat([planned, metrics], axis=1).assign(status="ok", epochs=100.0).reindex(columns=RUN_COLUMNS)
    trained = runs if not method_class(cohort.method).closed_form else runs.iloc[:0]
    curves = trained.loc[trained.index.repeat(len(EPOCHS)), ["run_id", *METRICS]]
    curves = curves.assign(epoch=np.tile(EPOCHS, len(trained)))
    curves[MEASURED] *= rng.uniform(1, 2, (len(curves), len(MEASURED)))
    kept = weights(study, planned[planned["predictions"]], rng)
    result = CohortResult(runs, curves.reindex(columns=CURVE_COLUMNS), kept, NO_PROBES)
    for name in COHORT_TABLES:
        write_table(getattr(result, name), folder / f"{name}.parquet")
    integrity.seal(provenance(study, cohort, Trained(result, 1.0, 1.0, 0.0, "float64"), ["made", "up"]), folder)


def weights(study: Configuration, kept: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Random weights, and a bias, of the runs whose predictions are kept."""
    settings = of_kind(LinearRegressionSetting, study.settings["linear_regression"])
    n_items = [settings[name].n_features + 1 for name in kept["setting"]]
    items = [np.arange(n, dtype=np.int32) for n in n_items]
    return pd.DataFrame(
        {
            "run_id": kept["run_id"].repeat(n_items),
            "item": np.concatenate(items) if items else np.zeros(0, np.int32),
            "weight": rng.standard_normal(sum(n_items)),
        }
    )


if __name__ == "__main__":
    answered(main)
