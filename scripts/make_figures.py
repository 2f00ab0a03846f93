"""Draw the report's figures: tables → SVG, the data behind each as CSV, and a manifest with captions and alt text."""

from __future__ import annotations

import argparse
from pathlib import Path

from regularization.figures import all_exhibits
from regularization.figures.exhibit import write
from regularization.tables import Tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, required=True, help="folder with the study's tables (*.parquet)")
    parser.add_argument("--config", type=Path, help="the resolved configuration (results/config.json); not needed yet")
    parser.add_argument("--output", type=Path, required=True, help="folder for *.svg, *.csv and figures.json")
    arguments = parser.parse_args()
    exhibits = all_exhibits(Tables.read(arguments.tables))
    write(exhibits, arguments.output)
    print(f"{len(exhibits)} figures in {arguments.output}")


if __name__ == "__main__":
    main()
