"""Aggregate one experiment's cohorts into its tables; fails naming what is missing, damaged or of another study.

Usage: python scripts/aggregate_experiment.py --config results/config.json --plan results/plan.parquet \
           --cohorts results/cohorts/weight_decay --experiment weight_decay --output results/aggregated/weight_decay
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from regularization import integrity, plan
from regularization.aggregation import MissingRunsError, cells_table, check_complete
from regularization.configuration import Configuration
from regularization.files import renamed_when_complete, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--cohorts", type=Path, required=True, help="folder with one folder a cohort")
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    study = Configuration.read(arguments.config)
    cohorts = [cohort for cohort in plan.cohorts(study) if cohort.experiment == arguments.experiment]
    try:
        integrity.check(study, cohorts, arguments.cohorts.parent)
    except integrity.FaultyCohortsError as error:
        sys.exit(f"cannot aggregate {arguments.experiment}: {error}")

    planned = pd.read_parquet(arguments.plan, filters=[("experiment", "==", arguments.experiment)])
    folders = [arguments.cohorts / name for name in planned["cohort"].unique()]
    runs = pd.concat([pd.read_parquet(folder / "runs.parquet") for folder in folders])
    try:
        check_complete(planned["run_id"], runs["run_id"])
    except MissingRunsError as error:
        sys.exit(f"cannot aggregate {arguments.experiment}: {error}")
    runs = runs.set_index("run_id").loc[planned["run_id"]].reset_index()  # in the order of the plan
    write_table(runs, arguments.output / "runs.parquet")
    write_table(cells_table(runs), arguments.output / "cells.parquet")
    # Jobs of an earlier version may have recorded less about themselves.
    write_table(
        pd.concat([pd.read_parquet(folder / "provenance.parquet") for folder in folders], ignore_index=True),
        arguments.output / "provenance.parquet",
    )
    for name in ("curves", "predictions", "probes"):
        concatenate([folder / f"{name}.parquet" for folder in folders], arguments.output / f"{name}.parquet")
    print(f"{arguments.experiment}: {len(runs):,} runs from {len(folders)} cohorts", file=sys.stderr)


def concatenate(parts: list[Path], output: Path) -> None:
    """Concatenate Parquet files one at a time, so that memory holds one of them; empty ones have no columns."""
    filled = [part for part in parts if pq.read_metadata(part).num_rows] or parts[:1]
    with renamed_when_complete(output) as temporary, pq.ParquetWriter(temporary, pq.read_schema(filled[0])) as writer:
        for part in filled:
            writer.write_table(pq.read_table(part).cast(writer.schema))


if __name__ == "__main__":
    main()
