"""Measure how hard each method is to tune, and what choosing on test data would pretend.

Usage: python scripts/make_tuning.py --tables results/tables --output results/tables/tuning.parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from regularization.files import write_table
from regularization.tuning import tuning_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, required=True, help="folder with the study's tables (*.parquet)")
    parser.add_argument(
        "--output", type=Path, required=True, help="Parquet; a CSV of the same name is written beside it"
    )
    arguments = parser.parse_args()

    write_table(tuning_table(pd.read_parquet(arguments.tables / "runs.parquet")), arguments.output, csv=True)


if __name__ == "__main__":
    main()
