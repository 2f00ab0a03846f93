"""One table of two studies, compared cell by cell in bounded memory.

Both files are read in step, a part at a time, as long as their rows have the same keys in the same order. Where they
have not, rows are matched by their keys, those of one hash bucket at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.types import is_numeric_dtype

from regularization.analysis.catalogue import key_of
from regularization.system.files import sha256

LAYOUT = frozenset({"cohort"})  # the job that trained a run: no result
PROSE = frozenset({"answer", "reason", "conditions", "numbers"})  # words about numbers that stand in other columns
ROWS = 200_000  # of each table in memory at a time


class NotComparableError(RuntimeError):
    """The two have nothing in common to compare; the message says why."""


@dataclass(frozen=True)
class Tolerance:
    """Numbers a and b agree if |a − b| ≤ absolute + relative·max(|a|, |b|)."""

    relative: float = 0.0
    absolute: float = 0.0

    @property
    def exact(self) -> bool:
        return self.relative == self.absolute == 0


@dataclass
class Difference:
    """One column's cells that differ; the largest differences and where they are. Infinite: only one is a number."""

    column: str
    count: int = 0
    beyond: int = 0  # cells that differ by more than the tolerance
    largest_absolute: float = 0.0
    largest_relative: float = 0.0
    where: str = ""  # the row of the largest relative difference
    values: tuple[str, str] = ("", "")  # there

    def add(self, keys: pd.DataFrame, one: pd.Series, other: pd.Series, tolerance: Tolerance) -> None:
        """Count the differences of one part of the rows."""
        if is_numeric_dtype(one.dtype) and is_numeric_dtype(other.dtype):
            a, b = one.astype(float).to_numpy(), other.astype(float).to_numpy()
            differ = ~((a == b) | (np.isnan(a) & np.isnan(b)))
            a, b = a[differ], b[differ]
            with np.errstate(invalid="ignore", over="ignore"):
                absolute, size = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
            comparable = np.isfinite(a) & np.isfinite(b)
            absolute, size = np.where(comparable, absolute, np.inf), np.where(comparable, size, 1.0)
            beyond = absolute > tolerance.absolute + tolerance.relative * size
        else:
            differ = (one.astype("str") != other.astype("str")).to_numpy() & ~(one.isna() & other.isna()).to_numpy()
            absolute = size = np.zeros(int(differ.sum()))
            beyond = np.full(len(absolute), tolerance.exact or self.column not in PROSE)
        if not len(absolute):
            return
        relative = np.divide(absolute, size, out=np.zeros_like(absolute), where=size > 0)
        worst = int(np.argmax(relative))
        if not self.count or relative[worst] > self.largest_relative:
            position = int(np.flatnonzero(differ)[worst])
            self.where = ", ".join(str(value) for value in keys.iloc[position])
            self.values = str(one.iloc[position]), str(other.iloc[position])
        self.count += len(absolute)
        self.beyond += int(beyond.sum())
        self.largest_absolute = max(self.largest_absolute, float(absolute.max()))
        self.largest_relative = max(self.largest_relative, float(relative[worst]))


@dataclass
class Comparison:
    """What two files of the same table have in common."""

    name: str
    paths: tuple[Path, Path]
    tolerance: Tolerance
    at_once: int  # rows of each in memory
    rows: tuple[int, int] = (0, 0)
    same_bytes: bool = False
    same_order: bool = True
    matched: int = 0
    only: tuple[int, int] = (0, 0)  # rows that only one has
    examples: tuple[str, str] = ("", "")  # one such row
    columns: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))  # that only one has
    types: list[str] = field(default_factory=list)  # columns of another type
    keys: list[str] = field(default_factory=list)  # what tells rows apart
    both: list[str] = field(default_factory=list)  # the columns of both, keys included
    differences: list[Difference] = field(default_factory=list)

    @property
    def results(self) -> list[Difference]:
        """The differences of results: not of where a run was trained."""
        return [each for each in self.differences if each.column not in LAYOUT]

    @property
    def moved(self) -> list[Difference]:
        """The others: rows that another job trained."""
        return [each for each in self.differences if each.column in LAYOUT]

    @property
    def complete(self) -> bool:
        """Whether both have the same rows and columns."""
        return self.only == (0, 0) and self.columns == ([], [])

    @property
    def same_numbers(self) -> bool:
        return self.same_bytes or (self.complete and not self.results)

    @property
    def within_tolerance(self) -> bool:
        return self.same_bytes or (self.complete and not any(each.beyond for each in self.results))


def compare(name: str, one: Path, other: Path, tolerance: Tolerance, *, rows: int = ROWS) -> Comparison:
    """Compare two Parquet files of one table; `NotComparableError` if one cannot be read or has two rows of one key."""
    result = Comparison(name, (one, other), tolerance, rows)
    try:
        files = pq.ParquetFile(one), pq.ParquetFile(other)
        result.rows = files[0].metadata.num_rows, files[1].metadata.num_rows
        if sha256(one) == sha256(other):
            result.same_bytes, result.matched = True, result.rows[0]
            return result
        schemas = files[0].schema_arrow, files[1].schema_arrow
        result.both = common = [column for column in schemas[0].names if column in schemas[1].names]
        first, second = ([column for column in schema.names if column not in common] for schema in schemas)
        result.columns = first, second
        types = {column: [schema.field(column).type for schema in schemas] for column in common}
        result.types = [f"{column}: {a} | {b}" for column, (a, b) in types.items() if a != b]
        exact = [column for column in common if not pa.types.is_floating(schemas[0].field(column).type)]
        result.keys = [key for key in key_of(name) if key in common] or exact
        if not result.keys:
            raise NotComparableError(f"{name}: no columns say which rows belong together")
        if not _in_step(result):
            result.matched, result.same_order = 0, False
            _by_key(result)
        return result
    except (pa.ArrowException, OSError) as error:
        raise NotComparableError(f"{name}: {str(error).splitlines()[0]} ({one} or {other})") from None


def _parts(path: Path, columns: Sequence[str], rows: int) -> Iterator[pd.DataFrame]:
    """A file's rows, `rows` at a time however they are grouped in the file."""
    kept: list[pa.RecordBatch] = []
    for batch in pq.ParquetFile(path, pre_buffer=False).iter_batches(
        batch_size=rows, columns=list(columns), use_threads=False
    ):
        kept.append(batch)
        table = pa.Table.from_batches(kept)
        while table.num_rows >= rows:
            yield table.slice(0, rows).to_pandas(ignore_metadata=True)
            table = table.slice(rows)
        kept = table.to_batches()
    if kept:
        yield pa.Table.from_batches(kept).to_pandas(ignore_metadata=True)


def _in_step(result: Comparison) -> bool:
    """Compare row by row; False as soon as the files do not have the same rows in the same order."""
    if result.rows[0] != result.rows[1]:
        return False
    differences, keys = _none_yet(result), result.keys
    for a, b in zip(*(_parts(path, result.both, result.at_once) for path in result.paths), strict=True):
        if not all(((a[key] == b[key]) | (a[key].isna() & b[key].isna())).all() for key in keys):
            return False
        for column, difference in differences.items():
            difference.add(a[keys], a[column], b[column], result.tolerance)
        result.matched += len(a)
    result.differences = [each for each in differences.values() if each.count]
    return True


def _none_yet(result: Comparison) -> dict[str, Difference]:
    return {column: Difference(column) for column in result.both if column not in result.keys}


def _by_key(result: Comparison) -> None:
    """Match rows by their keys, a hash bucket at a time."""
    n_buckets = max(1, -(-max(result.rows) // result.at_once))
    differences, keys = _none_yet(result), result.keys
    only, examples = [0, 0], ["", ""]
    for bucket in range(n_buckets):
        a, b = (_bucket(path, result, bucket, n_buckets) for path in result.paths)
        for name, frame in (("the first", a), ("the second", b)):
            if frame.duplicated(keys).any():
                twice = ", ".join(map(str, frame.loc[frame.duplicated(keys), keys].iloc[0]))
                raise NotComparableError(f"{result.name}: {name} has more than one row {twice}")
        joined = a.merge(b, on=keys, how="outer", suffixes=("", "\0other"), indicator="\0side")
        for side, label in enumerate(("left_only", "right_only")):
            lonely = joined.loc[joined["\0side"] == label, keys]
            only[side] += len(lonely)
            if len(lonely) and not examples[side]:
                examples[side] = ", ".join(map(str, lonely.iloc[0]))
        both = joined[joined["\0side"] == "both"]
        result.matched += len(both)
        for column, difference in differences.items():
            difference.add(both[keys], both[column], both[f"{column}\0other"], result.tolerance)
    result.only, result.examples = (only[0], only[1]), (examples[0], examples[1])
    result.differences = [each for each in differences.values() if each.count]


def _bucket(path: Path, result: Comparison, bucket: int, n_buckets: int) -> pd.DataFrame:
    """Read the rows of a file whose keys' hash falls into a bucket."""
    found = []
    for part in _parts(path, result.both, result.at_once):
        numbers = [key for key in result.keys if is_numeric_dtype(part[key].dtype)]
        part[numbers] = part[numbers].astype(float)  # the same hash for 3 and 3.0
        hashes = pd.util.hash_pandas_object(part[result.keys], index=False).to_numpy()
        found.append(part[hashes % np.uint64(n_buckets) == bucket])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=result.both)
