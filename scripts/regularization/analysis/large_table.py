"""The rows of some runs of a table at a time: of one in memory, or of a file too large to be read whole."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from regularization.system.files import check_columns, damaged


def n_values(path: Path) -> int:
    """Count the values of a Parquet file, over all rows and columns."""
    content = pq.read_metadata(path)
    return int(content.num_rows * content.num_columns)


class WholeTable:
    """A table in memory with the column `run_id`; every run's places in it are found once."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._places = table.groupby("run_id", sort=False).indices

    def rows(self, run_ids: pd.Series) -> pd.DataFrame:
        """Return the rows of these runs, in the table's order; runs that it does not have are passed over."""
        found = [self._places[run_id] for run_id in run_ids if run_id in self._places]
        return self._table.iloc[np.sort(np.concatenate(found))] if found else self._table.iloc[:0]


class LargeTable:
    """A Parquet file of which only row groups with the runs asked for are read; `UserError` if missing or damaged."""

    def __init__(self, path: Path) -> None:
        check_columns(path, ["run_id"])
        self._path = path

    def rows(self, run_ids: pd.Series) -> pd.DataFrame:
        """Return the rows of these runs, in the file's order; runs that it does not have are passed over."""
        try:
            file = pyarrow.dataset.dataset(self._path)
            wanted = pyarrow.dataset.field("run_id").isin(pa.array(run_ids, pa.large_string()))
            return file.to_table(filter=wanted, batch_readahead=1).combine_chunks().to_pandas(ignore_metadata=True)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self._path, error) from error
