"""Aggregate one experiment's cohorts into its tables; fails naming what is missing, damaged or of another study.

Usage: python scripts/aggregate_experiment.py --config results/config.json --plan results/plan.parquet \
           --cohorts results/cohorts/linear_regression --experiment linear_regression \
           --output results/aggregated/linear_regression
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from regularization.analysis.aggregation import MissingRunsError, cells_table, check_complete, check_order
from regularization.columns import COHORT_TABLES, METRICS
from regularization.naming import CELL
from regularization.settings import EXPERIMENTS
from regularization.study import integrity, plan
from regularization.study.configuration import Configuration
from regularization.system import command_line
from regularization.system.files import concatenate, read_table, write_table


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=command_line.file, required=True, help="the resolved configuration (JSON)")
    parser.add_argument("--plan", type=command_line.file, required=True)
    parser.add_argument("--cohorts", type=command_line.folder, required=True, help="folder with one folder a cohort")
    parser.add_argument("--experiment", required=True, choices=EXPERIMENTS)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    planned = read_table(arguments.plan, ["run_id", "cohort"], filters=[("experiment", "==", arguments.experiment)])
    if planned.empty:
        sys.exit(f"{arguments.plan} plans no runs of {arguments.experiment}: leave it out of experiments, or plan anew")
    study = Configuration.read(arguments.config)
    cohorts = [cohort for cohort in plan.cohorts(study) if cohort.experiment == arguments.experiment]
    try:
        integrity.check(study, cohorts, arguments.cohorts.parent)
    except integrity.FaultyCohortsError as error:
        sys.exit(f"cannot aggregate {arguments.experiment}: {error}")
    folders = [arguments.cohorts / name for name in planned["cohort"].unique()]
    found = [read_table(folder / "runs.parquet", ["run_id"]) for folder in folders]
    runs = pd.concat(found, ignore_index=True)["run_id"]
    try:
        check_complete(planned["run_id"], runs)
        check_order(planned["run_id"], runs)
    except MissingRunsError as error:
        sys.exit(f"cannot aggregate {arguments.experiment}: {error}")
    for name in COHORT_TABLES:
        concatenate([folder / f"{name}.parquet" for folder in folders], arguments.output / f"{name}.parquet")
    write_table(
        pd.concat([read_table(folder / "provenance.parquet") for folder in folders], ignore_index=True),
        arguments.output / "provenance.parquet",
    )
    measured = read_table(arguments.output / "runs.parquet", [*CELL, "status", *METRICS])
    write_table(cells_table(measured), arguments.output / "cells.parquet")
    print(f"{arguments.experiment}: {len(runs):,} runs from {len(folders)} cohorts", file=sys.stderr)


if __name__ == "__main__":
    command_line.answered(main)
