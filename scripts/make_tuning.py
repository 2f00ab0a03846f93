"""Measure how hard each method is to tune, and what choosing on test data would pretend.

Usage: python scripts/make_tuning.py --runs results/tables/runs.parquet --output results/tables/tuning.parquet
"""

from __future__ import annotations

from pathlib import Path

from regularization.analysis.catalogue import store
from regularization.analysis.tuning import tuning_table
from regularization.columns import RUN_COLUMNS
from regularization.system import command_line
from regularization.system.files import read_table


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=command_line.file, required=True, help="the study's runs (Parquet)")
    parser.add_argument(
        "--output", type=Path, required=True, help="Parquet; a CSV of the same name is written beside it"
    )
    arguments = parser.parse_args()

    runs = read_table(arguments.runs, needed=RUN_COLUMNS)
    store("tuning", tuning_table(runs), arguments.output)


if __name__ == "__main__":
    command_line.answered(main)
