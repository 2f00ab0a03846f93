"""Read and write files; a killed job leaves nothing half-written, as files are renamed once they are complete."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regularization.system.errors import REMEDY, UserError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

AGAIN = "delete it and run make again"
CHANGED = "its content is not what was written (the checksums differ)"
ROWS = 100_000  # of a group: what is in memory at once where tables are put together or looked through
# What the disk, or who may use it, does not allow; other errors stay what they are.
NOT_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO)


class CannotWrite(SystemExit):
    """A file cannot be written. A program that does not catch it ends with status 1 and the message, no traceback."""

    def __init__(self, path: Path, error: OSError) -> None:
        _, remedy = REMEDY.get(error.errno or 0, ("", "see to the disk"))
        why = os.strerror(error.errno) if error.errno else str(error)
        super().__init__(f"{path} cannot be written: {why}. What is finished is kept: {remedy}, then start again.")


@contextmanager
def renamed_when_complete(path: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` if the block ends without error; `CannotWrite` if the disk refuses.

    The content is on the disk before the name is, and the name before the program goes on: the file is the old one or
    the new one also after a power cut.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _to_disk(temporary)
        os.replace(temporary, path)
        _to_disk(path.parent)
    except OSError as error:
        if error.errno not in NOT_WRITTEN:
            raise
        raise CannotWrite(path, error) from None
    finally:
        if temporary.exists():
            temporary.unlink()


def _to_disk(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that cannot do so for folders
            raise
    finally:
        os.close(descriptor)


def write_table(table: pd.DataFrame, path: Path, *, csv: bool = False) -> None:
    """Write a table as Parquet, and as CSV beside it if asked."""
    with renamed_when_complete(path) as temporary:
        table.to_parquet(temporary, index=False)
    if csv:
        with renamed_when_complete(path.with_suffix(".csv")) as temporary:
            table.to_csv(temporary, index=False)


def read_table(path: Path, columns: Sequence[str] = (), *, needed: Sequence[str] = (), **options: Any) -> pd.DataFrame:
    """Read one of the study's tables (Parquet), with `options` of `pyarrow.parquet.read_table`.

    `columns` are those to read, none means all; `needed` are others that must be there. Raises `UserError` if the file
    is missing, damaged or of a version with other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_columns(path, [*columns, *needed])
    try:
        table = pq.read_table(path, columns=list(columns) or None, **options)
        # From text in several pieces, one a row group, rows are taken up to 60 times slower. One column at a time: all
        # of them are never held twice.
        for place, field in enumerate(table.schema):
            table = table.set_column(place, field, table.column(place).combine_chunks())
        return table.to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from error


def check_columns(path: Path, needed: Sequence[str] = ()) -> None:
    """Check that a Parquet file is there, begins and ends as one, and has the columns; `UserError` if not."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise UserError(f"{path} is missing: run make, or name the folder of a finished study")
    try:
        there = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from error
    lacking = [name for name in needed if name not in there]
    if lacking:
        version = "another version of this program wrote it"
        raise UserError(f"{path} has no column {', '.join(lacking)}: {version}; {AGAIN}")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of the study's; `UserError` if the file is missing, cut short or something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: run make, or name the folder of a finished study") from error
    except ValueError as error:
        raise UserError(f"{path} is no JSON, or was cut short ({error}): {AGAIN}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} holds no keys and values, as this program writes them: {AGAIN}")
    return content


def damaged(path: Path, error: Exception) -> UserError:
    reason = str(error).strip().splitlines()[0]
    return UserError(f"{path} is no Parquet file, or damaged ({reason}): {AGAIN}")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum(path: Path) -> dict[str, Any]:
    """Return a file's length in bytes and its SHA-256."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def changed(path: Path, written: Mapping[str, Any]) -> str | None:
    """Say how a file differs from what was written, by its `checksum` then; None if it does not."""
    try:
        n_bytes = path.stat().st_size
        if n_bytes != written["bytes"]:
            return f"it has {n_bytes:,} bytes, {written['bytes']:,} were written"
        return None if checksum(path) == written else CHANGED
    except OSError as error:
        return error.strerror


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file's content; if that fails, leave the file as it was."""
    with renamed_when_complete(path) as temporary:
        temporary.write_bytes(content)


def concatenate(parts: Sequence[Path], output: Path) -> int:
    """Write the rows of several Parquet files into one, in their order, with `ROWS` rows in memory at once.

    Of at least one part, the first with rows gives the columns; those without are passed over, for their columns may
    have no types. Returns the number of rows. Raises `UserError` if a part is missing, damaged or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for part in parts:
        check_columns(part)
    filled = [part for part in parts if pq.read_metadata(part).num_rows] or parts[:1]
    schema, rows = pq.read_schema(filled[0]), 0
    for part in filled:
        check_columns(part, schema.names)
    waiting: list[pa.Table] = []
    with renamed_when_complete(output) as temporary, pq.ParquetWriter(temporary, schema) as writer:

        def write() -> None:
            writer.write_table(pa.concat_tables([schema.empty_table(), *waiting]), row_group_size=ROWS)
            waiting.clear()

        for part in filled:
            for batch in _batches(part):
                waiting.append(pa.Table.from_batches([batch]).select(schema.names).cast(schema))
                rows += len(batch)
                if sum(map(len, waiting)) >= ROWS:
                    write()
        write()
    return rows


def _batches(part: Path) -> Iterator[pa.RecordBatch]:
    """Read a Parquet file in pieces; what is wrong with it is not taken for something wrong with what is written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(part) as file:
            yield from file.iter_batches(batch_size=ROWS)
    except (pa.ArrowException, OSError) as error:
        raise damaged(part, error) from error
