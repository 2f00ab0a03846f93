"""Compute the theory of a study's linear settings, to be drawn over the measurements.

Usage: python scripts/make_theory.py --config results/config.json --output results/tables/theory.parquet
"""

import regularization.system.job

from regularization.analysis.catalogue import store
from regularization.analysis.theory_table import theory_table
from regularization.study.configuration import Configuration
from regularization.system.command_line import Config, TableOutput, answered


def main(config: Config, output: TableOutput) -> None:
    store("theory", theory_table(Configuration.read(config)), output)


if __name__ == "__main__":
    answered(main)
