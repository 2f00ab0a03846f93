"""Measure how hard each method is to tune, and what choosing on test data would pretend.

Usage: python scripts/make_tuning.py --tables results/tables --output results/tables/tuning.parquet
"""

from __future__ import annotations

from pathlib import Path

from regularization.analysis.tuning import tuning_table
from regularization.columns import RUN_COLUMNS
from regularization.system import command_line
from regularization.system.files import read_table, write_table


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--tables", type=command_line.folder, required=True, help="folder with the study's tables (*.parquet)"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="Parquet; a CSV of the same name is written beside it"
    )
    arguments = parser.parse_args()

    write_table(
        tuning_table(read_table(arguments.tables / "runs.parquet", needed=RUN_COLUMNS)), arguments.output, csv=True
    )


if __name__ == "__main__":
    command_line.answered(main)
