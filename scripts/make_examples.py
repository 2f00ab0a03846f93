"""Run the chapter's example of bias and variance, y = x² and y = x₁x₂, and write its tables.

Usage: python scripts/make_examples.py --output-decomposition results/tables/decomposition_example.parquet \
           --output-curves results/tables/examples.parquet
"""

from __future__ import annotations

import regularization.system.job

from pathlib import Path

from regularization.analysis.chapter_example import example_tables
from regularization.system import command_line
from regularization.system.files import write_table


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    both = "Parquet; a CSV of the same name is written beside it"
    parser.add_argument("--output-decomposition", type=Path, required=True, help=f"bias and variance: {both}")
    parser.add_argument("--output-curves", type=Path, required=True, help=f"predictions on a grid: {both}")
    arguments = parser.parse_args()

    decomposition, curves = example_tables()
    write_table(decomposition, arguments.output_decomposition, csv=True)
    write_table(curves, arguments.output_curves, csv=True)


if __name__ == "__main__":
    command_line.answered(main)
