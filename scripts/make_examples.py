"""Run the chapter's example of bias and variance, y = x² and y = x₁x₂, and write its tables.

Usage: python scripts/make_examples.py --output-decomposition results/tables/decomposition_example.parquet \
           --output-curves results/tables/examples.parquet
"""

import regularization.system.job

from regularization.analysis.catalogue import store
from regularization.analysis.chapter_example import example_tables
from regularization.system.command_line import TableOutput, answered


def main(output_decomposition: TableOutput, output_curves: TableOutput) -> None:
    decomposition, curves = example_tables()
    store("decomposition", decomposition, output_decomposition)
    store("examples", curves, output_curves)


if __name__ == "__main__":
    answered(main)
