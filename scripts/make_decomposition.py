"""Split the risk of every cell whose predictions were kept into bias and variance.

Usage: python scripts/make_decomposition.py --tables results/tables --data results/data \
           --output results/tables/decomposition.parquet
"""

import regularization.system.job

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pandas as pd
import pyarrow.parquet as pq

from regularization.analysis.catalogue import store
from regularization.analysis.decomposition_table import decomposition_table
from regularization.system import command_line, fetching
from regularization.system.command_line import option
from regularization.system.files import check_columns, read_table

BLOCK = 200_000  # rows of predictions in memory at once, apart from the cells that are not complete yet


def main(
    tables: Annotated[Path, option(command_line.folder, "folder with runs, settings and predictions_{experiment}")],
    output: command_line.TableOutput,
    data: command_line.Data = None,
    examples: Annotated[
        Path | None, option(command_line.file, "the same of the chapter's example (make_examples.py), appended")
    ] = None,
) -> None:
    runs, settings = (read_table(tables / f"{name}.parquet") for name in ("runs", "settings"))
    predictions = {}
    for experiment in runs["experiment"].unique():
        path = tables / f"predictions_{experiment}.parquet"
        if path.exists():
            predictions[experiment] = blocks(path)
    labels = None if data is None else fetching.load(data).test_labels
    try:
        table = decomposition_table(runs, settings, predictions, labels)
    except ValueError as error:
        sys.exit(f"cannot split the risk into bias and variance: {error}")
    if examples is not None:
        table = pd.concat([table, read_table(examples)], ignore_index=True)
    store("decomposition", table, output)


def blocks(path: Path) -> Iterator[pd.DataFrame]:
    """A table of predictions, a block of rows at a time; an empty one has no types to read."""
    check_columns(path, ["run_id", "item"])
    with pq.ParquetFile(path, read_dictionary=["run_id"]) as file:
        if file.metadata.num_rows:
            for batch in file.iter_batches(batch_size=BLOCK):
                yield batch.to_pandas()


if __name__ == "__main__":
    command_line.answered(main)
