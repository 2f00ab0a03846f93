"""Run the chapter's example of bias and variance, y = x² and y = x₁x₂, and write its tables.

Usage: python scripts/make_examples.py --output-decomposition results/tables/decomposition_example.parquet \
           --output-curves results/tables/examples.parquet
"""

from __future__ import annotations

import regularization.system.job

from pathlib import Path

from regularization.analysis.catalogue import store
from regularization.analysis.chapter_example import example_tables
from regularization.system import command_line


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    both = "Parquet; a CSV of the same name is written beside it"
    parser.add_argument("--output-decomposition", type=Path, required=True, help=f"bias and variance: {both}")
    parser.add_argument("--output-curves", type=Path, required=True, help=f"predictions on a grid: {both}")
    arguments = parser.parse_args()

    decomposition, curves = example_tables()
    store("decomposition", decomposition, arguments.output_decomposition)
    store("examples", curves, arguments.output_curves)


if __name__ == "__main__":
    command_line.answered(main)
