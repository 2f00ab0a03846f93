"""Compute the theory of a study's linear settings, to be drawn over the measurements.

Usage: python scripts/make_theory.py --config results/config.json --output results/tables/theory.parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path

from regularization.configuration import Configuration
from regularization.files import write_table
from regularization.theory.tables import theory_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True, help="the resolved configuration (JSON)")
    parser.add_argument(
        "--output", type=Path, required=True, help="Parquet; a CSV of the same name is written beside it"
    )
    arguments = parser.parse_args()

    configuration = Configuration.from_json(arguments.config.read_text(encoding="utf-8"))
    write_table(theory_table(configuration), arguments.output, csv=True)


if __name__ == "__main__":
    main()
