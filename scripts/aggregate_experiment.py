"""Aggregate one experiment's cohorts into its tables; fails naming what is missing, damaged or of another study.

Usage: python scripts/aggregate_experiment.py --config results/config.json --cohorts results/cohorts/linear_regression \
           --experiment linear_regression --output results/aggregated/linear_regression \
           --predictions results/tables/predictions_linear_regression.parquet
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd

from regularization.analysis.aggregation import MissingRunsError, cells_table, check_complete, check_order
from regularization.columns import COHORT_TABLES, METRICS
from regularization.naming import CELL
from regularization.settings import EXPERIMENTS
from regularization.study import integrity, plan
from regularization.study.configuration import Configuration
from regularization.system import command_line
from regularization.system.command_line import option
from regularization.system.files import concatenate, read_table, write_table


def main(
    config: command_line.Config,
    cohorts: Annotated[Path, option(command_line.folder, "folder with one folder a cohort")],
    experiment: Annotated[str, option(str, choices=EXPERIMENTS)],
    output: command_line.Output,
    predictions: Annotated[Path | None, option(Path, "where that table goes, if not to the others")] = None,
    only: Annotated[Sequence[str], option(str, "the names of some of its cohorts", nargs="+")] = (),
) -> None:
    study = Configuration.read(config)
    of_experiment = [one for one in plan.cohorts(study) if one.experiment == experiment]
    wanted = [one for one in of_experiment if not only or one.name in only]
    if not wanted:
        sys.exit(f"the study plans no runs of {experiment}: leave it out of experiments")
    planned = plan.runs(wanted)
    try:
        integrity.check(study, wanted, cohorts.parent)
        folders = [cohorts / name for name in planned["cohort"].unique()]
        found = [read_table(folder / "runs.parquet", ["run_id"]) for folder in folders]
        runs = pd.concat(found, ignore_index=True)["run_id"]
        check_complete(planned["run_id"], runs)
        check_order(planned["run_id"], runs)
    except (integrity.FaultyCohortsError, MissingRunsError) as error:
        sys.exit(f"cannot aggregate {experiment}: {error}")
    for name in COHORT_TABLES:
        path = predictions if predictions and name == "predictions" else output / f"{name}.parquet"
        concatenate([folder / f"{name}.parquet" for folder in folders], path)
    provenance = pd.concat([read_table(folder / "provenance.parquet") for folder in folders], ignore_index=True)
    write_table(provenance, output / "provenance.parquet")
    measured = read_table(output / "runs.parquet", [*CELL, "status", *METRICS])
    write_table(cells_table(measured), output / "cells.parquet")
    print(f"{experiment}: {len(runs):,} runs from {len(folders)} cohorts", file=sys.stderr)


if __name__ == "__main__":
    command_line.answered(main)
