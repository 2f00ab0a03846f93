"""The rows of some runs of a table at a time: of one in memory, or of a file too large to be read whole."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regularization.system.files import check_columns, damaged

KEPT = 48  # row groups in memory, some 10 MB each: whoever walks along λ comes back to the same ones


def n_values(path: Path) -> int:
    """How many values a Parquet file has, over all rows and columns."""
    content = pq.read_metadata(path)
    return int(content.num_rows * content.num_columns)


class WholeTable:
    """A table in memory with the column `run_id`; every run's places in it are found once."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._places = table.groupby("run_id", sort=False).indices

    def rows(self, run_ids: pd.Series) -> pd.DataFrame:
        """All rows of these runs, in the table's order; runs that it does not have are passed over."""
        found = [self._places[run_id] for run_id in run_ids if run_id in self._places]
        return self._table.iloc[np.sort(np.concatenate(found))] if found else self._table.iloc[:0]


class LargeTable:
    """A Parquet file with the column `run_id`, of which only the row groups are read that hold what is asked for.

    Where every run is, is found once, from that column alone.
    """

    def __init__(self, path: Path) -> None:
        """Look where each run is; `UserError` if the file is missing, damaged or has no runs."""
        check_columns(path, ["run_id"])
        self._path = path
        self._file = pq.ParquetFile(path, read_dictionary=["run_id"])
        self._first: dict[str, int] = {}  # run → the first row group that has rows of it, and the last
        self._last: dict[str, int] = {}
        for group in range(self._file.num_row_groups):
            ids = self._read(group, ("run_id",))["run_id"].unique().to_pylist()
            self._first.update((run_id, group) for run_id in ids if run_id not in self._first)
            self._last.update(dict.fromkeys(ids, group))
        self._group = lru_cache(KEPT)(self._read)

    def rows(self, run_ids: pd.Series) -> pd.DataFrame:
        """All rows of these runs, in the file's order; runs that it does not have are passed over."""
        known = [run_id for run_id in run_ids if run_id in self._first]
        spans = {(self._first[run_id], self._last[run_id]) for run_id in known}
        groups = sorted({group for first, last in spans for group in range(first, last + 1)})
        wanted = pa.array(known, pa.string())
        found = [_of_runs(self._group(group), wanted) for group in groups]
        empty = _plain(self._file.schema_arrow).empty_table()
        return pa.concat_tables([empty, *found]).to_pandas(ignore_metadata=True)

    def _read(self, group: int, columns: tuple[str, ...] | None = None) -> pa.Table:
        try:
            return self._file.read_row_group(group, columns)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self._path, error) from error


def _of_runs(table: pa.Table, wanted: pa.Array) -> pa.Table:
    """The rows of some runs; each name is looked at once, not in every row."""
    ids = table["run_id"].unify_dictionaries().combine_chunks()
    rows = table.filter(pc.is_in(ids.dictionary.cast(pa.string()), wanted).take(ids.indices))
    return rows.cast(_plain(rows.schema))


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema with text for the names of the runs."""
    text = pa.field("run_id", pa.large_string())
    return schema.set(schema.get_field_index("run_id"), text).remove_metadata()
