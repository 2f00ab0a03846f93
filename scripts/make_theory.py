"""Compute the theory of a study's linear settings, to be drawn over the measurements.

Usage: python scripts/make_theory.py --config results/config.json --output results/tables/theory.parquet
"""

from __future__ import annotations

import regularization.system.job

from pathlib import Path

from regularization.analysis.catalogue import store
from regularization.analysis.theory_table import theory_table
from regularization.study.configuration import Configuration
from regularization.system import command_line


def main() -> None:
    parser = command_line.Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=command_line.file, required=True, help="the resolved configuration (JSON)")
    parser.add_argument(
        "--output", type=Path, required=True, help="Parquet; a CSV of the same name is written beside it"
    )
    arguments = parser.parse_args()

    configuration = Configuration.read(arguments.config)
    store("theory", theory_table(configuration), arguments.output)


if __name__ == "__main__":
    command_line.answered(main)
