"""Measure how hard each method is to tune, and what choosing on test data would pretend.

Usage: python scripts/make_tuning.py --runs results/tables/runs.parquet --output results/tables/tuning.parquet
"""

from regularization.analysis.catalogue import store
from regularization.analysis.tuning import tuning_table
from regularization.columns import RUN_COLUMNS
from regularization.system.command_line import Runs, TableOutput, answered
from regularization.system.files import read_table


def main(runs: Runs, output: TableOutput) -> None:
    store("tuning", tuning_table(read_table(runs, needed=RUN_COLUMNS)), output)


if __name__ == "__main__":
    answered(main)
